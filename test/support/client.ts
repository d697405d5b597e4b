/** Who asks: a user as whom the API key acts, a token, or nobody; without any of them the API key itself. */
export interface Who {
  readonly as?: string;
  readonly token?: string;
  readonly anonymous?: boolean;
  readonly headers?: Record<string, string>;
}

export interface GraphQLAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they asked for, and fail where it is something else
  readonly data: any;
  readonly errors: readonly {
    message: string;
    path?: readonly (string | number)[];
    extensions: Record<string, unknown>;
  }[];
  readonly status: number;
  readonly headers: Headers;
}

/** Asks over HTTP as any program would; `errors` is empty where there are none. */
export function createClient(url: string, apiKey: string) {
  return async function query(document: string, variables?: object, who: Who = {}): Promise<GraphQLAnswer> {
    const secret = who.token ?? (who.anonymous ? undefined : apiKey);
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(secret && { authorization: `Bearer ${secret}` }),
        ...(who.as && { 'x-act-as': who.as }),
        ...who.headers,
      },
      body: JSON.stringify({ query: document, variables }),
    });
    const { data, errors = [] } = (await response.json()) as { data?: unknown; errors?: GraphQLAnswer['errors'] };
    return { data, errors, status: response.status, headers: response.headers };
  };
}

export type Query = ReturnType<typeof createClient>;

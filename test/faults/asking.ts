import type { ServerProcess } from './server-process.ts';

// biome-ignore lint/suspicious/noExplicitAny: programs read what they asked for, and fail where it is something else
export type Data = any;

/** What a question is answered with: data, or the code of the error. */
export interface Answer {
  readonly data: Data;
  readonly code?: string;
}

/** Who asks: a user's uid. */
export type Ask = (as: string, query: string, variables?: object) => Promise<Answer>;

/** Asks over HTTP, once. Throws a TypeError where the connection fails, so that nobody knows what became of it. */
export function createAsk({ url, apiKey }: Pick<ServerProcess, 'url' | 'apiKey'>): Ask {
  return async (as, query, variables) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'x-act-as': as, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data?: Data; errors?: Data[] };
    const code = errors?.[0]?.extensions?.code ?? (errors && String(errors[0]?.message));
    return code ? { data, code } : { data };
  };
}

/** The fields of each of a user's conversations. Throws where they are refused. */
export async function conversationsOf(ask: Ask, uid: string, fields: string): Promise<Data[]> {
  const all: Data[] = [];
  for (let after: string | null = null; ; ) {
    const { data, code }: Answer = await ask(
      uid,
      `query ($after: String) { conversations(first: 100, after: $after) { nodes { ${fields} } pageInfo { hasNextPage endCursor } } }`,
      { after },
    );
    if (code) throw new Error(`${uid} was refused with ${code}`);
    const { nodes, pageInfo } = data.conversations;
    all.push(...nodes);
    if (!pageInfo.hasNextPage) return all;
    after = pageInfo.endCursor;
  }
}

/** Asks until there is an answer: what a client does whose server is gone for a moment. `back` resolves once it may be there again. */
export function insist(ask: Ask, back: () => Promise<void>): Ask {
  return async (...question) => {
    for (;;) {
      try {
        return await ask(...question);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // what fetch throws where the connection fails
        await back();
      }
    }
  };
}

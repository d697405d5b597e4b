import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { onTestFinished } from 'vitest';
import type { TestServer } from './server.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read what they expect, and fail where it is something else
type Result = any;

/** A response of server-sent events under way. */
export interface EventStream {
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
  /** The next result; undefined where the server says that there are no more. Rejects where the response breaks off. */
  next(): Promise<Result>;
}

/** Asks for an event stream, with the API key as a user. */
export async function openStream(
  { url, apiKey }: Pick<TestServer, 'url' | 'apiKey'>,
  who: { readonly as?: string; readonly token?: string },
  query: string,
  variables?: object,
): Promise<EventStream> {
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    authorization: `Bearer ${who.token ?? apiKey}`,
    ...(who.as && { 'x-act-as': who.as }),
  };
  const asking = request(`${url}/graphql`, { method: 'POST', headers, agent: false });
  onTestFinished(() => void asking.destroy());
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asking.once('response', resolve).once('error', reject);
    asking.end(JSON.stringify({ query, variables }));
  });
  const results = resultsOf(response);
  return {
    request: asking,
    response,
    async next() {
      const { value, done } = await results.next();
      if (done) throw new Error('the stream broke off');
      return value;
    },
  };
}

async function* resultsOf(response: IncomingMessage): AsyncGenerator<Result> {
  let rest = '';
  for await (const chunk of response.setEncoding('utf8')) {
    const events = `${rest}${chunk}`.split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      if (event.startsWith('event: complete')) yield undefined;
      const data = /^event: next\ndata: (.*)$/s.exec(event)?.[1];
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}

import { type Client, createClient } from 'graphql-ws';
import { onTestFinished } from 'vitest';
import WebSocket from 'ws';
import type { Who } from './client.ts';
import type { TestServer } from './server.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read what they asked for, and fail where it is something else
type Data = any;

/** A subscription under way: what came, and what is still to come. */
export interface Heard {
  /** The next result's data, once it is there; rejects where the subscription ends before, with its errors where it has some. */
  next(): Promise<Data>;
  /** What has come that nobody has taken. */
  readonly waiting: readonly Data[];
  /** Resolves when the server has ended the subscription, with its errors where it has some. */
  readonly ended: Promise<readonly { extensions?: { code?: string } }[]>;
  stop(): void;
}

/** How a client signs in on a socket. */
export function paramsOf(server: Pick<TestServer, 'apiKey'>, who: Who): Record<string, string> {
  const secret = who.token ?? (who.anonymous ? undefined : server.apiKey);
  return { ...(secret && { authorization: `Bearer ${secret}` }), ...(who.as && { 'x-act-as': who.as }) };
}

/** A client of graphql-ws's own on one socket: whoever makes it closes it. */
export const openClient = (server: Pick<TestServer, 'url' | 'apiKey'>, who: Who, more: object = {}): Client =>
  createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: paramsOf(server, who),
    retryAttempts: 0,
    ...more,
  });

/** The same, closed when the test ends. */
export function clientFor(server: Pick<TestServer, 'url' | 'apiKey'>, who: Who, more: object = {}): Client {
  const client = openClient(server, who, more);
  onTestFinished(() => void client.dispose());
  return client;
}

/** Subscribes, and resolves once the server has taken the subscription: what happens from then on is heard. */
export async function hear(client: Client, query: string, variables?: Record<string, unknown>): Promise<Heard> {
  const waiting: Data[] = [];
  let wanted: PromiseWithResolvers<Data> | undefined;
  let failure: Error | undefined;
  const ended = Promise.withResolvers<readonly { extensions?: { code?: string } }[]>();
  const fail = (errors: readonly object[]) => {
    failure = new Error(`the subscription ended: ${JSON.stringify(errors)}`);
    wanted?.reject(failure);
    ended.resolve(errors);
  };
  const stop = client.subscribe(
    { query, ...(variables && { variables }) },
    {
      next: (result) => {
        if (result.errors) return fail(result.errors);
        if (!wanted) return void waiting.push(result.data);
        wanted.resolve(result.data);
        wanted = undefined;
        return undefined;
      },
      error: (error) => fail(Array.isArray(error) ? error : [error as object]),
      complete: () => fail([]),
    },
  );
  await settled(client);
  return {
    waiting,
    ended: ended.promise,
    stop,
    next() {
      if (waiting.length > 0) return Promise.resolve(waiting.shift());
      if (failure) return Promise.reject(failure);
      wanted = Promise.withResolvers();
      return wanted.promise;
    },
  };
}

/** A question on the same socket is answered after what was sent before it has been dealt with. */
function settled(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    client.subscribe({ query: '{ __typename }' }, { next: () => {}, error: reject, complete: resolve });
  });
}

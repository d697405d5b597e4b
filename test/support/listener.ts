import { type Client, createClient } from 'graphql-ws';
import { onTestFinished, vi } from 'vitest';
import WebSocket from 'ws';
import type { Hub, Listener } from '../../src/live/hub.ts';
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

/** A server, in this process or another. */
type AnyServer = Pick<TestServer, 'url' | 'apiKey'> & Partial<Pick<TestServer, 'services'>>;

/** What is seen of a hub in this process. */
interface Watched {
  /** How many subscriptions have begun to hear. */
  begun: number;
  /** Resolves once whoever subscribes now hears: one after the other, so that it is known whose beginning is whose. */
  turn: Promise<unknown>;
}

const watched = new WeakMap<Hub, Watched>();
const hubs = new WeakMap<Client, Watched>();

function watch(hub: Hub): Watched {
  const known = watched.get(hub);
  if (known) return known;
  const { enter, hear } = hub;
  const entering = new Set<Listener>(); // others are heard anew where their rights change
  const seen: Watched = { begun: 0, turn: Promise.resolve() };
  hub.enter = (listener) => {
    entering.add(listener);
    enter(listener);
  };
  hub.hear = (listener, names) => {
    hear(listener, names);
    if (entering.delete(listener)) seen.begun += 1;
  };
  watched.set(hub, seen);
  return seen;
}

/** A client of graphql-ws's own on one socket: whoever makes it closes it. */
export function openClient(server: AnyServer, who: Who, more: object = {}): Client {
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: paramsOf(server, who),
    retryAttempts: 0,
    ...more,
  });
  if (server.services) hubs.set(client, watch(server.services.live.hub));
  return client;
}

/** The same, closed when the test ends. */
export function clientFor(server: AnyServer, who: Who, more: object = {}): Client {
  const client = openClient(server, who, more);
  onTestFinished(() => void client.dispose());
  return client;
}

/** Subscribes, and resolves once that hears what happens, or is over; of a server in another process, once it was asked for. */
export function hear(client: Client, query: string, variables?: Record<string, unknown>): Promise<Heard> {
  const hub = hubs.get(client);
  if (!hub) return subscribe(client, undefined, query, variables);
  const heard = hub.turn.then(() => subscribe(client, hub, query, variables));
  hub.turn = heard.catch(() => {});
  return heard;
}

async function subscribe(
  client: Client,
  hub: Watched | undefined,
  query: string,
  variables?: Record<string, unknown>,
): Promise<Heard> {
  const waiting: Data[] = [];
  const before = hub?.begun ?? 0;
  let over = false;
  let wanted: PromiseWithResolvers<Data> | undefined;
  let failure: Error | undefined;
  const ended = Promise.withResolvers<readonly { extensions?: { code?: string } }[]>();
  const fail = (errors: readonly object[]) => {
    failure = new Error(`the subscription ended: ${JSON.stringify(errors)}`);
    wanted?.reject(failure);
    over = true;
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
  if (hub) await vi.waitUntil(() => over || hub.begun > before, { interval: 1, timeout: 10_000 }); // PostgreSQL takes a moment
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

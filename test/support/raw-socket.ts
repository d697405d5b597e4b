import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import WebSocket, { type ClientOptions } from 'ws';
import type { TestServer } from './server.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read what they expect, and fail where it is something else
type Message = any;

interface Options extends ClientOptions {
  /** The subprotocols asked for. */
  readonly protocols?: string | string[];
}

/** A socket on which a test says whatever it wants. */
export interface RawSocket {
  readonly socket: WebSocket;
  /** Sends a message: an object as JSON, a text as it is. */
  send(...messages: readonly (object | string)[]): void;
  /** The next message, once it is there; rejects where the socket closes before. */
  next(): Promise<Message>;
  /** What has come that nobody has taken. */
  readonly waiting: readonly Message[];
  /** Resolves with what the socket is closed with. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** Opens a socket that has said nothing yet; it is cut when the test ends. */
export async function openSocket(
  { url }: Pick<TestServer, 'url'>,
  { protocols = 'graphql-transport-ws', ...options }: Options = {},
): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocols, options);
  onTestFinished(() => socket.terminate());
  const waiting: Message[] = [];
  const wanted: PromiseWithResolvers<Message>[] = [];
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    const taker = wanted.shift();
    if (taker) taker.resolve(message);
    else waiting.push(message);
  });
  socket.on('close', (code, reason) => {
    closed.resolve({ code, reason: reason.toString() });
    for (const { reject } of wanted) reject(new Error(`closed with ${code} ${reason}`));
  });
  await once(socket, 'open');
  socket.on('error', () => {}); // it closes then
  return {
    socket,
    waiting,
    closed: closed.promise,
    send(...messages) {
      for (const message of messages) socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    },
    next() {
      if (waiting.length > 0) return Promise.resolve(waiting.shift());
      const taker = Promise.withResolvers<Message>();
      wanted.push(taker);
      return taker.promise;
    },
  };
}

/** The same, signed in with the API key as a user. */
export async function openAs(
  server: Pick<TestServer, 'url' | 'apiKey'>,
  uid: string,
  options?: Options,
): Promise<RawSocket> {
  const raw = await openSocket(server, options);
  raw.send({
    type: 'connection_init',
    payload: { authorization: `Bearer ${server.apiKey}`, 'x-act-as': uid },
  });
  await raw.next();
  return raw;
}

/** A `subscribe` message. */
export const operation = (id: string, query: string, variables?: object) => ({
  id,
  type: 'subscribe',
  payload: { query, ...(variables && { variables }) },
});

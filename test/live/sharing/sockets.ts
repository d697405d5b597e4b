import WebSocket from 'ws';
import type { TestServer } from '../../support/server.ts';
import type { Asked } from './documents.ts';
import { ending, type Told } from './twins.ts';

/** A client's socket with many subscriptions on it. */
export interface Device {
  subscribe(asked: Asked): Told;
  /** Resolves once the server has dealt with what was sent before. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Connects, and signs in. */
export async function connect(server: TestServer, params: object): Promise<Device> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const operations = new Map<string, string[]>();
  const waiting: (() => void)[] = [];
  const ready = Promise.withResolvers<void>();
  const send = (message: object) => socket.send(JSON.stringify(message));
  socket.once('open', () => send({ type: 'connection_init', payload: params }));
  socket.once('error', ready.reject);
  socket.once('close', (code) => ready.reject(new Error(`closed: ${code}`)));
  socket.on('message', (data) => {
    const { id, type, payload } = JSON.parse(String(data));
    if (type === 'connection_ack') ready.resolve();
    if (type === 'pong') waiting.shift()?.();
    if (type === 'next') operations.get(id)?.push(JSON.stringify(payload));
    if (type === 'error') operations.get(id)?.push(ending(payload));
    if (type === 'complete') operations.get(id)?.push(ending());
  });
  await ready.promise;
  return {
    subscribe(asked) {
      const id = crypto.randomUUID();
      const results: string[] = [];
      operations.set(id, results);
      send({ id, type: 'subscribe', payload: asked });
      return { results, stop: () => send({ id, type: 'complete' }) };
    },
    settled: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        send({ type: 'ping' });
      }),
    async close() {
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.close();
      await closed;
    },
  };
}

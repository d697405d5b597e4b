import { finished, type Readable } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';

const BYTES_AHEAD = 512 * 1024;

/** What passes from thread to thread: an item, an error that ends them, or neither at their end. Each item taken is answered with null. */
interface Part<T> {
  readonly item?: T;
  readonly error?: unknown;
}

/** Sends what a stream gives, its error included, and reads no more than half a MB ahead of whoever takes it. */
export function sendBytes(port: MessagePort, stream: Readable): void {
  const sent: number[] = [];
  let ahead = 0;
  const send = (part: Part<Buffer>) => port.postMessage(part);
  stream.on('data', (item: Buffer) => {
    send({ item });
    sent.push(item.length);
    ahead += item.length;
    if (ahead >= BYTES_AHEAD) stream.pause();
  });
  finished(stream, { writable: false }, (error) => send(error ? { error } : {})); // also where it has ended before
  port.on('message', () => {
    ahead -= sent.shift() ?? 0;
    if (ahead < BYTES_AHEAD) stream.resume();
  });
}

/** Sends items, and what their source throws, with at most `ahead` of them waiting to be taken. */
export async function sendAll<T>(port: MessagePort, items: AsyncIterable<T>, ahead: number): Promise<void> {
  const send = (part: Part<T>) => port.postMessage(part);
  let waiting = 0;
  let taken = () => {};
  port.on('message', () => {
    waiting -= 1;
    taken();
  });
  try {
    for await (const item of items) {
      if (waiting === ahead) await new Promise<void>((resolve) => (taken = resolve));
      send({ item });
      waiting += 1;
    }
    send({});
  } catch (error) {
    send({ error });
  }
}

/** What the other thread sends. Throws its error; and an error of its own where that thread ends before its items do. */
export async function* receiveAll<T>(port: MessagePort): AsyncGenerator<T> {
  const arrived: Part<T>[] = [];
  let wake = () => {};
  const arrive = (part: Part<T>) => {
    arrived.push(part);
    wake();
  };
  port.on('message', arrive);
  port.on('close', () => arrive({ error: new Error('the other thread has ended') }));
  for (;;) {
    const part = arrived.shift();
    if (!part) await new Promise<void>((resolve) => (wake = resolve));
    else if (part.error !== undefined) throw part.error;
    else if (part.item === undefined) return;
    else {
      port.postMessage(null);
      yield part.item;
    }
  }
}

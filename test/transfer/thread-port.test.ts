import { Readable } from 'node:stream';
import { MessageChannel } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { receiveAll, sendAll, sendBytes } from '../../src/transfer/thread-port.ts';

function channel() {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  return [port1, port2] as const;
}

async function* numbers(given: number[], until: number): AsyncGenerator<number> {
  for (let n = 1; n <= until; n++) {
    given.push(n);
    yield n;
  }
}

async function taken<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('items arrive in order, and their source is never further ahead than it may be', async () => {
  const [out, into] = channel();
  const given: number[] = [];
  const sent = sendAll(out, numbers(given, 100), 3);
  const all: number[] = [];
  for await (const n of receiveAll<number>(into)) {
    all.push(n);
    expect(given.length).toBeLessThanOrEqual(n + 4); // three that wait, and one at the door
  }
  await sent;
  expect(all).toEqual(given);
});

test('what the source throws is thrown where the items are taken', async () => {
  const [out, into] = channel();
  async function* broken() {
    yield 1;
    throw new RangeError('no more');
  }
  const sent = sendAll(out, broken(), 3);
  await expect(taken(receiveAll(into))).rejects.toThrow(new RangeError('no more'));
  await sent;
});

test('whoever waits for a thread that has ended is told so', async () => {
  const [out, into] = channel();
  const waiting = taken(receiveAll(into));
  out.close();
  await expect(waiting).rejects.toThrow('the other thread has ended');
});

test('a stream is sent to its end, also where it has ended before, and its error is thrown where its bytes are taken', async () => {
  const [out, into] = channel();
  const chunks = Array.from({ length: 20 }, (_, n) => Buffer.alloc(100_000, n));
  const stream = Readable.from(chunks, { objectMode: false });
  sendBytes(out, stream);
  expect(Buffer.concat(await taken(receiveAll<Uint8Array>(into)))).toEqual(Buffer.concat(chunks));

  const [again, nothing] = channel();
  sendBytes(again, stream);
  expect(await taken(receiveAll(nothing))).toEqual([]);

  const [wrong, told] = channel();
  const failing = new Readable({ read: () => void failing.destroy(new Error('the disk is gone')) });
  sendBytes(wrong, failing);
  await expect(taken(receiveAll(told))).rejects.toThrow('the disk is gone');
});

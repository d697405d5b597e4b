import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { ParsedLines } from './parse-lines.ts';
import type { ParsedBatch, ParseTask } from './parse-worker.ts';
import { receiveAll, sendBytes } from './thread-port.ts';

/** A file of lines that is being read. */
export interface Source {
  /** Its lines, as many at a time as are written together. */
  readonly batches: AsyncIterable<ParsedLines>;
  /** Its size in bytes as it lies there; undefined where nobody knows it before the end. */
  readonly size: number | undefined;
  /** How many of them have been read. */
  readonly read: () => number;
}

/** Opens a file, or standard input where it is named `-`. Throws where it is not there, or is a folder. */
export async function openSource(name: string): Promise<Source> {
  const found = name === '-' ? undefined : await stat(name);
  if (found?.isDirectory()) throw new Error('it is a folder');
  let read = 0;
  async function* batches(): AsyncGenerator<ParsedLines> {
    for await (const batch of parsedElsewhere(name)) {
      read = batch.read;
      yield JSON.parse(batch.json);
    }
  }
  return { batches: batches(), size: found?.size, read: () => read };
}

/** A file's lines, parsed by another thread. Whoever leaves before the end, or in an error, leaves nothing running. */
async function* parsedElsewhere(name: string): AsyncGenerator<ParsedBatch> {
  const stdin = name === '-' ? new MessageChannel() : undefined; // of which only this thread can let go at any time
  const lines = new MessageChannel();
  const task: ParseTask = { from: stdin?.port2 ?? name, to: lines.port2 };
  const worker = new Worker(new URL('./parse-worker.ts', import.meta.url), {
    workerData: task,
    transferList: [task.to, ...(stdin ? [stdin.port2] : [])],
  });
  const ended = once(worker, 'exit'); // rejects with what nobody caught there
  ended.catch(() => {});
  try {
    if (stdin) sendBytes(stdin.port1, process.stdin);
    yield* receiveAll<ParsedBatch>(lines.port1);
  } catch (error) {
    await worker.terminate();
    await ended; // its own error tells more than that its port is closed
    throw error;
  } finally {
    if (stdin) process.stdin.destroy();
    await worker.terminate();
  }
}

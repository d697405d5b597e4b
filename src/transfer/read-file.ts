import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Line, readLines } from './lines.ts';
import { unzip } from './unzip.ts';

const CHUNK = 65_536;

/** A file of lines that is being read. */
export interface Source {
  /** Its lines, as many at a time as are written together. */
  readonly batches: AsyncIterable<readonly Line[]>;
  /** Its size in bytes as it lies there; undefined where nobody knows it before the end. */
  readonly size: number | undefined;
  /** How many of them have been read. */
  readonly read: () => number;
}

/** Opens a file, or standard input where it is named `-`. Throws where it is not there, or is a folder. */
export async function openSource(name: string): Promise<Source> {
  const found = name === '-' ? undefined : await stat(name);
  if (found?.isDirectory()) throw new Error('it is a folder');
  const size = found?.size;
  const stream = name === '-' ? process.stdin : createReadStream(name, { highWaterMark: CHUNK });
  let read = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      read += chunk.length;
      yield chunk;
    }
  }
  return { batches: ahead(readLines(unzip(counted()))), size, read: () => read };
}

/** The same, with the next item under way while one is dealt with: unpacking is done by another thread. */
async function* ahead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = items.next();
  for (;;) {
    const { done, value } = await next;
    if (done) return;
    next = items.next();
    next.catch(() => {}); // it rejects where it is awaited
    yield value;
  }
}

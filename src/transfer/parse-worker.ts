import { createReadStream } from 'node:fs';
import { type MessagePort, workerData } from 'node:worker_threads';
import { readLines } from './lines.ts';
import { parseLines } from './parse-lines.ts';
import { receiveAll, sendAll } from './thread-port.ts';
import { unzip } from './unzip.ts';

const CHUNK = 65_536; // larger ones leave holes in memory that nothing else fits into
const BATCHES_AHEAD = 2;

/** What the thread reads, a file by its name or bytes that the other sends, and where it sends the lines to. */
export interface ParseTask {
  readonly from: string | MessagePort;
  readonly to: MessagePort;
}

/** Some lines, as JSON of ParsedLines: one string passes from thread to thread at a third of the time that its objects take. */
export interface ParsedBatch {
  readonly json: string;
  /** How many bytes of the file have been read so far. */
  readonly read: number;
}

/** Reads lines and parses them, on a processor of its own: the other writes meanwhile what was parsed before. */
async function* parse(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ParsedBatch> {
  let read = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      read += chunk.length;
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    }
  }
  for await (const lines of readLines(unzip(counted()))) yield { json: JSON.stringify(parseLines(lines)), read };
}

const { from, to }: ParseTask = workerData;
const chunks =
  typeof from === 'string' ? createReadStream(from, { highWaterMark: CHUNK }) : receiveAll<Uint8Array>(from);
await sendAll(to, parse(chunks), BATCHES_AHEAD);

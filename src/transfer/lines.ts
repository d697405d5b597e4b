import { isAscii, isUtf8 } from 'node:buffer';

const LINE_MAX = 16 * 1024 * 1024; // bytes
const BATCH_LINES = 1_000;
const BATCH_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = '\ufeff';

/** A line of a file, counted from 1: its text, or why it can't be read. */
export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly problem: string };

/** The lines of a file, some at a time: as many as are written together. Empty ones are left out, but count. */
export async function* readLines(chunks: AsyncIterable<Buffer | Error>): AsyncGenerator<Line[]> {
  const lines = createLines();
  for await (const chunk of chunks) {
    if (chunk instanceof Error) lines.fail(chunk.message);
    else for (const batch of lines.add(chunk)) yield batch;
  }
  yield lines.end();
}

function createLines() {
  let batch: Line[] = [];
  let bytes = 0;
  let number = 0;
  let rest: Buffer[] = [];
  let restBytes = 0;
  let problem: string | undefined;

  function take(chunk: Buffer, start: number, end: number, ascii: boolean) {
    const length = restBytes + end - start;
    number += 1;
    bytes += Math.min(length, LINE_MAX);
    if (rest.length === 0 && restBytes === 0 && ascii) return push(chunk.toString('latin1', start, end));
    const tail = chunk.subarray(start, end);
    const line = rest.length > 0 ? Buffer.concat([...rest, tail]) : tail;
    [rest, restBytes] = [[], 0];
    if (length > LINE_MAX) batch.push({ number, problem: `is longer than ${LINE_MAX / 1024 / 1024} MB` });
    else if (isUtf8(line)) push(line.toString('utf8'));
    else batch.push({ number, problem: 'is not UTF-8' });
  }

  function push(line: string) {
    const text = number === 1 && line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line;
    if (text.trim() !== '') batch.push({ number, text });
  }

  function keep(part: Buffer) {
    restBytes += part.length;
    if (restBytes <= LINE_MAX) rest.push(part);
    else rest = [];
  }

  function cut(): Line[] {
    const full = batch;
    [batch, bytes] = [[], 0];
    return full;
  }

  return {
    /** Takes bytes, and gives the batches that they fill. */
    *add(chunk: Buffer): Generator<Line[]> {
      const ascii = isAscii(chunk); // so nearly all are, and are read twice as fast
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        take(chunk, start, end, ascii);
        start = end + 1;
        if (batch.length >= BATCH_LINES || bytes >= BATCH_BYTES) yield cut();
      }
      if (start < chunk.length) keep(chunk.subarray(start));
    },
    /** The file can't be read further. */
    fail(reason: string) {
      problem = reason;
    },
    /** What is left. A line that the file breaks off in is not a line. */
    end(): Line[] {
      if (problem !== undefined) batch.push({ number: number + 1, problem });
      else if (restBytes > 0) take(Buffer.alloc(0), 0, 0, false);
      return cut();
    },
  };
}

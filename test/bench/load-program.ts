// The load of the benchmarks, in a process of its own: so many connections, each of which asks again as soon as it is answered. It knows
// of HTTP only what it needs, so that it takes less from the two cores than the server that it measures. It is ordered over IPC.
import { connect } from 'node:net';
import type { Ask, Latencies, LoadOrder, LoadResult } from './load.ts';

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const END_OF_CHUNKS = Buffer.from('\r\n0\r\n\r\n');
const SHOWN_MAX = 1_000;

process.on('message', async (order: LoadOrder) => process.send?.(await run(order)));

async function run(order: LoadOrder): Promise<LoadResult & { readonly wrong: string | undefined }> {
  const { port, connections, beside } = order;
  const requests = order.asks.map((ask) => requestOf(port, ask));
  const started = performance.now();
  const until = 'seconds' in order ? started + order.seconds * 1000 : Number.POSITIVE_INFINITY;
  const times = 'times' in order ? order.times : Number.POSITIVE_INFINITY;
  let next = 0;
  let wrong: string | undefined;
  const takeTo =
    (taken: number[]): Take =>
    (answer, body, { wanted }, ms) => {
      taken.push(ms);
      if (!isRight(answer, body, wanted)) wrong ??= answer.toString('utf8', 0, SHOWN_MAX);
    };

  const [taken, takenBeside]: [number[], number[]] = [[], []];
  const ask = () => (next < times && performance.now() < until ? requests[next++ % requests.length] : undefined);
  const running = Array.from({ length: connections }, () => converse(port, ask, takeTo(taken)));
  let over = false;
  const another = beside && requestOf(port, beside);
  const other = another && converse(port, () => (over ? undefined : another), takeTo(takenBeside));
  await Promise.all(running);
  const rate = taken.length / ((performance.now() - started) / 1000);
  over = true;
  await other;
  const result = { answers: taken.length, rate, ...latenciesOf(taken), wrong };
  return other ? { ...result, beside: latenciesOf(takenBeside) } : result;
}

interface Request {
  readonly bytes: Buffer;
  readonly wanted: Buffer | undefined;
}

type Take = (answer: Buffer, body: Buffer, request: Request, ms: number) => void;

/** Asks on a connection of its own until there is nothing more to ask. */
function converse(port: number, ask: () => Request | undefined, take: Take): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let answer: Buffer | undefined;
    let request: Request | undefined;
    let asked = 0;
    const goOn = () => {
      request = ask();
      asked = performance.now();
      if (request) socket.write(request.bytes);
      else socket.end(resolve);
    };
    socket.on('connect', goOn).on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a connection')));
    socket.on('data', (chunk: Buffer) => {
      answer = answer ? Buffer.concat([answer, chunk]) : chunk;
      const body = bodyOf(answer);
      if (!body || !request) return;
      take(answer, body, request, performance.now() - asked);
      answer = undefined;
      goOn();
    });
  });
}

function requestOf(port: number, { token, body, expected }: Ask): Request {
  const head = [
    'POST /graphql HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/json',
    'Accept: application/json',
    `Authorization: Bearer ${token}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  const wanted = expected === undefined ? undefined : Buffer.from(expected);
  return { bytes: Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`), wanted };
}

/** The body of an answer; undefined where it has not come whole. */
function bodyOf(answer: Buffer): Buffer | undefined {
  const end = answer.indexOf(END_OF_HEAD);
  if (end < 0) return undefined;
  const start = end + END_OF_HEAD.length;
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(answer.toString('latin1', 0, end)) ?? [];
  if (length)
    return answer.length >= start + Number(length) ? answer.subarray(start, start + Number(length)) : undefined;
  return answer.subarray(-END_OF_CHUNKS.length).equals(END_OF_CHUNKS) ? joinChunks(answer.subarray(start)) : undefined;
}

function joinChunks(chunks: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = chunks.indexOf('\r\n', at);
    const length = Number.parseInt(chunks.toString('latin1', at, line), 16);
    if (!(length > 0)) return Buffer.concat(parts);
    parts.push(chunks.subarray(line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
}

function isRight(answer: Buffer, body: Buffer, wanted: Buffer | undefined): boolean {
  if (answer.toString('latin1', 0, 13) !== 'HTTP/1.1 200 ') return false;
  return wanted ? body.equals(wanted) : body.toString('latin1', 0, 8) === '{"data":' && !body.includes('"errors":');
}

function latenciesOf(taken: readonly number[]): Latencies {
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

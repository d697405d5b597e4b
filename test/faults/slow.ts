import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import WebSocket from 'ws';
import { type Observed, observe } from './observe.ts';
import type { Report } from './report.ts';

const events = (text: string) => `subscription { events(kinds: [MESSAGE_SENT]) {
  ... on MessageSentEvent { message { muid ... on TextMessage { ${text} } } } } }`;
const EVENTS = events('text');
/** Of more bytes, so that the kernel's buffers are soon full. */
const LARGE = events('a: text b: text c: text d: text e: text f: text g: text h: text');
const SEND = 'mutation ($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id } } }';
const TEXT = 'x'.repeat(15_000);
const CUT_BYTES = 1024 * 1024;

interface Scale {
  /** Clients that read. */
  readonly readers: number;
  /** Clients that stop reading. */
  readonly stalled: number;
  readonly seconds: number;
  /** Messages a second. */
  readonly rate: number;
}

export const SHORT: Scale = { readers: 20, stalled: 5, seconds: 8, rate: 25 };
export const LONG: Scale = { readers: 100, stalled: 20, seconds: 30, rate: 40 };

/** F11: some clients stop reading; the others hear as fast as before, and what waited for those is bounded, and freed. */
export async function run({ readers, stalled, seconds, rate }: Scale): Promise<Report> {
  const server = await observe();
  try {
    const delays: number[] = [];
    const reading = await Promise.all(Array.from({ length: readers }, () => listen(server, EVENTS)));
    for (const socket of reading) {
      socket.on('message', (data) => {
        const sentAt = /"muid":"(\d+\.\d+)/.exec(String(data))?.[1];
        if (sentAt) delays.push(performance.now() - Number(sentAt));
      });
    }
    const before = await server.held();
    await send(server, rate, seconds);
    const alone = delays.splice(0);
    const stalling = await Promise.all(Array.from({ length: stalled }, () => listen(server, LARGE)));
    for (const socket of stalling) socket.pause();
    let peak = 0;
    let watching = true;
    const watch = (async () => {
      while (watching) {
        peak = Math.max(peak, (await server.held(false)).buffers - before.buffers);
        await wait(200);
      }
    })();
    await send(server, rate, seconds);
    watching = false;
    await watch;
    const beside = delays.splice(0);
    await wait(6_000); // the server's patience with a close that is not answered
    const after = await server.held();
    const [p99alone, p99] = [percentile(alone, 0.99), percentile(beside, 0.99)];
    const differences: string[] = [];
    if (after.sessions !== readers) differences.push(`${after.sessions} sessions are left: ${readers} read on`);
    if (beside.length !== alone.length)
      differences.push(`${beside.length} deliveries: ${alone.length} without the stalled`);
    if (peak > (2 * stalled + 8) * CUT_BYTES) differences.push(`${peak} bytes waited`);
    if (after.buffers > before.buffers + CUT_BYTES)
      differences.push(`${after.buffers - before.buffers} bytes are kept`);
    if (p99 > Math.max(2 * p99alone, p99alone + 25)) differences.push(`p99 ${p99} ms: ${p99alone} ms before`);
    return {
      figures: {
        deliveries: beside.length,
        'p50 alone, ms': percentile(alone, 0.5),
        'p50 beside the stalled, ms': percentile(beside, 0.5),
        'p99 alone, ms': p99alone,
        'p99 beside the stalled, ms': p99,
        'bytes that waited, at most': peak,
        'bytes kept at the end': after.buffers - before.buffers,
      },
      differences,
    };
  } finally {
    await server.stop();
  }
}

async function listen({ url, apiKey }: Observed, query: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.on('error', () => {});
  const say = (message: object) => socket.send(JSON.stringify(message));
  say({ type: 'connection_init', payload: { authorization: `Bearer ${apiKey}`, 'x-act-as': 'ada' } });
  await once(socket, 'message');
  say({ id: '1', type: 'subscribe', payload: { query } });
  say({ id: '2', type: 'subscribe', payload: { query: '{ __typename }' } });
  await once(socket, 'message');
  return socket;
}

async function send({ url, apiKey }: Observed, rate: number, seconds: number) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, 'x-act-as': 'bob' };
  const start = performance.now();
  const sent: Promise<unknown>[] = [];
  for (let n = 0; n < rate * seconds; n += 1) {
    await wait(Math.max(0, start + (n * 1000) / rate - performance.now()));
    const input = { receiverType: 'USER', receiverId: 'ada', text: TEXT, muid: `${performance.now().toFixed(3)}-${n}` };
    const asking = request(`${url}/graphql`, { method: 'POST', headers });
    asking.end(JSON.stringify({ query: SEND, variables: { input } }));
    sent.push(once(asking, 'response').then(([response]) => once(response.resume(), 'end')));
  }
  await Promise.all(sent);
  await wait(1_000); // the last are on their way
}

function percentile(values: number[], share: number): number {
  const sorted = values.sort((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10;
}

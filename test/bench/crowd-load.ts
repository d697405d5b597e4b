// The clients of the benchmarks of fan-out, in a process of their own: many sockets, whose frames are counted by their heads and not
// read. As they share the cores with the server, they are made to cost little: all read into one buffer. It does what its parent orders,
// and answers each order.
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Order } from './crowd-orders.ts';

const EMPTY = Buffer.alloc(0);
const [TEXT, PING, PONG] = [0x81, 0x89, 0x8a];
const NEXT = 'event: next\n'; // one that two packets share is missed: there is none, as each event is written at once
const AT_ONCE = 100;
const received = Buffer.allocUnsafe(256 * 1024);

interface Client {
  readonly socket: Socket;
  frames: number;
  rest: Buffer;
  skip: number;
}

const clients: Client[] = [];
let came: number[][] = []; // of each number of a frame, when each socket had it
let total = 0;
let first = ''; // the first frame since the last order
let wanted: { readonly frames: number; readonly resolve: () => void } | undefined;

const now = () => Number(process.hrtime.bigint()) / 1e6; // of all processes

/** A frame as clients send it, its mask of zeros leaving the text as it is. */
function frame(text: string, kind = TEXT): Buffer {
  const body = Buffer.from(text);
  const head = body.length < 126 ? Buffer.from([kind, 0x80 | body.length]) : Buffer.from([kind, 0xfe, 0, 0]);
  if (body.length >= 126) head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, Buffer.alloc(4), body]);
}

function take(client: Client, chunk: Buffer) {
  const time = now();
  const data = client.rest.length > 0 ? Buffer.concat([client.rest, chunk]) : chunk;
  client.rest = EMPTY;
  let at = client.skip;
  while (at < data.length) {
    const short = data[at + 1] ?? 126;
    const head = short < 126 ? 2 : 4;
    if (at + head > data.length) {
      client.rest = Buffer.from(data.subarray(at));
      client.skip = 0;
      return;
    }
    if (data[at] === TEXT) {
      if (total === 0) first = data.toString('utf8', at + head);
      count(client, time);
    } else if (data[at] === PING) client.socket.write(frame('', PONG));
    else throw new Error(`closed: ${data.subarray(at)}`);
    at += head + (short < 126 ? short : data.readUInt16BE(at + 2));
  }
  client.skip = at - data.length;
}

function count(client: Client, time: number) {
  const number = client.frames++;
  total += 1;
  if (!wanted) return;
  const times = came[number] ?? [];
  times.push(time);
  came[number] = times;
  if (total === wanted.frames) wanted.resolve();
}

/** Resolves once so many frames have come since the last order. */
function frames(count: number): Promise<void> {
  came = [];
  total = 0;
  for (const client of clients) client.frames = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  wanted = { frames: count, resolve };
  return promise;
}

/** A socket whose bytes `receive` takes; it has so little to keep of them that all are read into one buffer. */
function dial(port: number, receive: (bytes: Buffer) => void): Socket {
  const callback = (bytes: number) => {
    receive(received.subarray(0, bytes));
    return true;
  };
  return connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: received, callback } });
}

/** Reads server-sent events: a client's frames are then its results. */
function openStream(port: number, headers: object, query: string) {
  const body = JSON.stringify({ query });
  const all = { ...headers, host: '127.0.0.1', accept: 'text/event-stream', 'content-type': 'application/json' };
  const lines = Object.entries({ ...all, 'content-length': body.length }).map(([name, value]) => `${name}: ${value}`);
  const socket = dial(port, (bytes) => {
    const time = now();
    for (let at = bytes.indexOf(NEXT); at >= 0; at = bytes.indexOf(NEXT, at + NEXT.length)) count(client, time);
  });
  const client: Client = { socket, frames: 0, rest: EMPTY, skip: 0 };
  clients.push(client);
  socket.write(`POST /graphql HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}

async function open(port: number, params: object) {
  const upgraded = Promise.withResolvers<void>();
  let receive = (chunk: Buffer) => {
    if (!chunk.includes('101 Switching')) return upgraded.reject(new Error(String(chunk)));
    receive = (frames) => take(client, frames);
    return upgraded.resolve();
  };
  const socket = dial(port, (bytes) => receive(bytes));
  const client: Client = { socket, frames: 0, rest: EMPTY, skip: 0 };
  socket.once('error', upgraded.reject);
  socket.write(
    [
      'GET /graphql HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
    ].join('\r\n'),
  );
  await upgraded.promise;
  clients.push(client);
  socket.write(frame(JSON.stringify({ type: 'connection_init', payload: params })));
}

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'connect': {
      const acknowledged = frames(order.sockets);
      for (let n = 0; n < order.sockets; n += AT_ONCE) {
        const some = Array.from({ length: Math.min(AT_ONCE, order.sockets - n) }, (_, i) => n + i);
        await Promise.all(some.map((i) => open(order.port, { ...order.params, 'x-act-as': `member-${i}` })));
      }
      return acknowledged;
    }
    case 'stream':
      for (let n = 0; n < order.streams; n++) {
        openStream(order.port, { ...order.headers, 'x-act-as': `member-${n}` }, order.query);
        if (n % AT_ONCE === 0) await wait(AT_ONCE);
      }
      return undefined;
    case 'subscribe': {
      const payload = { query: order.query, variables: order.variables };
      for (const { socket } of clients) {
        const id = order.uuid ? crypto.randomUUID() : '1';
        socket.write(frame(JSON.stringify({ id, type: 'subscribe', payload })));
      }
      return undefined;
    }
    case 'count':
      void frames(order.frames).then(() => process.send?.('all'));
      return undefined;
    case 'counted': {
      const { since } = order;
      wanted = undefined;
      const late = came
        .flatMap((times, n) => times.map((time) => time - (since[n] ?? since[0] ?? 0)))
        .sort((a, b) => a - b);
      const part = (of: number) => late[Math.min(late.length - 1, Math.floor(late.length * of))] ?? Number.NaN;
      const last = came.map((times, n) => (times.at(-1) ?? Number.NaN) - (since[n] ?? since[0] ?? 0));
      return { at: Math.max(...came.map((times) => times.at(-1) ?? 0)), first, p50: part(0.5), p99: part(0.99), last };
    }
  }
}

process.on('message', async (order: Order) => process.send?.({ done: await obey(order) }));
process.once('disconnect', () => process.exit());

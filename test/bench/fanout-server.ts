// A server of the benchmark of fan-out: Parley; `ws` alone, which sends the same bytes to each socket; or graphql-ws, which executes
// for each subscriber, with Yoga. Usage: node --expose-gc test/bench/fanout-server.ts <kind> <database>. It does what its parent orders.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { type ExecutionArgs, executeSubscriptionEvent, parse, validateSubscriptionArgs } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga } from 'graphql-yoga';
import { type WebSocket, WebSocketServer } from 'ws';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { encodeCursor } from '../../src/events/cursor.ts';
import { lastPlace } from '../../src/events/feed-store.ts';
import { createSharedContext } from '../../src/graphql/context.ts';
import { createPlayground } from '../../src/http/playground.ts';
import type { Occurrence } from '../../src/live/occurrence.ts';
import { createLog } from '../../src/log.ts';
import { schema } from '../../src/schema.ts';
import { startServer } from '../../src/server.ts';
import { must } from '../../src/store/handle.ts';
import { openDatabase } from '../../src/store/open.ts';
import { EVENTS, KEY, type ServerOrder } from './crowd-orders.ts';
import { createPeer } from './fanout-peer.ts';

type Tell = (uuid: boolean) => void;

const [kind = '', database = ''] = process.argv.slice(2);
const WS = { perMessageDeflate: false, allowSynchronousEvents: false, handleProtocols: () => 'graphql-transport-ws' };
const db = await openDatabase(database, 'write');
const services = createApp(db);
const occurrence = await sample();
const servers = { parley, ws: bare, 'graphql-ws': perSubscriber };
const { port, tell, listeners } = await servers[kind as keyof typeof servers]();

async function sample(): Promise<Occurrence> {
  const user = must(await services.users.findAny('member-0'));
  const to = {
    receiverType: 'group',
    receiverId: 'crowd',
    text: 'The quick brown fox jumps over the lazy dog',
  } as const;
  const { id, conversationId } = await services.sending.sendText(
    { kind: 'user', id: user.id, uid: user.uid, byKey: false },
    to,
  );
  return {
    ...{
      kind: 'MESSAGE_SENT',
      at: 1_700_000_000,
      place: { xid: 0, position: 0 },
      cursor: 'Y3Vyc29yIG9mIHRoaXMgbGVuZ3Ro',
    },
    ...{
      topics: ['group:crowd'],
      byId: user.id,
      userId: null,
      conversationId,
      messageId: id,
      details: null,
      hidden: false,
    },
  };
}

async function parley() {
  const config = readConfig({ PORT: '0', PARLEY_DATABASE: database, PARLEY_API_KEY: KEY });
  const log = createLog('silent');
  const options = { config, db, services, apiKey: KEY, log, playground: createPlayground({}) };
  const { url } = await startServer(options);
  const tell: Tell = () => void services.live.hub.publish(occurrence, new Set());
  return { port: Number(new URL(url).port), tell, listeners: () => services.live.hub.size() };
}

async function bare() {
  const { server, wss } = await listen();
  wss.on('connection', (socket: WebSocket) => {
    socket.on('message', (data) => {
      if (String(data).includes('connection_init')) socket.send('{"type":"connection_ack"}');
    });
    socket.on('error', () => {});
  });
  const args = validateSubscriptionArgs({ schema, document: parse(EVENTS) });
  if (!('schema' in args)) throw new Error(args.join());
  const result = await executeSubscriptionEvent({
    ...args,
    rootValue: occurrence,
    contextValue: createSharedContext(services),
  });
  const messageFor = (id: string) => JSON.stringify({ id, type: 'next', payload: result });
  const [short, long] = [messageFor('1'), messageFor(crypto.randomUUID())].map((text) => Buffer.from(text));
  const tell: Tell = (uuid) => {
    for (const socket of wss.clients) socket.send((uuid ? long : short) as Buffer, { binary: false });
  };
  return { port: (server.address() as AddressInfo).port, tell, listeners: () => wss.clients.size };
}

/** graphql-ws with Yoga, put together as Yoga's documentation does: a subscription for each socket, fed by Yoga's pub/sub. */
async function perSubscriber() {
  const { server, wss } = await listen();
  let listening = 0;
  const { schema: peers, publish } = createPeer(database, () => {
    listening += 1;
  });
  const yoga = createYoga({ schema: peers, logging: false });
  type Args = ExecutionArgs & {
    readonly rootValue: Pick<ReturnType<typeof yoga.getEnveloped>, 'execute' | 'subscribe'>;
  };
  useServer(
    {
      execute: (args: unknown) => (args as Args).rootValue.execute(args as Args),
      subscribe: (args: unknown) => (args as Args).rootValue.subscribe(args as Args),
      async onSubscribe(ctx, _id, params) {
        const enveloped = yoga.getEnveloped({ ...ctx, req: ctx.extra.request, socket: ctx.extra.socket, params });
        const { execute, subscribe, contextFactory, parse, validate } = enveloped;
        const document = parse(params.query);
        const errors = validate(enveloped.schema, document);
        if (errors.length > 0) return errors;
        const { operationName, variables: variableValues } = params;
        const contextValue = await contextFactory();
        const rootValue = { execute, subscribe };
        return { schema: enveloped.schema, operationName, document, variableValues, contextValue, rootValue } as never;
      },
    },
    wss,
  );
  const { cursor, kind, messageId } = occurrence;
  const tell: Tell = () => publish({ cursor, kind, messageId: messageId ?? 0 });
  return { port: (server.address() as AddressInfo).port, tell, listeners: () => listening };
}

async function listen() {
  const server = createServer();
  const wss = new WebSocketServer({ ...WS, server });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, wss };
}

const now = () => Number(process.hrtime.bigint()) / 1e6;

async function fallBehind(events: number): Promise<string> {
  const cursor = encodeCursor(await services.log.epoch(), await lastPlace(db.read));
  const { id } = must(await services.users.findAny('member-0'));
  const to = { receiverType: 'group', receiverId: 'crowd', text: 'The quick brown fox' } as const;
  const sender = { kind: 'user', id, uid: 'member-0', byKey: false } as const;
  await Promise.all(Array.from({ length: events }, () => services.sending.sendText(sender, to)));
  return cursor;
}

async function obey(order: ServerOrder): Promise<unknown> {
  if (order.do === 'cpu') return process.cpuUsage();
  if (order.do === 'fall behind') return fallBehind(order.events);
  if (order.do === 'listeners') return listeners();
  if (order.do === 'memory') {
    for (let n = 0; n < 5; n++) {
      globalThis.gc?.();
      await wait(100);
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, heap: heapUsed + external };
  }
  const told: number[] = [];
  const start = now();
  for (let n = 0; n < order.times; n++) {
    while (now() < start + n * order.gap) await nextTurn();
    told.push(now());
    tell(order.uuid);
  }
  return told;
}

process.on('message', async (order: ServerOrder) => process.send?.({ done: await obey(order) }));
process.once('disconnect', () => process.exit());
process.send?.({ done: port });

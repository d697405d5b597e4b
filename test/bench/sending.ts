import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../src/app.ts';
import { openDatabase } from '../../src/store/open.ts';
import { seed } from '../support/seed.ts';
import { type Ask, type Load, type LoadResult, startLoad } from './load.ts';
import { type Figure, median } from './measure.ts';
import type { Options } from './options.ts';
import { installPeers } from './peers.ts';
import type { LoopOrder } from './sending-loop.ts';
import { type Server, startParley, startServer } from './server.ts';

const CONNECTIONS = 64;
const MEMBERS = 100;
const FULL = { rounds: 7, seconds: 2, warmUp: 8 };
const SMOKE = { rounds: 1, seconds: 0.2, warmUp: 0.2 };

const QUERY =
  'mutation Send($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id sentAt text sender { uid } } } }';
const TO_CROWD = { guid: 'crowd', text: 'The quick brown fox jumps over the lazy dog, and runs on' };
const INPUT = { receiverType: 'GROUP', receiverId: TO_CROWD.guid, text: TO_CROWD.text };

/** Who is measured, how it is started on a database of its own, and what Parley is to reach of it: the least ratio of the rates. */
const CONTENDERS = {
  Parley: { start: startParley },
  'hand-written': { start: (file: string) => startServer(['test/bench/sending-peer.ts', 'same', file]), least: 0.85 },
  'hand-written, lean': {
    start: (file: string) => startServer(['test/bench/sending-peer.ts', 'lean', file]),
    least: 0.43,
  },
  'Apollo, a commit each': {
    start: (file: string) => startServer(['test/bench/peers/apollo-sending.ts', file]),
    least: 5,
  },
};
type Name = keyof typeof CONTENDERS;
const NAMES = Object.keys(CONTENDERS) as Name[];

type Round = LoadResult & { readonly cpu: number };

/**
 * Sends over HTTP at 64 connections, every answer after its fsync: Parley against servers written by hand, one with the same statements
 * and one with as few as can be, and Apollo, loaded one at a time in turn; and beside them a loop without HTTP.
 */
export async function run(options: Options): Promise<Figure[]> {
  installPeers();
  const { rounds, seconds, warmUp } = options.smoke ? SMOKE : FULL;
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-sending-'));
  const servers = new Map<Name, Server>();
  const load = startLoad();
  try {
    const asks = await prepare(join(folder, 'crowd.db'));
    for (const [n, name] of NAMES.entries()) {
      const database = join(folder, `${n}.db`);
      cpSync(join(folder, 'crowd.db'), database);
      servers.set(name, await CONTENDERS[name].start(database));
    }
    await compare(servers, asks);
    for (const server of servers.values()) await measure(server, load, asks, warmUp);
    const looped: number[] = [];
    const measured = new Map(NAMES.map((name) => [name, [] as Round[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, server] of servers) measured.get(name)?.push(await measure(server, load, asks, seconds));
      const database = join(folder, 'loop.db');
      cpSync(join(folder, 'crowd.db'), database);
      looped.push(await loop({ database, tokens: asks.map(({ token }) => token), ...TO_CROWD, seconds }));
    }
    return figuresOf(measured, median(looped));
  } finally {
    load.stop();
    for (const server of servers.values()) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A group of 100 in a database of its own; gives what each asks that sends. */
async function prepare(file: string): Promise<Ask[]> {
  const uids = Array.from({ length: MEMBERS }, (_, n) => `member-${n}`);
  const db = await openDatabase(file, 'write');
  await seed(db, [
    ...uids.map((uid) => ({ kind: 'user', value: { uid, name: `Member ${uid}` } })),
    {
      kind: 'group',
      value: { guid: 'crowd', name: 'Crowd', type: 'public', owner: 'member-0', createdAt: 1_700_000_000 },
    },
    ...uids.map((uid) => ({
      kind: 'groupMember',
      value: { guid: 'crowd', uid, scope: 'participant', joinedAt: 1_700_000_000 },
    })),
  ]);
  const { tokens } = createApp(db);
  const made = await Promise.all(uids.slice(0, CONNECTIONS).map((uid) => tokens.create({ kind: 'key' }, { uid })));
  await db.close();
  const body = JSON.stringify({ query: QUERY, variables: { input: INPUT } });
  return made.map(({ authToken: token }) => ({ token, body }));
}

/** Throws where the first message's answer is not the same from everybody, but for its second. */
async function compare(servers: ReadonlyMap<Name, Server>, [ask]: readonly Ask[]): Promise<void> {
  let wanted: string | undefined;
  for (const [name, server] of servers) {
    const answer = (await server.ask(ask as Ask)).trimEnd().replace(/"sentAt":\d+/, '"sentAt":0');
    wanted ??= answer;
    assert.equal(answer, wanted, `${name} answers otherwise than Parley`);
  }
}

async function measure(server: Server, load: Load, asks: readonly Ask[], seconds: number): Promise<Round> {
  const before = server.cpu();
  const result = await load.run({ port: server.port, connections: CONNECTIONS, asks, seconds });
  return { ...result, cpu: (server.cpu() - before) / result.answers };
}

/** Sends without HTTP in a process of its own; gives how many a second. */
async function loop(order: LoopOrder): Promise<number> {
  const child = fork(join(import.meta.dirname, 'sending-loop.ts'));
  child.send(order);
  const [rate] = await once(child, 'message');
  return rate;
}

function figuresOf(measured: ReadonlyMap<Name, Round[]>, looped: number): Figure[] {
  const of = (name: Name, what: 'rate' | 'cpu' | 'p50' | 'p99') =>
    median((measured.get(name) ?? []).map((round) => round[what]));
  const milliseconds = (name: Name, what: 'p50' | 'p99', promised = '') => ({
    what: `send: ${name}: answer, ${what}`,
    value: Number(of(name, what).toFixed(1)),
    unit: 'ms',
    promised,
  });
  return [
    ...NAMES.map((name) => ({
      what: `send at ${CONNECTIONS} connections: ${name}`,
      value: Math.round(of(name, 'rate')),
      unit: '/s',
      promised: '',
      byProcessorTime: Math.round(of(name, 'cpu')),
    })),
    { what: 'send: a loop without HTTP', value: Math.round(looped), unit: '/s', promised: '' },
    ...NAMES.flatMap((name) => {
      const contender = CONTENDERS[name];
      if (!('least' in contender)) return [];
      return {
        what: `send: Parley : ${name}`,
        value: Number((of('Parley', 'rate') / of(name, 'rate')).toFixed(2)),
        unit: '×',
        promised: `at least ${contender.least}`,
        byProcessorTime: Number((of(name, 'cpu') / of('Parley', 'cpu')).toFixed(2)),
      };
    }),
    milliseconds('Parley', 'p50'),
    milliseconds('Parley', 'p99', 'under 25'),
    milliseconds('hand-written', 'p50'),
    milliseconds('hand-written', 'p99'),
  ];
}

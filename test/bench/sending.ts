import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createApp } from '../../src/app.ts';
import { openDatabase } from '../../src/store/open.ts';
import { seed } from '../support/seed.ts';
import { type Figure, median } from './measure.ts';

const CONNECTIONS = 64;
const MEMBERS = 100;
const ROUNDS = 5;
const SECONDS = 4;
const PORT = 4981;

interface Round {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly wrong: number;
}

/** Sends over HTTP at 64 connections, every answer after its fsync: Parley against a hand-written server with the same statements. */
export async function run(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-sending-'));
  try {
    const tokens = await prepare(join(folder, 'crowd.db'));
    const contenders = { parley: ['src/main.ts', 'serve'], peer: ['test/bench/sending-peer.ts'] };
    const rounds: Record<keyof typeof contenders, Round[]> = { parley: [], peer: [] };
    for (let round = 0; round <= ROUNDS; round++) {
      for (const name of ['parley', 'peer'] as const) {
        const database = join(folder, `${name}-${round}.db`);
        cpSync(join(folder, 'crowd.db'), database);
        const args = name === 'peer' ? [...contenders.peer, database, String(PORT)] : contenders.parley;
        const figures = await race(args, database, tokens);
        if (figures.wrong > 0) throw new Error(`${name}: ${figures.wrong} answers were not as they should be`);
        if (round > 0) rounds[name].push(figures); // the first warms the machine up
      }
    }
    const rate = (name: keyof typeof rounds) => median(rounds[name].map((one) => one.rate));
    const latency = (which: 'p50' | 'p99') => median(rounds.parley.map((one) => one[which]));
    return [
      { what: 'send at 64 connections: hand-written', value: Math.round(rate('peer')), unit: '/s', promised: '' },
      { what: 'send at 64 connections: Parley', value: Math.round(rate('parley')), unit: '/s', promised: '' },
      {
        what: 'send: Parley : hand-written',
        value: Number((rate('parley') / rate('peer')).toFixed(2)),
        unit: '',
        promised: 'at least 0.6',
      },
      { what: 'send: answer, p50', value: latency('p50'), unit: 'ms', promised: '' },
      { what: 'send: answer, p99', value: latency('p99'), unit: 'ms', promised: 'under 25' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A group of 100 in a database of its own; gives a token of each that sends. */
async function prepare(file: string): Promise<string[]> {
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
  return made.map(({ authToken }) => authToken);
}

async function race(args: readonly string[], database: string, tokens: readonly string[]): Promise<Round> {
  const env = {
    ...process.env,
    PORT: String(PORT),
    PARLEY_DATABASE: database,
    PARLEY_API_KEY: 'only-for-the-benchmark',
  };
  const server = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const stopped = new Promise((resolve) => server.once('exit', resolve));
  try {
    await new Promise((resolve, reject) => {
      server.stdout.on('data', (text) => /ready/.test(text) && resolve(undefined));
      server.once('exit', () => reject(new Error('the server ended')));
    });
    const load = ['test/bench/sending-load.ts', `http://127.0.0.1:${PORT}`, String(SECONDS), tokens.join()];
    const { stdout } = await promisify(execFile)(process.execPath, load);
    return JSON.parse(stdout) as Round;
  } finally {
    server.kill();
    await stopped;
  }
}

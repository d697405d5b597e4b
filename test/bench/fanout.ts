import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Crowd, makeCrowd } from './crowd.ts';
import { type Figure, median } from './measure.ts';

const KINDS = ['parley', 'ws', 'graphql-ws'] as const;
type Kind = (typeof KINDS)[number];

const ROUNDS = 9;
const EVENTS = 10; // a round, each once the one before has reached everybody
const BURST = 50;
const PAUSE_MS = 5; // longer than the window within which events leave together
const SUSTAINED = { perSecond: 400, seconds: 4 };

/** One event to many sockets: Parley, `ws` alone that sends the same bytes, and graphql-ws executing for each subscriber. */
export async function run(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-fanout-'));
  try {
    const database = join(folder, 'crowd.db');
    await makeCrowd(database, 5_000);
    return [
      ...(await race(database, 1_000, false)),
      ...(await race(database, 1_000, true)),
      ...(await race(database, 5_000, false)),
      ...(await streams(database, 1_000)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same to readers of server-sent events, by the server's processor time beside that for sockets. */
async function streams(database: string, readers: number): Promise<Figure[]> {
  const crowds = [await Crowd.startStreams(database, readers), await Crowd.start('parley', database, readers)] as const;
  try {
    await crowds[1].subscribe();
    const cpu = crowds.map(() => ({ single: [] as number[], burst: [] as number[] }));
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [n, crowd] of crowds.entries()) {
        const single = (await singles(crowd, EVENTS, false)).cpu;
        const burst = (await crowd.tell(BURST, 0)).cpu / readers / BURST;
        if (round === 0) continue; // it warms up
        cpu[n]?.single.push(single);
        cpu[n]?.burst.push(burst);
      }
    }
    const per = (what: 'single' | 'burst') =>
      Number((median(cpu[0]?.[what] ?? []) / median(cpu[1]?.[what] ?? [])).toFixed(2));
    const name = `${readers.toLocaleString('en')} event streams : sockets, by processor time`;
    return [figure(name, per('single'), ''), figure(`${name}, in bursts`, per('burst'), '')];
  } finally {
    for (const crowd of crowds) await crowd.stop();
  }
}

interface Measured {
  /** Deliveries a second, and µs of the server's processor time for each. */
  readonly rate: number[];
  readonly cpu: number[];
  readonly burst: number[];
  readonly burstCpu: number[];
}

async function race(database: string, sockets: number, uuid: boolean): Promise<Figure[]> {
  const name = `${sockets.toLocaleString('en')} sockets${uuid ? ', an id each' : ''}`;
  const crowds = new Map<Kind, Crowd>();
  for (const kind of KINDS) crowds.set(kind, await Crowd.start(kind, database, sockets));
  try {
    const idle = await idleMemory(crowds, uuid);
    await compare(crowds);
    const measured = new Map<Kind, Measured>();
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [kind, crowd] of crowds) {
        const found = measured.get(kind) ?? { rate: [], cpu: [], burst: [], burstCpu: [] };
        measured.set(kind, found);
        const slow = kind === 'graphql-ws';
        const single = await singles(crowd, slow ? 2 : EVENTS, uuid);
        const burst = await crowd.tell(slow ? 5 : BURST, 0, uuid);
        if (round === 0) continue; // it warms up
        found.rate.push(single.rate);
        found.cpu.push(single.cpu);
        found.burst.push((sockets * (slow ? 5 : BURST)) / (burst.took / 1000));
        found.burstCpu.push(burst.cpu / sockets / (slow ? 5 : BURST));
      }
    }
    const of = (kind: Kind, what: keyof Measured) => median(measured.get(kind)?.[what] ?? []);
    const per = (kind: Kind, what: keyof Measured, over: Kind) => Number((of(kind, what) / of(over, what)).toFixed(2));
    const figures: Figure[] = [
      ...KINDS.map((kind) => figure(`${name}: ${kind}`, Math.round(of(kind, 'rate')), 'deliveries/s')),
      figure(`${name}: Parley : ws`, per('parley', 'rate', 'ws'), '', 'at least 0.9'),
      figure(`${name}: Parley : graphql-ws`, per('parley', 'rate', 'graphql-ws'), '', 'at least 5'),
      figure(`${name}: Parley : graphql-ws, by processor time`, per('graphql-ws', 'cpu', 'parley'), ''),
      figure(`${name}: Parley : ws, by processor time`, per('ws', 'cpu', 'parley'), '', 'at least 0.9'),
      figure(`${name}: in bursts, Parley`, Math.round(of('parley', 'burst')), 'deliveries/s'),
      figure(`${name}: in bursts, Parley : ws`, per('parley', 'burst', 'ws'), '', 'at least 4'),
      figure(`${name}: in bursts, by processor time`, per('ws', 'burstCpu', 'parley'), '', 'at least 4'),
    ];
    if (!uuid) figures.push(figure(`${name}: an idle subscriber beyond a socket of ws`, idle, 'KB', 'at most 15'));
    const parley = crowds.get('parley');
    if (sockets > 1_000 || !parley) return figures;
    const { perSecond, seconds } = SUSTAINED;
    const { p50, p99, took } = await parley.tell(perSecond * seconds, 1000 / perSecond, uuid);
    return [
      ...figures,
      figure(`${name}: ${perSecond} events/s, reached`, Math.round((perSecond * seconds) / (took / 1000)), '/s', '400'),
      figure(`${name}: ${perSecond} events/s, p50`, Number(p50.toFixed(1)), 'ms'),
      figure(`${name}: ${perSecond} events/s, p99`, Number(p99.toFixed(1)), 'ms', 'under 50'),
    ];
  } finally {
    for (const crowd of crowds.values()) await crowd.stop();
  }
}

const figure = (what: string, value: number, unit: string, promised = ''): Figure => ({
  what: `fan-out to ${what}`,
  value,
  unit,
  promised,
});

/** Throws where one does not send what the others do, but for when the message was sent and the id of the subscription. */
async function compare(crowds: ReadonlyMap<Kind, Crowd>): Promise<void> {
  const sent = new Set<string>();
  for (const crowd of crowds.values()) {
    const { id, ...rest } = JSON.parse((await crowd.tell(1, 0)).first.replace(/"sentAt":\d+/, '"sentAt":0'));
    assert(id, 'a frame names no subscription');
    sent.add(JSON.stringify(rest));
  }
  assert.equal(sent.size, 1, `not all send the same: ${[...sent].join('\n')}`);
}

/** What a subscriber that hears nothing takes beyond a bare socket, in KB. Subscribes everybody. */
async function idleMemory(crowds: ReadonlyMap<Kind, Crowd>, uuid: boolean): Promise<number> {
  const taken = new Map<Kind, number>();
  for (const [kind, crowd] of crowds) {
    await crowd.subscribe(uuid);
    const { rss } = await crowd.memory();
    taken.set(kind, (rss - crowd.before.rss) / crowd.sockets / 1024);
  }
  return Number(((taken.get('parley') ?? 0) - (taken.get('ws') ?? 0)).toFixed(1));
}

/** Events one by one: how many deliveries a second, and µs of processor time for each. */
async function singles(crowd: Crowd, events: number, uuid: boolean): Promise<{ rate: number; cpu: number }> {
  let [took, cpu] = [0, 0];
  for (let n = 0; n < events; n++) {
    await wait(PAUSE_MS);
    const told = await crowd.tell(1, 0, uuid);
    took += told.took;
    cpu += told.cpu;
  }
  return { rate: (crowd.sockets * events) / (took / 1000), cpu: cpu / crowd.sockets / events };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Crowd, makeCrowd } from './crowd.ts';
import type { Counted } from './crowd-orders.ts';
import { type Figure, median } from './measure.ts';

const SOCKETS = 1_000;
const BEHIND = 1_000;
const SENDS = { perSecond: 50, seconds: 10 };

/**
 * From a send to the last of 1,000 who listen, beside what a bare `ws` broadcast of the same bytes takes, and 1,000 who come back at
 * once, 1,000 events behind.
 */
export async function run(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-listening-'));
  try {
    const database = join(folder, 'crowd.db');
    await makeCrowd(database, SOCKETS);
    const crowd = await Crowd.start('parley', database, SOCKETS);
    const last = await sends(crowd);
    await crowd.stop();
    const bare = await Crowd.start('ws', database, SOCKETS);
    const broadcast = await broadcasts(bare);
    await bare.stop();
    const late = await Crowd.start('parley', `${database}`, SOCKETS);
    const { took, cpu } = await resume(late);
    await late.stop();
    return [
      { what: 'send to the last of 1,000, p50', value: round(median(last)), unit: 'ms', promised: 'under 10' },
      { what: 'send to the last of 1,000, p99', value: round(at(last, 0.99)), unit: 'ms', promised: 'under 50' },
      { what: 'ws alone to the last of 1,000, p50', value: round(median(broadcast)), unit: 'ms', promised: '' },
      { what: 'ws alone to the last of 1,000, p99', value: round(at(broadcast, 0.99)), unit: 'ms', promised: '' },
      { what: '1,000 come back, 1,000 events behind', value: round(took / 1000), unit: 's', promised: 'under 5' },
      { what: '1,000 come back: processor time', value: round(cpu / 1e6), unit: 's', promised: '' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const round = (value: number) => Number(value.toFixed(1));
const at = (values: readonly number[], part: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;

/** Texts sent over HTTP, one each 20 ms: how long each took from being sent to the last subscriber, in ms. */
async function sends(crowd: Crowd): Promise<readonly number[]> {
  await crowd.subscribe();
  const times = SENDS.perSecond * SENDS.seconds;
  const warm = await crowd.send(SENDS.perSecond, 1000 / SENDS.perSecond);
  if (warm.last.length !== SENDS.perSecond) throw new Error('not all came');
  return (await crowd.send(times, 1000 / SENDS.perSecond)).last;
}

/** As many broadcasts, as far apart: how long each took to the last socket, in ms. */
async function broadcasts(crowd: Crowd): Promise<readonly number[]> {
  await crowd.tell(SENDS.perSecond, 1000 / SENDS.perSecond);
  return (await crowd.tell(SENDS.perSecond * SENDS.seconds, 1000 / SENDS.perSecond)).last;
}

/** How long it takes, in ms, until all who come back at once have all that they missed. */
async function resume(crowd: Crowd): Promise<{ took: number; cpu: number }> {
  const after = await crowd.ask<string>({ do: 'fall behind', events: BEHIND });
  await wait(500);
  await crowd.order({ do: 'count', frames: SOCKETS * BEHIND });
  const all = crowd.load.all();
  const before = await crowd.cpu();
  const start = Number(process.hrtime.bigint()) / 1e6;
  await crowd.resubscribe(after);
  await all;
  const cpu = (await crowd.cpu()) - before;
  const { at: end } = (await crowd.order({ do: 'counted', since: [start] })) as Counted;
  return { took: end - start, cpu };
}

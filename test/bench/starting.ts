import { prepareHistory } from './history.ts';
import { type Figure, median } from './measure.ts';
import type { Options } from './options.ts';
import { startParley } from './server.ts';

const RUNS = 5;

/** How long a server with the real history takes from its start until it is ready. */
export async function run({ smoke }: Options): Promise<Figure[]> {
  const taken = await timeStarts(await prepareHistory(), smoke ? 1 : RUNS);
  return [
    { what: 'start to ready, with the history', value: Math.round(median(taken)), unit: 'ms', promised: 'under 1000' },
  ];
}

/** How long each of so many starts on a database took until the server was ready, in ms. */
export async function timeStarts(database: string, runs: number): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; n < runs; n++) {
    const begun = performance.now();
    const server = await startParley(database);
    taken.push(performance.now() - begun);
    await server.stop();
  }
  return taken;
}

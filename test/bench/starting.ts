import { spawn } from 'node:child_process';
import { prepareHistory } from './history.ts';
import { type Figure, median } from './measure.ts';

const RUNS = 5;
const PORT = 4979;

/** How long a server with the real history takes from its start until it is ready. */
export async function run(): Promise<Figure[]> {
  const database = await prepareHistory();
  const taken: number[] = [];
  for (let n = 0; n < RUNS; n++) taken.push(await start(database));
  return [{ what: 'start to ready, with the history', value: median(taken), unit: 'ms', promised: '< 1000' }];
}

async function start(database: string): Promise<number> {
  const begun = performance.now();
  const server = spawn(process.execPath, ['src/main.ts', 'serve'], {
    env: { ...process.env, PORT: String(PORT), PARLEY_DATABASE: database, PARLEY_API_KEY: 'only-for-the-benchmark' },
    stdio: 'ignore',
  });
  const stopped = new Promise((resolve) => server.once('exit', resolve));
  try {
    while (!(await isReady())) if (performance.now() - begun > 30_000) throw new Error('the server did not get ready');
    return performance.now() - begun;
  } finally {
    server.kill();
    await stopped;
  }
}

async function isReady(): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${PORT}/ready`)).ok;
  } catch {
    return false;
  }
}

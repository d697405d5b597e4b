import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('./observed-server.ts', import.meta.url));
const API_KEY = 'a key that only fault programs know';

/** What a server holds: bytes, and counts. */
export interface Held {
  readonly heap: number;
  readonly buffers: number;
  readonly rss: number;
  readonly sockets: number;
  readonly timers: number;
  readonly resources: number;
  readonly listeners: number;
  readonly sessions: number;
  readonly online: number;
}

/** A server in a process of its own, filled with the tests' world, whose insides can be looked at. */
export interface Observed {
  readonly url: string;
  readonly apiKey: string;
  readonly pid: number;
  /** What it holds after collecting garbage, which takes it a while; or as it stands. */
  held(collect?: boolean): Promise<Held>;
  stop(): Promise<void>;
}

/** Starts one; `env` holds settings beside those of a fault program. */
export async function observe(env: Record<string, string> = {}): Promise<Observed> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-faults-'));
  const settings = { PARLEY_API_KEY: API_KEY, PARLEY_MEDIA: join(folder, 'media'), ...env };
  const child = fork(SERVER, [join(folder, 'parley.db')], {
    env: { PATH: process.env['PATH'], ...settings },
    execArgv: ['--expose-gc'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const [url] = (await once(child, 'message')) as [string];
  return {
    url,
    apiKey: API_KEY,
    pid: child.pid ?? 0,
    async held(collect = true) {
      child.send(collect);
      const [held] = (await once(child, 'message')) as [Held];
      return held;
    },
    async stop() {
      child.kill('SIGKILL');
      await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

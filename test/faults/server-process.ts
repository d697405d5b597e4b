import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const API_KEY = 'a key that only fault programs know';
const READY_MS_MAX = 60_000;

/** A server as an operator runs it, in a process of its own, always at the same address. */
export interface ServerProcess {
  readonly url: string;
  readonly apiKey: string;
  /** Starts it; resolves once it is ready, or was killed before, and rejects where it ends by itself. */
  start(): Promise<void>;
  /** Resolves once it is ready, after whatever it is ended by until then. */
  ready(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Ends it as an operator would; gives the exit code. */
  stop(): Promise<number | null>;
  /** Runs another command on the same database, to its end. */
  run(...args: string[]): Promise<{ code: number | null; output: string }>;
  /** What it logged as an error, or said before it ended by itself. */
  readonly complaints: readonly string[];
}

/** A server on a database; nothing runs before `start`. */
export async function createServerProcess(
  database: string,
  more: Record<string, string> = {},
  imports: readonly string[] = [],
): Promise<ServerProcess> {
  const port = await freePort();
  const env = {
    PATH: process.env['PATH'],
    PORT: String(port),
    PARLEY_DATABASE: database,
    PARLEY_MEDIA: join(tmpdir(), 'parley-faults-media'),
    PARLEY_API_KEY: API_KEY,
    LOG_LEVEL: 'warn',
    ...more,
  };
  const complaints: string[] = [];
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  let up = Promise.withResolvers<void>();
  let isUp = false;

  const spawned = (args: readonly string[]) =>
    spawn(process.execPath, [...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });

  function end(signal: NodeJS.Signals) {
    const ending = child;
    child = undefined;
    if (isUp) up = Promise.withResolvers();
    isUp = false;
    ending?.kill(signal);
    return ended;
  }

  process.once('exit', () => child?.kill('SIGKILL'));

  return {
    url: `http://127.0.0.1:${port}`,
    apiKey: API_KEY,
    complaints,
    start() {
      const running = spawned([...imports.map((module) => `--import=${module}`), MAIN, 'serve']);
      child = running;
      ended = once(running, 'exit').then(([code]) => code);
      let printed = '';
      running.stderr.setEncoding('utf8').on('data', (text: string) => {
        complaints.push(...text.split('\n').filter((line) => line !== ''));
      });
      const ready = Promise.withResolvers<void>();
      const late = setTimeout(() => ready.reject(new Error(`not ready in time:\n${printed}`)), READY_MS_MAX);
      running.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        if (/"level":(50|60)/.test(text)) complaints.push(text.trim());
        if (!/is ready/.test(printed) || child !== running) return;
        isUp = true;
        up.resolve();
        ready.resolve();
      });
      running.once('exit', (code) => {
        if (child !== running) return ready.resolve(); // it was ended from here
        complaints.push(`it ended by itself with ${code}: ${printed}`);
        return ready.reject(new Error(`the server ended with ${code}:\n${printed}${complaints.join('\n')}`));
      });
      return ready.promise.finally(() => clearTimeout(late));
    },
    ready: () => up.promise,
    async kill() {
      await end('SIGKILL');
    },
    async stop() {
      return (await end('SIGTERM')) as number | null;
    },
    async run(...args) {
      const other = spawned([MAIN, ...args]);
      let output = '';
      for (const stream of [other.stdout, other.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
      }
      const [code] = await once(other, 'close');
      return { code: code as number | null, output };
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

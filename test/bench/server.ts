import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Ask } from './load.ts';

const MICROS_PER_TICK = 10_000; // Linux counts processor time in hundredths of a second, on every machine
const PRINTED_MAX = 10_000;

/** A server that is measured, in a process of its own. */
export interface Server {
  readonly port: number;
  /** The processor time that it has taken since its start, all threads together, in µs; NaN where the system does not say. */
  cpu(): number;
  /** The memory that it holds now, in MB; NaN where the system does not say. */
  memory(): number;
  /** Gives the body of an answer. Throws where it is not 200. */
  ask(ask: Ask): Promise<string>;
  stop(): Promise<void>;
}

/** Starts Parley as it is run in production, on any free port; resolves once it is ready. */
export const startParley = (database: string): Promise<Server> =>
  startServer(['src/main.ts', 'serve'], {
    PORT: '0',
    PARLEY_DATABASE: database,
    PARLEY_MEDIA: join(dirname(database), 'media'),
    PARLEY_API_KEY: 'only-for-the-benchmark',
  });

/** Starts a program that says `ready: <address>` once it listens. It knows of our own settings only what `env` says. */
export async function startServer(args: readonly string[], env: Record<string, string> = {}): Promise<Server> {
  const child = spawn(process.execPath, args, {
    env: { ...inherited(), NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const stopped = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let printed = '';
  const url = await new Promise<URL>((resolve, reject) => {
    const take = (text: string) => {
      printed = `${printed}${text}`.slice(-PRINTED_MAX);
      const [, address] = /ready: (http:\S+)\n/.exec(printed) ?? [];
      if (address) resolve(new URL(address));
    };
    for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', take);
    stopped.then(() => reject(new Error(`${args.join(' ')} ended:\n${printed}`)));
  });
  return {
    port: Number(url.port),
    cpu: () => cpuOf(child.pid ?? 0),
    memory: () => memoryOf(child.pid ?? 0),
    async ask({ token, body }) {
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json',
        authorization: `Bearer ${token}`,
      };
      const answer = await fetch(url, { method: 'POST', headers, body });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${args.join(' ')} answers ${answer.status}: ${text}\n${printed}`);
      return text;
    },
    async stop() {
      process.off('exit', kill);
      child.kill();
      await stopped;
    },
  };
}

function inherited(): Record<string, string | undefined> {
  const ours = /^(PARLEY_|PORT$|HOST$|LOG_LEVEL$|NODE_ENV$|NODE_OPTIONS$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

function cpuOf(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  const [, rest = ''] = /\) (.*)/.exec(readFileSync(file, 'utf8')) ?? [];
  const fields = rest.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK;
}

function memoryOf(pid: number): number {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return Number.NaN;
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(file, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

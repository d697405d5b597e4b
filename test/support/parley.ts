import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

interface Options {
  /** Settings beside those of the shell; none of its PARLEY_ settings is passed on. */
  readonly env?: Record<string, string>;
  /** What the command reads on its standard input. */
  readonly stdin?: string | Uint8Array;
  readonly cwd?: string;
  /** A program, with its arguments, that starts it and looks on. */
  readonly under?: readonly string[];
  /** The system user it runs as; the tests' own where this is left out. */
  readonly uid?: number;
}

/** A command line of Parley that runs, with what it has printed so far. */
export interface RunningParley {
  readonly child: ChildProcessWithoutNullStreams;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the match once standard output has it; rejects where the command ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code; null where a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** Starts `node src/main.ts …` as an operator would. It is killed when the test ends, if it still runs. */
export function startParley(
  args: readonly string[],
  { env = {}, stdin = '', cwd, under = [], uid }: Options = {},
): RunningParley {
  const [program, ...words] = [...under, process.execPath, MAIN, ...args] as [string, ...string[]];
  const child = spawn(program, words, { env: { ...inherited(), ...env }, cwd, uid });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  child.stdin.on('error', () => {}); // a command that ends without reading it closes the pipe
  child.stdin.end(stdin);
  const exited = once(child, 'close').then(([code]) => code as number | null);
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    exited,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(stdout);
          if (match) resolve(match);
        };
        child.stdout.on('data', look);
        exited.then((code) =>
          reject(new Error(`ended with ${code} before it printed ${pattern}:\n${stdout}${stderr}`)),
        );
        look();
      }),
  };
}

/** Runs `node src/main.ts …` to its end. */
export async function runParley(args: readonly string[], options?: Options) {
  const running = startParley(args, options);
  const code = await running.exited;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

/** Runs `serve` on any free port until the test ends, under another program where one is named; gives its address once it is ready. */
export async function serveParley(
  env: Record<string, string>,
  under: readonly string[] = [],
): Promise<RunningParley & { readonly url: string }> {
  const running = startParley(['serve'], { env: { PORT: '0', ...env }, under });
  const [, url = ''] = await running.printed(/(http:\/\/\S+)\/graphql/);
  return { ...running, url };
}

function inherited(): Record<string, string | undefined> {
  const ours = /^(PARLEY_|PORT$|HOST$|LOG_LEVEL$|NODE_ENV$|NODE_OPTIONS$|VITEST)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

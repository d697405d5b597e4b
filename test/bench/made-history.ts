import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Data } from './history.ts';
import { linesOf, viewersAmong } from './made-lines.ts';
import type { Options } from './options.ts';

const PEOPLE = { full: 5_000, smoke: 100 };
const BLOCK = 1_000; // lines
const SAID_MAX = 2_000;

/**
 * A database with a made-up history of so many messages, in which everybody has 24 conversations. It comes by `parley import`, and
 * stays in the folder where one is named.
 */
export async function makeHistory({ messages, folder, smoke }: Options & { readonly messages: number }): Promise<Data> {
  const people = smoke ? PEOPLE.smoke : PEOPLE.full;
  const data = {
    file: join(folder ?? scratch(), `made-${messages}-${people}.db`),
    viewers: viewersAmong(people),
  };
  if (existsSync(data.file)) return data;
  const part = `${data.file}-part`;
  rmSync(part, { force: true, recursive: true }); // of a run that was cut off
  mkdirSync(part, { recursive: true });
  console.error(`Making a database of ${messages.toLocaleString('en')} messages: ${data.file}`);
  await importLines(join(part, 'parley.db'), inBlocks(linesOf(messages, people)));
  renameSync(join(part, 'parley.db'), data.file);
  rmSync(part, { recursive: true });
  return data;
}

let made: string | undefined;

/** A folder that goes with the process. */
function scratch(): string {
  if (made) return made;
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-made-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  made = folder;
  return folder;
}

async function importLines(database: string, blocks: Iterable<string>): Promise<void> {
  const env = { ...process.env, PARLEY_DATABASE: database };
  const child = spawn(process.execPath, ['src/main.ts', 'import', '-'], { env, stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said = `${said}${text}`.slice(-SAID_MAX)));
  const ended = once(child, 'exit');
  await pipeline(Readable.from(blocks), child.stdin).catch(() => {}); // how the import ended says more
  const [code] = await ended;
  if (code !== 0) throw new Error(`the import of a made-up history failed:\n${said}`);
}

function* inBlocks(lines: ReturnType<typeof linesOf>): Generator<string> {
  let block: string[] = [];
  for (const [kind, value] of lines) {
    block.push(JSON.stringify({ kind, value }));
    if (block.length < BLOCK) continue;
    yield `${block.join('\n')}\n`;
    block = [];
  }
  yield `${block.join('\n')}\n`;
}

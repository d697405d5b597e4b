import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { scopeWord, wordsOf } from '../../src/messages/words.ts';
import { openDatabase } from '../../src/store/open.ts';
import { historyFile } from './history.ts';
import { type Figure, median } from './measure.ts';
import type { Options } from './options.ts';

const ROUNDS = 5;
const BATCH = 1_000;
const TABLES = ['users', 'groups', 'conversations', 'memberships', 'participants', 'messages'];
const REPORT = "process.on('exit', () => console.error('peak ' + process.resourceUsage().maxRSS / 1024 + ' MB'))";

interface Rows {
  readonly insert: string;
  readonly rows: readonly unknown[][];
}

/**
 * `parley import` against a bare loop that inserts the same rows into the same tables and indexes, a thousand in a transaction:
 * in turn, each into a new file, by the clock; and how much memory the command takes at its peak.
 */
export async function run({ smoke }: Options): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-import-'));
  try {
    const empty = join(folder, 'empty.ndjson');
    writeFileSync(empty, '');
    importFile(historyFile(), join(folder, 'first.db'));
    const rows = rowsOf(join(folder, 'first.db'));
    const count = rows.reduce((sum, table) => sum + table.rows.length, 0);
    const [ours, bare, peaks]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < (smoke ? 1 : ROUNDS); round++) {
      const start = importFile(empty, join(folder, `empty-${round}.db`));
      const { seconds, peak } = importFile(historyFile(), join(folder, `ours-${round}.db`));
      ours.push(count / (seconds - start.seconds));
      peaks.push(peak);
      bare.push(count / (await insertBare(rows, join(folder, `bare-${round}.db`))));
    }
    const ratio = median(ours) / median(bare);
    return [
      { what: 'import, parley', value: Math.round(median(ours)), unit: 'rows/s', promised: '' },
      { what: 'import, bare loop', value: Math.round(median(bare)), unit: 'rows/s', promised: '' },
      { what: 'import, parley : bare loop', value: Number(ratio.toFixed(2)), unit: '', promised: 'at least 0.5' },
      { what: 'import, memory', value: Math.round(Math.max(...peaks)), unit: 'MB', promised: 'under 300' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the command. Gives the seconds that it took, and its memory at the peak in MB. */
function importFile(file: string, database: string): { seconds: number; peak: number } {
  const report = `--import=data:text/javascript,${encodeURIComponent(REPORT)}`;
  const env = { ...process.env, PARLEY_DATABASE: database };
  const started = performance.now();
  const { stderr, status } = spawnSync(process.execPath, [report, 'src/main.ts', 'import', file], { env });
  const seconds = (performance.now() - started) / 1000;
  const [, peak] = /peak ([\d.]+) MB/.exec(stderr.toString()) ?? [];
  if (status !== 0 || !peak) throw new Error(stderr.toString());
  return { seconds, peak: Number(peak) };
}

function rowsOf(database: string): Rows[] {
  const client = new Sqlite(database, { readonly: true });
  const tables = TABLES.map((table) => {
    const statement = client.prepare(`select * from ${table} order by rowid`).raw();
    const columns = statement.columns().map(({ name }) => `"${name}"`);
    return { insert: insertInto(table, columns), rows: statement.all() as unknown[][] };
  });
  const texts = client.prepare(
    "select id, conversation_id, coalesce(text, caption, conversation_text) from messages where category = 'message'",
  );
  const words = (texts.raw().all() as [number, number, string | null][]).flatMap(([id, conversation, text]) => {
    const found = wordsOf(text ?? '');
    return found.length > 0 ? [[id, [...found, scopeWord(conversation)].join(' ')]] : [];
  });
  client.close();
  return [...tables, { insert: insertInto('message_words', ['rowid', 'words']), rows: words }];
}

const insertInto = (table: string, columns: readonly string[]) =>
  `insert into ${table} (${columns}) values (${columns.map(() => '?')})`;

/** The seconds that it takes, with the same settings of SQLite. */
async function insertBare(tables: readonly Rows[], database: string): Promise<number> {
  await (await openDatabase(database, 'write')).close();
  const client = new Sqlite(database);
  for (const setting of [
    'synchronous = full',
    'foreign_keys = on',
    'cache_size = -32768',
    'wal_autocheckpoint = 10000',
  ]) {
    client.pragma(setting);
  }
  const started = performance.now();
  const [people, history] = [tables.slice(0, -2), tables.slice(-2)]; // messages and their words come together, as in a file
  for (const some of [...people.map((table) => [table]), history]) {
    const loops = some.map(({ insert, rows }) => ({ statement: client.prepare(insert), rows }));
    for (let at = 0; loops.some(({ rows }) => at < rows.length); at += BATCH) {
      for (const { statement, rows } of loops) {
        client.exec('begin immediate');
        for (const row of rows.slice(at, at + BATCH)) statement.run(row);
        client.exec('commit');
      }
    }
  }
  const seconds = (performance.now() - started) / 1000;
  client.close();
  return seconds;
}

import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { vi } from 'vitest';
import type { TestServer } from './server.ts';

/** A statement as a driver was given it; PostgreSQL's with its values. */
export interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/** A table read from end to end. Lists that come as a parameter, and rows made on the way, are no tables. */
export const READS_ALL = /^SCAN (?!.*(VIRTUAL TABLE|CONSTANT ROW|USING|SUBQUERY|value|pair|some))|Seq Scan/;

/** A statement without its columns. */
export const shorten = (text: string) => text.replace(/^select .*? from (?!json_each)/, 'select … from ');

/**
 * Keeps the statements of a kind as they come: on SQLite when they are prepared, which is once a connection, on PostgreSQL whenever
 * they run. Ends with `vi.restoreAllMocks()`.
 */
export function watch(statements: Statement[], kind = /^select/i): void {
  const prepare = Sqlite.prototype.prepare;
  vi.spyOn(Sqlite.prototype, 'prepare').mockImplementation(function (this: Sqlite.Database, text: string) {
    if (kind.test(text)) statements.push({ text, values: [] });
    return prepare.call(this, text);
  });
  const query = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...args: unknown[]) {
    const [asked, given] = args as [{ text?: string; values?: unknown[] } | string, unknown];
    const text = typeof asked === 'string' ? asked : (asked.text ?? '');
    const values = Array.isArray(given) ? given : typeof asked === 'string' ? [] : (asked.values ?? []);
    if (kind.test(text)) statements.push({ text, values });
    return query.apply(this, args) as never;
  });
}

/** Lets PostgreSQL count its rows now: it would at some time of its own, and plan anew. */
export async function analyze(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('analyze');
  await client.end();
}

/** How the database goes about a statement: for PostgreSQL as it does once tables are too large to be read through. */
export async function planOf(server: TestServer, text: string, values: unknown[]): Promise<string[]> {
  if (!server.database.startsWith('postgres')) {
    const file = new Sqlite(server.database, { readonly: true });
    const plan = file
      .prepare(`explain query plan ${text}`)
      .raw()
      .all(...Array.from(text.matchAll(/\?/g), () => null));
    file.close();
    return (plan as unknown[][]).map((row) => String(row[3]));
  }
  const client = new pg.Client(server.database);
  await client.connect();
  await client.query('set enable_seqscan = off');
  const { rows } = await client.query(`explain (costs off) ${text}`, values);
  await client.end();
  return rows.map((row) => String(row['QUERY PLAN'])).filter((line) => /Scan/.test(line));
}

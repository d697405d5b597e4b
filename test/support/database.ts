import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { onTestFinished } from 'vitest';

export type DialectName = 'sqlite' | 'postgres';

/** The databases that there are to test on: PostgreSQL only where TEST_POSTGRES names a server. */
export const dialectsHere = (): DialectName[] => (process.env['TEST_POSTGRES'] ? ['sqlite', 'postgres'] : ['sqlite']);

/** A new, empty database: what PARLEY_DATABASE is to be, and how it goes again. */
export interface TestDatabase {
  readonly name: string;
  drop(): Promise<void>;
}

/** The names, in the environment, of databases that have all tables. See templates.ts. */
export const TEMPLATES = { sqlite: 'TEST_TEMPLATE_SQLITE', postgres: 'TEST_TEMPLATE_POSTGRES' } as const;

/** Makes a database for one test: a file in a folder of its own, or one on the server that TEST_POSTGRES names. */
export const createDatabase = (dialect: DialectName): Promise<TestDatabase> =>
  dialect === 'sqlite' ? createFile() : createOnServer();

/** The same, dropped when the running test ends. */
export async function databaseForTest(dialect: DialectName): Promise<string> {
  const { name, drop } = await createDatabase(dialect);
  onTestFinished(drop);
  return name;
}

/** Makes one that has all tables, and an epoch of its own: a copy, where templates.ts has made what to copy. */
export async function createMigrated(dialect: DialectName): Promise<TestDatabase> {
  const template = process.env[TEMPLATES[dialect]];
  if (!template) return createDatabase(dialect);
  const made = await (dialect === 'sqlite' ? createFile(template) : createOnServer(template));
  await runSql(made.name, `update meta set value = '${randomBytes(8).toString('hex')}' where name = 'epoch'`);
  return made;
}

/** Runs a statement on a connection of its own, as another program would. */
export async function runSql(database: string, statement: string): Promise<void> {
  if (database.includes('://')) return run(database, statement);
  const client = new Sqlite(database);
  client.exec(statement);
  client.close();
}

async function createFile(template?: string): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-test-'));
  const name = join(folder, 'parley.db');
  if (template) await copyFile(template, name);
  return { name, drop: () => rm(folder, { recursive: true, force: true }) };
}

async function createOnServer(template?: string): Promise<TestDatabase> {
  const server = process.env['TEST_POSTGRES'] ?? '';
  const name = `parley_test_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const from = template ? ` template ${new URL(template).pathname.slice(1)}` : '';
  await run(server, `create database ${name}${from}`);
  return { name: url.href, drop: () => run(server, `drop database if exists ${name} with (force)`) };
}

async function run(url: string, statement: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { onTestFinished } from 'vitest';

export type DialectName = 'sqlite' | 'postgres';

/** A new, empty database: what PARLEY_DATABASE is to be, and how it goes again. */
export interface TestDatabase {
  readonly name: string;
  drop(): Promise<void>;
}

/** Makes a database for one test: a file in a folder of its own, or one on the server that TEST_POSTGRES names. */
export const createDatabase = (dialect: DialectName): Promise<TestDatabase> =>
  dialect === 'sqlite' ? createFile() : createOnServer();

/** The same, dropped when the running test ends. */
export async function databaseForTest(dialect: DialectName): Promise<string> {
  const { name, drop } = await createDatabase(dialect);
  onTestFinished(drop);
  return name;
}

/** Runs a statement on a connection of its own, as another program would. */
export async function runSql(database: string, statement: string): Promise<void> {
  if (database.includes('://')) return run(database, statement);
  const client = new Sqlite(database);
  client.exec(statement);
  client.close();
}

async function createFile(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-test-'));
  return { name: join(folder, 'parley.db'), drop: () => rm(folder, { recursive: true, force: true }) };
}

async function createOnServer(): Promise<TestDatabase> {
  const server = process.env['TEST_POSTGRES'] ?? '';
  const name = `parley_test_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await run(server, `create database ${name}`);
  return { name: url.href, drop: () => run(server, `drop database if exists ${name} with (force)`) };
}

async function run(url: string, statement: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import pg from 'pg';

/** A folder of its own under the system's temporary one; `remove` takes it away with all that is in it. */
export function makeFolder() {
  const path = mkdtempSync(`${tmpdir()}/parley-test-`);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Where the tests find PostgreSQL: a superuser's URL, as in `postgres://postgres@127.0.0.1:5432/postgres`. */
export const TEST_POSTGRES = process.env['TEST_POSTGRES'];
if (process.env['CI'] && !TEST_POSTGRES) throw new Error('CI runs every test on PostgreSQL too: set TEST_POSTGRES');

/** An empty PostgreSQL database on the server of TEST_POSTGRES. */
export async function makePostgres() {
  const name = `parley_test_${randomUUID().replaceAll('-', '')}`;
  await administer(`create database ${name}`);
  const url = new URL(TEST_POSTGRES ?? '');
  url.pathname = name;
  return { url: url.href, remove: () => administer(`drop database ${name} with (force)`) };
}

async function administer(statement: string) {
  const client = new pg.Client(TEST_POSTGRES);
  await client.connect();
  await client.query(statement);
  await client.end();
}

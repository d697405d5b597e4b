import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import type { Awaitable } from '../awaitable.ts';
import { createCommits } from './commits.ts';
import { type Database, type Handle, StoreError } from './handle.ts';
import { compareVersion, LAST_MIGRATION, migrationsFolder } from './migrations.ts';
import { LOCK, postgresHandle } from './postgres.ts';

const READERS_MAX = 8;
const WRITERS_MAX = 16; // apart from the readers: jobs that wait for a lock must not hold up reads
const CONNECT_MS_MAX = 10_000; // and for one of the pool's to be free
const READ_MS_MAX = 10_000; // of a server: over a connection that has died silently no answer ever comes
const MIGRATION_LOCK = 7_275_394; // any number that nobody else in the database uses
const AGAIN = /^(23505|40001|40P01)$/; // unique violation, serialization failure, deadlock

/** Opens a PostgreSQL database, with its tables brought up to date where it is to be written. */
export async function openPostgres(url: string, access: 'read' | 'write'): Promise<Database> {
  const readers = pool(url, READERS_MAX, access === 'write' ? READ_MS_MAX : undefined);
  const writers = pool(url, WRITERS_MAX);
  const commits = createCommits();
  const handles = new WeakMap<pg.PoolClient, Handle>(); // a statement belongs to the connection that prepared it
  const name = new URL(url).pathname.slice(1) || 'the database';
  try {
    await prepareTables(writers, access, name);
  } catch (error) {
    await Promise.all([readers.end(), writers.end()]);
    throw error instanceof StoreError ? error : new StoreError(`PostgreSQL (${name}): ${reason(error)}`);
  }

  async function transaction<T>(
    from: pg.Pool,
    begin: string,
    lock: string | undefined,
    job: (tx: Handle) => Awaitable<T>,
  ) {
    const client = await from.connect();
    let lost: Error | undefined;
    try {
      const tx = handles.get(client) ?? postgresHandle(client);
      handles.set(client, tx);
      await client.query(begin);
      // A statement of its own before any other: what follows sees all that was committed before it.
      if (lock) await client.query(LOCK, [lock]);
      const value = await job(tx);
      await client.query('commit');
      return value;
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => {
        lost = failure;
      });
      throw error;
    } finally {
      client.release(lost);
    }
  }

  return {
    read: postgresHandle(readers),
    write(scope, job) {
      const attempt = () => transaction(writers, 'begin', scope, job);
      const done = attempt().catch((error) => (AGAIN.test(codeOf(error)) ? attempt() : Promise.reject(error)));
      return done.finally(commits.tell);
    },
    onCommit: commits.listen,
    commits: commits.count,
    snapshot: (reads) => transaction(readers, 'begin isolation level repeatable read read only', undefined, reads),
    ping: async () => void (await readers.query('select 1')),
    close: async () => void (await Promise.all([readers.end(), writers.end()])),
  };
}

function pool(connectionString: string, max: number, queryMs?: number): pg.Pool {
  const times = { connectionTimeoutMillis: CONNECT_MS_MAX, ...(queryMs && { query_timeout: queryMs }) };
  const made = new pg.Pool({ connectionString, max, keepAlive: true, ...times });
  // A connection was lost: without a listener it would end the process. Whoever asks of it fails, and the next one opens another.
  made.on('error', () => {});
  made.on('connect', (client) => void client.on('error', () => {})); // the pool does not listen to one that is taken
  return made;
}

/** Under a lock: several processes that make the tables of an empty database at once would fail. */
async function prepareTables(pool: pg.Pool, access: 'read' | 'write', name: string) {
  const client = await pool.connect();
  try {
    const { rows } = await client.query('show server_encoding');
    const { server_encoding: encoding } = rows[0];
    if (encoding !== 'UTF8')
      throw new StoreError(`PostgreSQL (${name}): the database is in ${encoding}, and must be in UTF8`);
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const version = compareVersion('postgres', await lastMigration(client), name);
    if (version === 'older' && access === 'read') {
      throw new StoreError(
        `${name} is empty or was written by an older version of Parley: start the server once to bring it up to date`,
      );
    }
    const settings = { migrationsFolder: migrationsFolder('postgres'), migrationsSchema: 'public' };
    if (version === 'older') await migrate(drizzle(client), settings);
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  } finally {
    client.release();
  }
}

async function lastMigration(client: pg.PoolClient): Promise<number> {
  const found = await client.query("select to_regclass('public.__drizzle_migrations') is not null as found");
  if (!found.rows[0].found) return 0;
  const { rows } = await client.query(LAST_MIGRATION);
  return Number(rows[0].last ?? 0);
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return cause?.code ?? code ?? '';
}

function reason(error: unknown): string {
  const { message, code, cause } = error as { message?: string; code?: string; cause?: unknown };
  return cause ? reason(cause) : message || code || String(error); // what is around the cause is the statement
}

import pg from 'pg';
import { expect, onTestFinished } from 'vitest';

/** A connection of another program to a test's PostgreSQL database. */
async function connect(database: string): Promise<pg.Client> {
  const other = new pg.Client({ connectionString: database });
  await other.connect();
  onTestFinished(() => other.end());
  return other;
}

/** Begins a transaction for which the log waits; gives what ends it. */
export async function holdUp(database: string): Promise<() => Promise<void>> {
  const other = await connect(database);
  await other.query('begin');
  await other.query('select pg_current_xact_id()');
  return async () => void (await other.query('rollback'));
}

/** Locks a table, so that whoever reads it waits; gives what lets them go on. */
export async function lockTable(database: string, table: string): Promise<() => Promise<void>> {
  const other = await connect(database);
  await other.query('begin');
  await other.query(`lock table ${table} in access exclusive mode`);
  return async () => void (await other.query('rollback'));
}

/** The same; but the connection of the first to wait is ended before the lock is. */
export async function breakReads(database: string, table: string): Promise<() => Promise<void>> {
  const [goOn, operator] = [await lockTable(database, table), await connect(database)];
  const terminate = `select count(pg_terminate_backend(pid))::int as ended from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return async () => {
    await expect.poll(async () => (await operator.query(terminate)).rows[0].ended).toBeGreaterThan(0);
    await goOn();
  };
}

/** Sets how long a lock is waited for, and ends all connections that do not know of it. */
export async function limitLocks(database: string): Promise<void> {
  const operator = await connect(database);
  await operator.query(`alter database ${new URL(database).pathname.slice(1)} set lock_timeout = '200ms'`);
  await operator.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`);
}

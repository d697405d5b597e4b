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

/** Locks a table, so that whoever reads it waits; gives what ends the connection of the first to wait, and the lock. */
export async function breakReads(database: string, table: string): Promise<() => Promise<void>> {
  const [other, operator] = [await connect(database), await connect(database)];
  await other.query('begin');
  await other.query(`lock table ${table} in access exclusive mode`);
  const terminate = `select count(pg_terminate_backend(pid))::int as ended from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return async () => {
    await expect.poll(async () => (await operator.query(terminate)).rows[0].ended).toBeGreaterThan(0);
    await other.query('rollback');
  };
}

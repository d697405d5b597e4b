import { readFileSync } from 'node:fs';
import { StoreError } from './handle.ts';

const FOLDER = new URL('../../drizzle/', import.meta.url).pathname;

/** Where the migrations of a database's kind are. */
export const migrationsFolder = (dialect: 'sqlite' | 'postgres') => `${FOLDER}${dialect}`;

/** Where Drizzle notes the migrations that a database has had; `created_at` is the migration's time in ms. */
export const LAST_MIGRATION = 'select max(created_at) as last from __drizzle_migrations';

/** How a database's last migration (0: none) stands to this version of Parley. Throws where the database is from a newer one. */
export function compareVersion(dialect: 'sqlite' | 'postgres', last: number, name: string): 'older' | 'same' {
  const journal = JSON.parse(readFileSync(`${migrationsFolder(dialect)}/meta/_journal.json`, 'utf8'));
  const newest: number = journal.entries.at(-1).when;
  if (last > newest)
    throw new StoreError(`${name} was written by a newer version of Parley: run that version or a later one`);
  return last < newest ? 'older' : 'same';
}

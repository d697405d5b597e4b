import type { Database } from './handle.ts';
import { openPostgres } from './open-postgres.ts';
import { openSqlite } from './open-sqlite.ts';

/** To write: alone with a file, its tables brought up to date. To read: beside whoever writes it. */
export type Access = 'read' | 'write';

/** Opens the database that `PARLEY_DATABASE` names: a file's path, or a `postgres://` URL. Throws a StoreError with the reason. */
export async function openDatabase(name: string, access: Access): Promise<Database> {
  return /^postgres(ql)?:\/\//.test(name) ? openPostgres(name, access) : openSqlite(name, access);
}

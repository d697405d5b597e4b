import type { Database } from './handle.ts';

/** To write: alone with a file, its tables brought up to date. To read: beside whoever writes it. */
export type Access = 'read' | 'write';

/** Opens the database that `PARLEY_DATABASE` names: a file's path, or a `postgres://` URL. Throws a StoreError with the reason. */
export async function openDatabase(name: string, access: Access): Promise<Database> {
  // Only what the one database needs is loaded: the other's driver takes time and memory for nothing.
  if (/^postgres(ql)?:\/\//.test(name)) return (await import('./open-postgres.ts')).openPostgres(name, access);
  return (await import('./open-sqlite.ts')).openSqlite(name, access);
}

import Sqlite from 'better-sqlite3';
import { StoreError } from './handle.ts';

/**
 * Takes the right to write a database file: an exclusive lock on an empty SQLite file beside it, which the system frees when its
 * holder dies, however it dies. Gives what returns it. Throws where another process has it.
 */
export function lockFile(file: string): () => void {
  const lock = new Sqlite(`${file}-lock`, { timeout: 0 });
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    throw new StoreError(`${file} is in use by another Parley: stop it first, or name another file in PARLEY_DATABASE`);
  }
  return () => lock.close();
}

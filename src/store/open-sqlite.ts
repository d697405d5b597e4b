import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { watchChanges } from './changes.ts';
import { createCheckpoints } from './checkpoints.ts';
import { createCommits } from './commits.ts';
import { gatherWords } from './gathered-words.ts';
import { groupCommit } from './group-commit.ts';
import { type Database, type Handle, StoreError } from './handle.ts';
import { lockFile } from './lock.ts';
import { createMemory } from './memory.ts';
import { compareVersion, LAST_MIGRATION, migrationsFolder } from './migrations.ts';
import { readSession } from './read-session.ts';
import { sqliteHandle } from './sqlite.ts';

const SYNCHRONOUS_FULL = 2;
const OLDEST_SAFE = [3, 51, 3]; // before it, a reset of the write-ahead log could corrupt the file
const CACHE_KIB = 32_768;
const STEADY_MS = 5_000; // on a full disk little writes find room still

/** Opens a file, with the right to write it (and brought up to date) or to read it beside whoever writes it. */
export function openSqlite(file: string, access: 'read' | 'write'): Database {
  try {
    return access === 'write' ? openToWrite(file) : openToRead(file);
  } catch (error) {
    throw explain(file, error);
  }
}

function openToWrite(file: string): Database {
  mkdirSync(dirname(file), { recursive: true });
  const unlock = lockFile(file);
  try {
    const writer = connect(file);
    requireSafe(writer);
    if (compareVersion('sqlite', lastMigration(writer), file) === 'older') {
      migrate(drizzle(writer), { migrationsFolder: migrationsFolder('sqlite') });
    }
    requireFull(writer);
    writer.pragma('busy_timeout = 0'); // from now on group-commit.ts waits
    const touch = writer.prepare("update meta set value = value + 1 where name = 'opened'");
    const reader = connect(file);
    reader.pragma('query_only = on');
    const { session, ...reads } = reading(reader);
    const changes = watchChanges(writer);
    const commits = createCommits();
    const checkpoints = createCheckpoints(writer);
    const words = gatherWords(writer, sqliteHandle(writer));
    const group = groupCommit(writer, words.tx, {
      finish() {
        words.keep();
        changes.keep();
      },
      undone() {
        words.forget();
        changes.undone();
      },
      committed() {
        session.end();
        changes.tell();
        commits.tell();
        checkpoints.look();
      },
    });
    return {
      ...reads,
      read: { ...reads.read, memory: createMemory(changes.listen, session.isHeld) },
      write: (_scope, job) => group.write(job),
      onCommit: commits.listen,
      commits: commits.count,
      async ping() {
        await (group.isFailing() ? group.write(() => touch.run()) : reads.ping());
        if (group.writtenFor() < STEADY_MS) throw new Error('the file could not be written just now');
      },
      async close() {
        await checkpoints.close();
        await group.drained();
        session.end();
        reader.close();
        writer.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function openToRead(file: string): Database {
  if (!existsSync(file)) throw new StoreError(`there is no database at ${file}`);
  const reader = connect(file);
  reader.pragma('query_only = on');
  if (compareVersion('sqlite', lastMigration(reader), file) === 'older') {
    throw new StoreError(
      `${file} was written by an older version of Parley: start the server once to bring it up to date`,
    );
  }
  const { session, ...reads } = reading(reader);
  return {
    ...reads,
    write: () => Promise.reject(new Error('this database is open for reading only')),
    onCommit: () => () => {},
    commits: () => 0,
    async close() {
      session.end();
      reader.close();
    },
  };
}

function reading(reader: Sqlite.Database) {
  const session = readSession(reader);
  const read = sqliteHandle(reader, session.start);
  return {
    session,
    read,
    snapshot: <T>(reads: (read: Handle) => Promise<T>) =>
      session
        .hold(() => reads(read))
        .catch((error) => {
          throw explain(reader.name, error);
        }),
    ping: async () => void reader.prepare('select 1').get(),
  };
}

function connect(file: string): Sqlite.Database {
  const client = new Sqlite(file, { timeout: 5_000 });
  client.pragma('journal_mode = wal');
  client.pragma('synchronous = full');
  client.pragma('foreign_keys = on');
  client.pragma('secure_delete = on'); // what is deleted is overwritten in the file, not only let go
  client.pragma(`cache_size = -${CACHE_KIB}`);
  return client;
}

function requireSafe(client: Sqlite.Database) {
  const { version } = client.prepare('select sqlite_version() as version').get() as { version: string };
  const parts = version.split('.').map(Number);
  const difference = OLDEST_SAFE.map((part, n) => (parts[n] ?? 0) - part).find((d) => d !== 0) ?? 0;
  if (difference < 0)
    throw new StoreError(`SQLite ${version} can corrupt a file: ${OLDEST_SAFE.join('.')} or later is needed`);
}

/** Asked after a write: until the first one a connection answers FULL whatever it does. */
function requireFull(client: Sqlite.Database) {
  client.exec(
    "insert into meta (name, value) values ('opened', '1') on conflict (name) do update set value = value + 1",
  );
  if (client.pragma('synchronous', { simple: true }) !== SYNCHRONOUS_FULL) {
    throw new StoreError('SQLite does not wait for the disk (PRAGMA synchronous is not FULL)');
  }
}

function lastMigration(client: Sqlite.Database): number {
  const table = client.prepare("select 1 from sqlite_master where name = '__drizzle_migrations'").get();
  if (table) return (client.prepare(LAST_MIGRATION).get() as { last: number | null }).last ?? 0;
  if (client.prepare('select 1 from sqlite_master').get())
    throw new StoreError(`${client.name} is not a database of Parley`);
  return 0;
}

const EXPLANATIONS: Record<string, string> = {
  SQLITE_NOTADB: 'is not a database, or is damaged: restore it from a backup',
  SQLITE_CORRUPT: 'is damaged: restore it from a backup',
  SQLITE_READONLY: "can't be written: check the permissions of the file and of its folder",
  SQLITE_CANTOPEN: "can't be opened: check that it is a file, and the permissions of its folder",
  SQLITE_BUSY: 'is locked by another program',
  SQLITE_PERM: "can't be read: check its permissions",
  SQLITE_AUTH: "can't be read: check its permissions",
  SQLITE_FULL: "can't be written: the disk is full",
  SQLITE_IOERR: "can't be read or written: the disk reports an error",
  EACCES: "can't be opened: check the permissions of its folder",
  EROFS: "can't be written: the file system is read-only",
  EEXIST: 'is in a folder that is a file',
  ENOTDIR: 'is in a folder that is a file',
};

function explain(file: string, error: unknown): unknown {
  if (error instanceof StoreError) return error;
  const cause = (error as { cause?: unknown }).cause ?? error;
  const { code = '', message } = cause as { code?: string; message?: string };
  const known = Object.keys(EXPLANATIONS).find((start) => code.startsWith(start));
  if (known) return new StoreError(`${file} ${EXPLANATIONS[known]} (${code})`);
  if (message?.includes('directory does not exist'))
    return new StoreError(`${file} is in a folder that does not exist`);
  return existsSync(file) && statSync(file).isDirectory() ? new StoreError(`${file} is a folder, not a file`) : error;
}

import { execFile } from 'node:child_process';
import { chmod, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { createClient } from '../support/client.ts';
import { databaseForTest, runSql } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { runParley, serveParley } from '../support/parley.ts';

const KEY = 'the key of a test server';

/** Starts on a database that can't be used; gives the one line that says why. */
async function refused(database: string, uid?: number): Promise<string> {
  const env = { PORT: '0', PARLEY_API_KEY: KEY, PARLEY_DATABASE: database };
  const { code, stdout, stderr } = await runParley(['serve'], { env, ...(uid && { uid }) });
  expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 1, stdout: '', lines: 1 });
  return stderr;
}

async function madeByParley(): Promise<string> {
  const database = await databaseForTest('sqlite');
  const parley = await serveParley({ PARLEY_API_KEY: KEY, PARLEY_DATABASE: database });
  parley.child.kill('SIGTERM');
  await parley.exited;
  return database;
}

test('a file that is no database is refused and left as it is', async () => {
  const database = await databaseForTest('sqlite');
  await writeFile(database, 'Dear diary, '.repeat(1_000));
  expect(await refused(database)).toContain('is not a database');
  expect(await readFile(database, 'utf8')).toBe('Dear diary, '.repeat(1_000));
});

test('another program’s database is refused', async () => {
  const database = await databaseForTest('sqlite');
  await runSql(database, 'create table recipes (name text)');
  expect(await refused(database)).toContain('is not a database of Parley');
});

test('a damaged database is refused', async () => {
  const database = await madeByParley();
  const file = await open(database, 'r+');
  await file.write(Buffer.alloc(200_000, 'x'), 0, 200_000, 4096);
  await file.close();
  expect(await refused(database)).toContain('is damaged: restore it from a backup');
});

test('a database of a newer version is refused', async () => {
  const database = await madeByParley();
  await runSql(database, "insert into __drizzle_migrations (hash, created_at) values ('later', 9999999999999)");
  expect(await refused(database)).toContain('newer version of Parley');
});

test('a database that another Parley serves is refused, and that one serves on', async () => {
  const database = await databaseForTest('sqlite');
  const first = await serveParley({ PARLEY_API_KEY: KEY, PARLEY_DATABASE: database });
  expect(await refused(database)).toContain('in use by another Parley');
  expect((await fetch(`${first.url}/ready`)).status).toBe(200);
});

test('a database that another program has locked is refused', async () => {
  const database = await madeByParley();
  const other = new Sqlite(database);
  onTestFinished(() => void other.close());
  other.exec('begin immediate');
  expect(await refused(database)).toContain('is locked by another program');
});

test('a read-only database is refused', async () => {
  const database = await madeByParley();
  await chmod(database, 0o444);
  await chmod(dirname(database), 0o755);
  const nobody = process.getuid?.() === 0 ? 65_534 : undefined; // to root nothing is read-only
  expect(await refused(database, nobody)).toMatch(/can't be (written|opened): check .*permissions/);
});

test('a folder, or a place inside a file, is refused', async () => {
  const database = await databaseForTest('sqlite');
  await mkdir(database);
  expect(await refused(database)).toMatch(/is a folder|can't be opened/);
  await writeFile(`${database}/file`, '');
  expect(await refused(`${database}/file/parley.db`)).toContain('is in a folder that is a file');
});

test('a folder that is missing is made', async () => {
  const database = join(dirname(await databaseForTest('sqlite')), 'a/b/parley.db');
  const { url } = await serveParley({ PARLEY_API_KEY: KEY, PARLEY_DATABASE: database });
  expect((await fetch(`${url}/ready`)).status).toBe(200);
});

test('a PostgreSQL that does not answer is refused, without its password', async () => {
  const line = await refused('postgres://parley:hunter2@127.0.0.1:1/chat');
  expect(line).toContain('PostgreSQL (chat): ');
  expect(line).not.toContain('hunter2');
});

/** What a server answers that serves the file. */
async function serveFile() {
  const database = await databaseForTest('sqlite');
  const parley = await serveParley({ PARLEY_API_KEY: KEY, PARLEY_DATABASE: database });
  const ask = createClient(parley.url, KEY);
  let users = 0;
  return {
    parley,
    database,
    ready: async () => (await fetch(`${parley.url}/ready`)).status,
    async write() {
      users += 1;
      const { errors } = await ask(`mutation { createUser(input: { uid: "u${users}", name: "U" }) { user { uid } } }`);
      return errors.map(({ extensions }) => extensions['code']);
    },
    read: async () => (await ask('{ users { nodes { uid } } }')).data['users'].nodes.length,
  };
}

test.runIf(process.platform === 'linux')('while the disk is full, writes are refused and reads go on', async () => {
  const { parley, write, read, ready } = await serveFile();
  const fill = (bytes: string) => promisify(execFile)('prlimit', [`--fsize=${bytes}:`, `--pid=${parley.child.pid}`]);
  expect(await write()).toEqual([]);
  await fill('1000');
  expect(await write()).toEqual(['ERR_UNAVAILABLE']);
  expect([await read(), await ready()]).toEqual([1, 503]);
  await fill('unlimited');
  expect([await write(), await read()]).toEqual([[], 2]);
  await expect.poll(ready, { timeout: 10_000 }).toBe(200);
  await fill('1000');
  expect(await write()).toEqual(['ERR_UNAVAILABLE']);
  parley.child.kill('SIGTERM');
  expect(await parley.exited).toBe(0);
});

test('while another program writes, writes wait and reads go on', async () => {
  const { database, write, read } = await serveFile();
  const other = new Sqlite(database);
  onTestFinished(() => void other.close());
  other.exec('begin immediate');
  const waiting = write();
  expect(await read()).toBe(0);
  other.exec('commit');
  expect(await waiting).toEqual([]);
  other.exec('begin immediate');
  expect(await write()).toEqual(['ERR_UNAVAILABLE']);
  other.exec('commit');
  expect([await write(), await read()]).toEqual([[], 2]);
});

eachDialect((dialect) => {
  test.runIf(dialect === 'postgres')(
    'a server outlives the connections that it loses, also while it writes',
    async () => {
      const database = await databaseForTest(dialect);
      const parley = await serveParley({ PARLEY_API_KEY: KEY, PARLEY_DATABASE: database });
      const ask = createClient(parley.url, KEY);
      await ask('mutation { createUser(input: { uid: "ada", name: "Ada" }) { user { uid } } }');
      const input = { receiverType: 'USER', receiverId: 'ada', text: 'Still there?' };
      const document = 'mutation ($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id } } }';
      const send = () => ask(document, { input }, { as: 'ada' });
      let over = false;
      const sending = Promise.all(
        Array.from({ length: 4 }, async () => {
          while (!over) await send();
        }),
      );
      const terminate = `select count(pg_terminate_backend(pid)) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
      try {
        for (let n = 0; n < 10; n += 1) await runSql(database, terminate);
      } finally {
        over = true;
      }
      await sending;
      await expect.poll(async () => (await send()).errors).toEqual([]);
      expect(parley.child.exitCode).toBeNull();
    },
  );
});

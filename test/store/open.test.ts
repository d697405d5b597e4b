import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { StoreError } from '../../src/store/handle.ts';
import { openDatabase } from '../../src/store/open.ts';
import { createDatabase } from '../support/database.ts';

const folder = mkdtempSync(`${tmpdir()}/parley-test-`);
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const newFile = () => `${folder}/${files++}.db`;

/** A file that holds a database, which nobody has open any more. */
async function makeDatabase(): Promise<string> {
  const file = newFile();
  const db = await openDatabase(file, 'write');
  await db.close();
  return file;
}

/** Why the database can't be opened. Asked twice: a failure must not leave the file locked. */
async function refusal(name: string, access: 'read' | 'write' = 'write'): Promise<string> {
  const [first, second] = [await fail(name, access), await fail(name, access)];
  expect(first).toBeInstanceOf(StoreError);
  expect(second.message).toBe(first.message);
  return first.message;
}

const fail = (name: string, access: 'read' | 'write') =>
  openDatabase(name, access).then(
    () => new Error('it opened'),
    (error: Error) => error,
  );

/** Another process that opens the file, adds a row of `meta`, and holds on. */
async function holdElsewhere(file: string): Promise<ChildProcess> {
  const script = `
    import { openDatabase } from ${JSON.stringify(pathToFileURL('src/store/open.ts').href)};
    const db = await openDatabase(${JSON.stringify(file)}, 'write');
    await db.write('', (tx) => tx.insertMany(tx.t.meta, [{ name: 'kept', value: 'yes' }]));
    console.log('holding');
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

describe('a file', () => {
  test('is made where there is none, with its folder, and opens again', async () => {
    const file = `${folder}/new/folder/parley.db`;
    for (const access of ['write', 'write', 'read'] as const) {
      const db = await openDatabase(file, access);
      await db.ping();
      await db.close();
    }
  });

  test('has one writer, and beside it those who read', async () => {
    const file = newFile();
    const writer = await openDatabase(file, 'write');
    onTestFinished(() => writer.close());
    const reader = await openDatabase(file, 'read');
    onTestFinished(() => reader.close());
    await expect(reader.write('', () => 1)).rejects.toThrow('reading only');
    expect(await refusal(file)).toContain('is in use by another Parley');
  });

  test('is free again, with all that was acknowledged, once its writer was killed', async () => {
    const file = newFile();
    const holder = await holdElsewhere(file);
    expect(await refusal(file)).toContain('is in use by another Parley');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const db = await openDatabase(file, 'write');
    onTestFinished(() => db.close());
    const { meta } = db.read.t;
    expect(
      await db.read.all(
        () => db.read.db.select().from(meta),
        () => ({}),
      )(),
    ).toContainEqual({ name: 'kept', value: 'yes' });
  });

  test('that is no database, or another program’s, is refused and left as it is', async () => {
    const text = newFile();
    writeFileSync(text, 'To be, or not to be, that is the question.\n'.repeat(100));
    const before = readFileSync(text);
    expect(await refusal(text)).toContain('is not a database');
    expect(readFileSync(text)).toEqual(before);

    const foreign = newFile();
    new Sqlite(foreign).exec('create table recipes (name text)').close();
    expect(await refusal(foreign)).toContain('is not a database of Parley');
  });

  test('that is damaged is refused', async () => {
    const file = await makeDatabase();
    truncateSync(file, Math.floor(statSync(file).size / 2));
    expect(await refusal(file)).toContain('is damaged');
  });

  test('from a newer version is refused', async () => {
    const file = await makeDatabase();
    const client = new Sqlite(file);
    client.exec("insert into __drizzle_migrations (hash, created_at) values ('later', 9000000000000)").close();
    expect(await refusal(file)).toContain('newer version of Parley');
    expect(await refusal(file, 'read')).toContain('newer version of Parley');
  });

  test('that is a folder, or lies in one that is a file, is refused', async () => {
    const directory = newFile();
    mkdirSync(directory);
    expect(await refusal(directory)).toContain('check that it is a file');
    const file = await makeDatabase();
    expect(await refusal(`${file}/parley.db`)).toContain('is in a folder that is a file');
  });

  // Even the superuser writes no files there.
  test.runIf(process.platform === 'linux')('in a folder that can’t be written is refused', async () => {
    expect(await refusal('/proc/parley.db')).toContain('the permissions of its folder');
  });

  test('to be read must be there', async () => {
    expect(await refusal(newFile(), 'read')).toContain('there is no database at');
  });
});

describe.skipIf(!process.env['TEST_POSTGRES'])('a PostgreSQL database', () => {
  async function makeEmpty() {
    const { name, drop } = await createDatabase('postgres');
    onTestFinished(drop);
    return name;
  }

  test('is brought up to date by several at once, and opens again', async () => {
    const url = await makeEmpty();
    const opened = await Promise.all([1, 2, 3].map(() => openDatabase(url, 'write')));
    await Promise.all(opened.map((db) => db.close()));
    const reader = await openDatabase(url, 'read');
    await reader.ping();
    await reader.close();
  });

  test('from a newer version is refused', async () => {
    const url = await makeEmpty();
    await (await openDatabase(url, 'write')).close();
    const client = new pg.Client(url);
    await client.connect();
    await client.query("insert into __drizzle_migrations (hash, created_at) values ('later', 9000000000000)");
    await client.end();
    expect(await refusal(url)).toContain('newer version of Parley');
  });

  test('that is empty can’t be read', async () => {
    expect(await refusal(await makeEmpty(), 'read')).toContain('start the server once');
  });

  test('that is not there, or whose server does not answer, is refused', async () => {
    const missing = new URL(process.env['TEST_POSTGRES'] ?? '');
    missing.pathname = 'parley_no_such_database';
    expect(await refusal(missing.href)).toContain('does not exist');
    expect(await refusal('postgres://nobody@127.0.0.1:1/parley')).toContain('ECONNREFUSED');
  });
});

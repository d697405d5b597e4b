import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Worker } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import type { Database } from '../../src/store/handle.ts';
import { openDatabase } from '../../src/store/open.ts';

const PAGE_BYTES = 4_096;
const WRITES = 900;
const VALUE_BYTES = 16 * PAGE_BYTES;

const folder = mkdtempSync(`${tmpdir()}/parley-test-`);
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes so many rows of 64 KB, a commit each. */
async function writeMuch(db: Database, from: number, times: number) {
  for (let n = from; n < from + times; n++) {
    const value = String(n % 10).repeat(VALUE_BYTES);
    await db.write('', (tx) => tx.insertMany(tx.t.meta, [{ name: `written ${n}`, value }]));
  }
}

test('The write-ahead log stays short, and nothing is lost, however much is written without a pause.', async () => {
  const file = `${folder}/parley.db`;
  const db = await openDatabase(file, 'write');
  await writeMuch(db, 0, WRITES);
  const { size } = statSync(`${file}-wal`);
  expect(size).toBeLessThan((WRITES * VALUE_BYTES) / 1.4); // by the writer alone it is first copied long after the last write
  await db.close();
  expect(existsSync(`${file}-wal`)).toBe(false); // nobody has it open any more

  const after = new Sqlite(file, { readonly: true });
  const [{ rows, bytes }] = after
    .prepare("select count(*) as rows, sum(length(value)) as bytes from meta where name like 'written %'")
    .all() as [{ rows: number; bytes: number }];
  after.close();
  expect({ rows, bytes }).toEqual({ rows: WRITES, bytes: WRITES * VALUE_BYTES });
});

test('A thread that copies the log and ends is replaced.', async () => {
  const threads: Worker[] = [];
  const note = (thread: Worker) => void threads.push(thread);
  process.on('worker', note);
  const db = await openDatabase(`${folder}/replaced.db`, 'write');
  await writeMuch(db, 0, 300);
  await expect.poll(() => threads.length).toBe(1);
  const gone = once(threads[0] as Worker, 'exit');
  await threads[0]?.terminate();
  await gone;
  await writeMuch(db, 300, 600);
  expect(threads.length).toBeGreaterThan(1);
  process.off('worker', note);
  await db.close();
});

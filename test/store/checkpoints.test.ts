import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import Sqlite from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/open.ts';

const PAGE_BYTES = 4_096;
const WRITES = 900;
const VALUE_BYTES = 16 * PAGE_BYTES;

const folder = mkdtempSync(`${tmpdir()}/parley-test-`);
afterAll(() => rmSync(folder, { recursive: true }));

test('The write-ahead log stays short, and nothing is lost, however much is written without a pause.', async () => {
  const file = `${folder}/parley.db`;
  const db = await openDatabase(file, 'write');
  for (let n = 0; n < WRITES; n++) {
    const value = String(n % 10).repeat(VALUE_BYTES);
    await db.write('', (tx) => tx.insertMany(tx.t.meta, [{ name: `written ${n}`, value }]));
  }
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

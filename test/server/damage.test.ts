import { open, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createClient } from '../support/client.ts';
import { databaseForTest } from '../support/database.ts';
import { runParley, serveParley } from '../support/parley.ts';

const KEY = 'the key of a test server';
const PAGE = 4096;

/** A database whose later half is damaged: it opens, and what is read from there is not to be had. */
async function damaged(): Promise<string> {
  const database = await databaseForTest('sqlite');
  const people = Array.from({ length: 3_000 }, (_, n) => ({
    kind: 'user',
    value: { uid: `p${n}`, name: `Person ${n}` },
  }));
  const stdin = people.map((line) => JSON.stringify(line)).join('\n');
  const { code } = await runParley(['import', '-'], { env: { PARLEY_DATABASE: database }, stdin });
  expect(code).toBe(0);
  const half = Math.floor((await stat(database)).size / PAGE / 2) * PAGE;
  const file = await open(database, 'r+');
  await file.write(Buffer.alloc((await stat(database)).size - half, 'x'), 0, null, half);
  await file.close();
  return database;
}

test('damage that a read meets is an error of that request, and the server goes on', async () => {
  const parley = await serveParley({ PARLEY_API_KEY: KEY, PARLEY_DATABASE: await damaged() });
  const { errors } = await createClient(parley.url, KEY)('{ users(search: "999") { nodes { uid statusMessage } } }');
  expect(errors).toMatchObject([{ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  expect((await fetch(`${parley.url}/health`)).status).toBe(200);
});

test.each(['export', 'check'])('%s says in one line that the database is damaged', async (command) => {
  const { code, stderr } = await runParley([command], { env: { PARLEY_DATABASE: await damaged() } });
  expect(stderr).toMatch(/^parley: .* is damaged: restore it from a backup \(SQLITE_CORRUPT\w*\)\n$/);
  expect(code).toBe(1);
});

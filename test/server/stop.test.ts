import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { databaseForTest } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { type RunningParley, serveParley } from '../support/parley.ts';

const KEY = 'the key of a test server';
const QUERY = JSON.stringify({ query: '{ users { nodes { uid } } }' });
const SLOW_REQUEST = [
  'POST /graphql HTTP/1.1',
  'host: localhost',
  'content-type: application/json',
  `authorization: Bearer ${KEY}`,
  `content-length: ${QUERY.length}`,
  '',
  QUERY,
].join('\r\n');

const serveOn = (database: string) => serveParley({ PARLEY_DATABASE: database, PARLEY_API_KEY: KEY });

async function logged({ child, stderr }: RunningParley, message: string) {
  while (!stderr().includes(`"${message}"`)) await once(child.stderr, 'data');
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it with 0, whatever connections stand idle', async (signal) => {
  const parley = await serveOn(await databaseForTest('sqlite'));
  const { hostname, port } = new URL(parley.url);
  const idle = connect(Number(port), hostname);
  idle.write('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(idle, 'data');
  parley.child.kill(signal);
  const [code] = await Promise.all([parley.exited, once(idle, 'close')]);
  expect(code).toBe(0);
});

/** A server with a request that runs until it is let go. */
async function withRunningRequest(database: string) {
  const parley = await serveOn(database);
  const other = new pg.Client({ connectionString: database });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query('begin; lock table users in access exclusive mode');
  const { hostname, port } = new URL(parley.url);
  const socket = connect(Number(port), hostname);
  socket.write(SLOW_REQUEST);
  const waiting = 'select 1 from pg_locks join pg_database on pg_database.oid = database';
  while ((await other.query(`${waiting} where not granted and datname = current_database()`)).rowCount === 0);
  return { parley, socket, letGo: () => other.query('rollback') };
}

eachDialect((dialect) => {
  test.runIf(dialect === 'postgres')('a request that runs is answered before the end', async () => {
    const { parley, socket, letGo } = await withRunningRequest(await databaseForTest(dialect));
    parley.child.kill('SIGTERM');
    await logged(parley, 'stopping');
    await expect(fetch(`${parley.url}/health`)).rejects.toThrow();
    await letGo();
    const start = performance.now();
    expect(await text(socket)).toMatch(/^HTTP\/1.1 200.*"nodes":\[\]/s);
    expect(await parley.exited).toBe(0);
    expect(performance.now() - start).toBeLessThan(5_000); // and not only when the time for it is over
  });

  test.runIf(dialect === 'postgres')('who still has a connection is told that it is not ready', async () => {
    const { parley, socket, letGo } = await withRunningRequest(await databaseForTest(dialect));
    parley.child.kill('SIGTERM');
    await logged(parley, 'stopping');
    socket.write('GET /ready HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await letGo();
    expect(await text(socket)).toMatch(/HTTP\/1.1 200.*HTTP\/1.1 503.*"draining"/s);
    expect(await parley.exited).toBe(0);
  });
});

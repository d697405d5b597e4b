import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/store/open.ts';
import { createClient } from '../support/client.ts';
import { createDatabase, type DialectName } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { runParley, startParley } from '../support/parley.ts';
import { openSocket } from '../support/raw-socket.ts';
import { addUser } from './people.ts';

/** A database that holds the user "ada", in the folder where one is named. */
async function databaseWithAda(dialect: DialectName, folder = '') {
  const made = await createDatabase(dialect);
  onTestFinished(() => made.drop());
  const name = folder ? join(dirname(made.name), folder, 'parley.db') : made.name;
  if (folder) mkdirSync(dirname(name), { recursive: true });
  const db = await openDatabase(name, 'write');
  await addUser(db, 'ada');
  await db.close();
  return name;
}

const token = (database: string, ...args: string[]) =>
  runParley(['token', ...args], { env: { PARLEY_DATABASE: database } });

async function serve(database: string) {
  const env = {
    PARLEY_DATABASE: database,
    PARLEY_API_KEY: 'a key that only tests know',
    PORT: '0',
    LOG_LEVEL: 'error',
  };
  const running = startParley(['serve'], { env });
  const [url] = await running.printed(/http:\/\/[^\s/]+/);
  const query = createClient(url, '');
  const signIn = async (authToken: string) => {
    const { data, errors } = await query('{ me { uid } }', undefined, { token: authToken });
    return errors[0]?.extensions['code'] ?? data.me.uid;
  };
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    running.child.kill(signal);
    await running.exited;
  };
  return { url, signIn, end };
}

eachDialect((dialect) => {
  test('token prints a token and nothing else, before a server runs and beside it', async () => {
    const database = await databaseWithAda(dialect);
    const { code, stdout, stderr } = await token(database, 'ada');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^pt_[\w-]{43}\n$/);
    const server = await serve(database);
    const beside = await token(database, 'ada');
    expect(beside).toMatchObject({ code: 0, stderr: '' });
    expect(await server.signIn(stdout.trim())).toBe('ada');
    expect(await server.signIn(beside.stdout.trim())).toBe('ada');
  });

  test('--revoke beside a server closes the user’s open sockets within a second', async () => {
    const database = await databaseWithAda(dialect);
    const { stdout } = await token(database, 'ada');
    const socket = await openSocket(await serve(database));
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${stdout.trim()}` } });
    expect(await socket.next()).toEqual({ type: 'connection_ack' });
    expect(await token(database, 'ada', '--revoke')).toMatchObject({ code: 0, stdout: '1\n' });
    expect(await Promise.race([socket.closed, wait(1_000)])).toMatchObject({ code: 4403 });
  });

  test('a uid that nobody has is one clear line and exit code 1, with a server and without', async () => {
    const database = await databaseWithAda(dialect);
    const refused = { code: 1, stdout: '', stderr: 'parley: There is no user with the uid "nobody".\n' };
    expect(await token(database, 'nobody')).toEqual(refused);
    await serve(database);
    expect(await token(database, 'nobody')).toEqual(refused);
  });
});

test('token works after its server was killed, and beside the next one', async () => {
  const database = await databaseWithAda('sqlite');
  const killed = await serve(database);
  await killed.end('SIGKILL');
  expect(await token(database, 'ada')).toMatchObject({ code: 0, stderr: '' });
  const next = await serve(database);
  const { stdout } = await token(database, 'ada');
  expect(await next.signIn(stdout.trim())).toBe('ada');
});

test('--expires-in bounds the time of a token', async () => {
  const database = await databaseWithAda('sqlite');
  const server = await serve(database);
  const { stdout } = await token(database, 'ada', '--expires-in', '1');
  await expect.poll(() => server.signIn(stdout.trim()), { timeout: 4_000 }).toBe('AUTH_ERR_TOKEN_EXPIRED');
});

test('--revoke ends all tokens of the user, and prints how many there were', async () => {
  const database = await databaseWithAda('sqlite');
  const server = await serve(database);
  const { stdout } = await token(database, 'ada');
  expect(await token(database, 'ada', '--revoke')).toEqual({ code: 0, stdout: '1\n', stderr: '' });
  expect(await server.signIn(stdout.trim())).toBe('AUTH_ERR_AUTH_TOKEN_NOT_FOUND');
});

test.each(['0', 'soon'])('--expires-in %s is refused', async (time) => {
  const database = await databaseWithAda('sqlite');
  const { code, stdout, stderr } = await token(database, 'ada', '--expires-in', time);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('whole number of seconds');
});

test('a file that is not there is refused, and not made', async () => {
  const database = join(dirname(await databaseWithAda('sqlite')), 'other.db');
  const { code, stderr } = await token(database, 'ada');
  expect({ code, stderr }).toEqual({ code: 1, stderr: `parley: there is no database at ${database}\n` });
  expect(existsSync(database)).toBe(false);
});

test('the socket beside the file is the operator’s alone, and goes with its server', async () => {
  const database = await databaseWithAda('sqlite');
  const server = await serve(database);
  expect(statSync(`${database}.sock`).mode & 0o777).toBe(0o600);
  await server.end('SIGTERM');
  expect(existsSync(`${database}.sock`)).toBe(false);
});

test('token reaches a server whose database lies deeper than the path of a socket can say', async () => {
  const database = await databaseWithAda('sqlite', 'deep/'.repeat(30));
  const server = await serve(database);
  const { code, stdout } = await token(database, 'ada');
  expect(code).toBe(0);
  expect(await server.signIn(stdout.trim())).toBe('ada');
});

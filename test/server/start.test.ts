import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createClient } from '../support/client.ts';
import { databaseForTest } from '../support/database.ts';
import { runParley, serveParley } from '../support/parley.ts';

const KEY = 'the key of a test server';

async function refused(env: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await runParley(['serve'], { env: { PORT: '0', ...env } });
  expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 1, stdout: '', lines: 1 });
  return stderr;
}

const onPostgres = process.env['TEST_POSTGRES'] !== undefined;

const keyIn = (printed: string): string => /API key +(\S+)/.exec(printed)?.[1] ?? '';

test('a first start prints where to look and a key that works, and has a demo to look at', async () => {
  const parley = await serveParley({ PARLEY_DATABASE: await databaseForTest('sqlite') });
  const query = createClient(parley.url, keyIn(parley.stdout()));
  const { data } = await query('{ me { uid } users { nodes { uid } } }', {}, { as: 'cometchat-uid-1' });
  expect(data.me).toEqual({ uid: 'cometchat-uid-1' });
  expect(data.users.nodes).toContainEqual({ uid: 'cometchat-uid-5' });
  expect(parley.stdout()).toContain(`Playground   ${parley.url}/graphql`);
});

test.runIf(onPostgres)('a start never prints the password of its database', async () => {
  const url = new URL(await databaseForTest('postgres'));
  url.password ||= 'a-secret'; // one that the database may not even ask for
  const parley = await serveParley({ PARLEY_DATABASE: url.href, PARLEY_DEMO: '0' });
  expect(parley.stdout()).toContain(`Database     postgres://${url.username}@`);
  expect(parley.stdout() + parley.stderr()).not.toContain(url.password);
});

test('a later start keeps what is there and makes another key', async () => {
  const env = { PARLEY_DATABASE: await databaseForTest('sqlite') };
  const count = '{ users { totalCount nodes { uid } } }';
  const first = await serveParley(env);
  const before = await createClient(first.url, keyIn(first.stdout()))(count);
  first.child.kill('SIGTERM');
  await first.exited;
  const second = await serveParley(env);
  const after = await createClient(second.url, keyIn(second.stdout()))(count);
  expect(after.data).toEqual(before.data);
  expect(keyIn(second.stdout())).not.toBe(keyIn(first.stdout()));
});

test('PARLEY_DEMO=0 leaves a new database empty', async () => {
  const parley = await serveParley({ PARLEY_DATABASE: await databaseForTest('sqlite'), PARLEY_DEMO: '0' });
  const { data } = await createClient(parley.url, keyIn(parley.stdout()))('{ users { nodes { uid } } }');
  expect(data).toEqual({ users: { nodes: [] } });
});

test('with a key of its own there is no demo, and the key is not printed', async () => {
  const env = { PARLEY_DATABASE: await databaseForTest('sqlite'), PARLEY_API_KEY: KEY };
  const parley = await serveParley(env);
  const { data } = await createClient(parley.url, KEY)('{ users { nodes { uid } } }');
  expect(data).toEqual({ users: { nodes: [] } });
  expect(parley.stdout() + parley.stderr()).not.toContain(KEY);
});

test('in development only the names of this machine are answered, so that no page can be pointed at it', async () => {
  const { url } = await serveParley({ PARLEY_DATABASE: await databaseForTest('sqlite') });
  const statusFor = (host: string) =>
    new Promise((resolve) => get(`${url}/health`, { headers: { host } }, (res) => resolve(res.resume().statusCode)));
  expect(await statusFor('evil.example:80')).toBe(421);
  expect(await statusFor('localhost.evil.example')).toBe(421);
  expect(await statusFor('localhost:4000')).toBe(200);
  expect(await statusFor('[::1]:4000')).toBe(200);
});

test('production refuses to start without a key, and says what to set', async () => {
  const line = await refused({ NODE_ENV: 'production' });
  expect(line).toMatch(/PARLEY_API_KEY.*openssl rand -hex 32/);
});

test('development refuses an address that others can reach', async () => {
  expect(await refused({ HOST: '0.0.0.0' })).toMatch(/HOST: .*0\.0\.0\.0.*PARLEY_API_KEY/);
});

test('a setting that does not exist is refused, with those that do', async () => {
  expect(await refused({ PARLEY_DATABSE: 'x' })).toMatch(/PARLEY_DATABSE: there is no such setting.*PARLEY_DATABASE/);
});

test('a value that is not allowed is refused by its name', async () => {
  expect(await refused({ PORT: 'http' })).toContain('PORT: takes a whole number from 0 to 65535');
  expect(await refused({ PARLEY_MAX_DEPTH: '0' })).toContain('PARLEY_MAX_DEPTH: takes a whole number of 1 or more');
  expect(await refused({ PARLEY_DEMO: 'yes' })).toContain('PARLEY_DEMO: takes 0 or 1');
  expect(await refused({ PARLEY_DATABASE: 'postgres://me@127.0.0.1:abc/x' })).toContain(
    'PARLEY_DATABASE: is no valid URL',
  );
});

test('a port in use is refused in a line', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const line = await refused({ PORT: String(port), PARLEY_DATABASE: await databaseForTest('sqlite') });
  expect(line).toContain(`PORT: ${port} of 127.0.0.1 is in use`);
});

test('an address that this machine does not have is refused in a line', async () => {
  const env = { HOST: '203.0.113.7', PARLEY_API_KEY: KEY, PARLEY_DATABASE: await databaseForTest('sqlite') };
  expect(await refused(env)).toContain('HOST: 203.0.113.7 is no address of this machine');
});

test('a command that does not exist ends with the help and code 1', async () => {
  const { code, stderr } = await runParley(['sevre']);
  expect([code, stderr]).toEqual([1, expect.stringContaining('serve')]);
});

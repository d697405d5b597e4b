import { execFile, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { databaseForTest } from './support/database.ts';
import { runParley, serveParley } from './support/parley.ts';

const [LISTENER, SENDER] = ['cometchat-uid-1', 'cometchat-uid-2'];
const LINES_MAX = 30;

const README = readFileSync('README.md', 'utf8');
const CODE = /^## Listen\n.*?^```js\n(.*?)^```/ms.exec(README)?.[1] ?? '';
const CURLS = [...README.matchAll(/^```\n(curl .*?)^```/gms)].map(([, command = '']) => command);
const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** Runs a program as an app would, and gives what it prints. */
function runCode(code: string): () => string {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code]);
  onTestFinished(() => void child.kill());
  let printed = '';
  for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', (text) => (printed += text));
  return () => printed;
}

/** Sends a text as the token's user, and gives its id. */
async function send(url: string, token: string, text: string): Promise<string> {
  const query = `mutation ($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id } } }`;
  const input = { receiverType: 'USER', receiverId: LISTENER, text, muid: text };
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data } = await response.json();
  return data.sendTextMessage.message.id;
}

test.skipIf(!hasCurl && !process.env['CI'])('its commands with curl work on the demo', async () => {
  const { url, stdout } = await serveParley({
    PARLEY_DATABASE: await databaseForTest('sqlite'),
    PARLEY_MEDIA: await folderForTest(),
  });
  const [, key = ''] = /API key +(\S+)/.exec(stdout()) ?? [];
  expect(CURLS).toHaveLength(3);
  for (const command of CURLS) {
    const filled = command.replace('http://127.0.0.1:4000', url).replace('<key>', key);
    const answer = await promisify(execFile)('bash', ['-c', filled]);
    expect(JSON.parse(answer.stdout), command).toEqual({ data: expect.anything() });
  }
});

async function folderForTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-readme-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('its code to listen has less than 30 lines', () => {
  const lines = CODE.trim().split('\n');
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.length).toBeLessThan(LINES_MAX);
});

test('its code to listen misses nothing across restarts, and begins anew where it must', {
  timeout: 120_000,
}, async () => {
  const env = { PARLEY_DATABASE: await databaseForTest('sqlite') };
  let { child, exited, url } = await serveParley(env);
  const again = { ...env, PORT: new URL(url).port };
  const [token, senders] = [await tokenOf(env, LISTENER), await tokenOf(env, SENDER)];
  const printed = runCode(CODE.replace('127.0.0.1:4000', new URL(url).host).replace('<token>', token));
  const heard = () => [...printed().matchAll(/messageId: '(\d+)'/g)].map(([, id]) => id);
  const snapshots = () => printed().split('There is').length - 1;
  await expect.poll(snapshots, { timeout: 30_000 }).toBe(1);

  const sent: string[] = [];
  for (let start = 0; start < 3; start += 1) {
    for (let n = 0; n < 10; n += 1) sent.push(await send(url, senders, `Text ${sent.length}`));
    await expect.poll(heard, { timeout: 30_000 }).toEqual(sent);
    child.kill('SIGKILL');
    await exited;
    ({ child, exited, url } = await serveParley(again));
    sent.push(await send(url, senders, `Text ${sent.length}`)); // before it is back, as like as not
  }
  await expect.poll(heard, { timeout: 30_000 }).toEqual(sent);
  expect(snapshots()).toBe(1);

  child.kill('SIGTERM');
  await exited;
  const history = await runParley(['import', '-'], {
    env,
    stdin: '{"kind":"user","value":{"uid":"newcomer","name":"Newcomer"}}\n',
  });
  expect(history.code, history.stderr).toBe(0); // the log is another one now
  ({ url } = await serveParley(again));
  await expect.poll(snapshots, { timeout: 30_000 }).toBe(2);
  sent.push(await send(url, senders, 'After all of it'));
  await expect.poll(heard, { timeout: 30_000 }).toEqual(sent);
});

async function tokenOf(env: Record<string, string>, uid: string): Promise<string> {
  const { stdout } = await runParley(['token', uid], { env });
  return stdout.trim();
}

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/store/open.ts';
import { startBucket } from '../support/bucket.ts';
import { createClient } from '../support/client.ts';
import { databaseForTest } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { bytes, keptIn, looseIn, mediaOf } from '../support/media.ts';
import { MULTIPART, multipartBody, sendFiles, sendingParts } from '../support/multipart.ts';
import { serveParley } from '../support/parley.ts';
import { serverForTest } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const KEY = 'a key that only tests know';
const MB = 1024 * 1024;
const TO_BOB = { receiverType: 'USER', receiverId: 'bob', type: 'FILE' };

/** Begins to send a file that has no end before its sender says so. */
function beginUpload(url: string) {
  const headers = { ...MULTIPART, authorization: `Bearer ${KEY}`, 'x-act-as': 'ada' };
  const sending = request(`${url}/graphql`, { method: 'POST', headers });
  sending.on('error', () => {}); // that it breaks off is what is tried
  const file = new Readable({ read() {} });
  file.push(Buffer.alloc(200_000, 1));
  const body = multipartBody(sendingParts(TO_BOB, [{ name: 'x', content: file }]), true);
  Readable.from(body)
    .on('error', () => {})
    .pipe(sending);
  return { file, sending };
}

eachDialect((dialect) => {
  test('of an upload that breaks off nothing stays, and no message comes of it', async () => {
    const server = await serverForTest({ dialect, lines: WORLD });
    const { sending } = beginUpload(server.url);
    await expect.poll(() => mediaOf(server)).toEqual({ kept: 1, loose: 1 });
    sending.destroy();
    await expect.poll(() => mediaOf(server)).toEqual({ kept: 0, loose: 0 });
    const { data } = await server.query('{ searchMessages(filter: {types: [FILE]}) { nodes { id } } }');
    expect(data.searchMessages.nodes).toEqual([{ id: '108' }]);
  });

  test('of an upload that a crash breaks off nothing stays after the next start', async () => {
    const database = await databaseForTest(dialect);
    const media = await folderForTest();
    const env = { PARLEY_DATABASE: database, PARLEY_MEDIA: media, PARLEY_API_KEY: KEY };
    const first = await serveParley(env);
    await makePeople(first.url);
    const sent = await sendFiles({ url: first.url, apiKey: KEY }, 'ada', TO_BOB, [{ name: 'kept', content: 'kept' }]);
    expect(sent.errors).toEqual([]);
    beginUpload(first.url);
    await expect.poll(() => keptIn(media)).toBe(2);
    first.child.kill('SIGKILL');
    await first.exited;
    expect(keptIn(media)).toBe(2);
    const second = await serveParley(env);
    await expect.poll(() => keptIn(media)).toBe(1);
    const kept = await fetch(second.url + sent.data.sendMediaMessage.message.url);
    expect(await kept.text()).toBe('kept');
    second.child.kill('SIGTERM');
    await second.exited;
    const db = await openDatabase(database, 'read');
    onTestFinished(() => db.close());
    expect(await looseIn(db)).toBe(0);
  });
});

test('of an upload to an S3-compatible store that a crash breaks off nothing stays after the next start', async () => {
  const bucket = await startBucket();
  onTestFinished(() => bucket.stop());
  const env = { ...bucket.env, PARLEY_DATABASE: await databaseForTest('sqlite'), PARLEY_API_KEY: KEY };
  const first = await serveParley(env);
  await makePeople(first.url);
  const { file } = beginUpload(first.url);
  file.push(Buffer.alloc(12 * MB, 1));
  await expect.poll(() => bucket.uploads(), { timeout: 10_000 }).toBe(1);
  first.child.kill('SIGKILL');
  await first.exited;
  expect(bucket.uploads()).toBe(1);
  await serveParley(env);
  await expect.poll(() => bucket.uploads(), { timeout: 10_000 }).toBe(0);
});

/** V8 begins to clear up what is outside its heap at 64 MB: so much is always there of what has passed through, and as a rule 20 MB more. */
const GROWTH_MAX = 128 * MB;

describe.runIf(process.platform === 'linux')('memory does not grow with a file', () => {
  const size = 512 * MB;

  /** The most that a process has ever held, in bytes. */
  const peakOf = async (pid: number | undefined) =>
    Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

  async function growth(env: Record<string, string>): Promise<number> {
    const limit = String(Math.ceil(size / MB));
    const all = {
      ...env,
      PARLEY_DATABASE: await databaseForTest('sqlite'),
      PARLEY_API_KEY: KEY,
      PARLEY_MAX_FILE_MB: limit,
    };
    const server = await serveParley(all);
    await makePeople(server.url);
    const send = (count: number) =>
      sendFiles({ url: server.url, apiKey: KEY }, 'ada', TO_BOB, [{ name: 'x', content: bytes(count) }]);
    await send(1_000); // what is loaded for a first file
    const before = await peakOf(server.child.pid);
    const { data } = await send(size);
    const { url, attachments } = data.sendMediaMessage.message;
    expect(attachments[0].size).toBe(size);
    let read = 0;
    for await (const chunk of (await fetch(server.url + url)).body ?? []) read += chunk.length;
    expect(read).toBe(size);
    return (await peakOf(server.child.pid)) - before;
  }

  test('that is kept on disk', { timeout: 120_000 }, async () => {
    const grown = await growth({ PARLEY_MEDIA: await folderForTest() });
    expect(grown).toBeLessThan(GROWTH_MAX);
  });

  test('that is kept in an S3-compatible store', { timeout: 120_000 }, async () => {
    const bucket = await startBucket();
    onTestFinished(() => bucket.stop());
    const grown = await growth(bucket.env);
    expect(grown).toBeLessThan(GROWTH_MAX);
  });
});

async function folderForTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-media-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function makePeople(url: string): Promise<void> {
  const query = createClient(url, KEY);
  for (const uid of ['ada', 'bob']) {
    const { errors } = await query(`mutation { createUser(input: {uid: "${uid}", name: "${uid}"}) { user { uid } } }`);
    expect(errors).toEqual([]);
  }
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askerOf } from '../support/ask.ts';
import { startBucket, type TestBucket } from '../support/bucket.ts';
import { bytes, bytesAtOnce, looseIn, picture } from '../support/media.ts';
import { type SentFile, sendFiles } from '../support/multipart.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const MB = 1024 * 1024;
const TO_BOB = { receiverType: 'USER', receiverId: 'bob' };

let [bucket, server]: [TestBucket, TestServer] = [] as never;
beforeAll(async () => {
  bucket = await startBucket();
  for (const [name, value] of Object.entries(bucket.env)) if (name.startsWith('AWS_')) process.env[name] = value;
  server = await startTestServer({
    lines: WORLD,
    env: { PARLEY_MEDIA: bucket.env['PARLEY_MEDIA'] ?? '', PARLEY_MAX_FILE_MB: '14' },
  });
});
afterAll(async () => {
  await server.stop();
  await bucket.stop();
});

const ask = askerOf(() => server);
const send = (type: string, files: readonly SentFile[], more = {}) =>
  sendFiles(server, 'ada', { ...TO_BOB, type, ...more }, files);
const kept = async () => ({ objects: bucket.objects(), uploads: bucket.uploads(), loose: await looseIn(server.db) });

async function sent(type: string, files: readonly SentFile[]) {
  const { data, errors } = await send(type, files);
  expect(errors).toEqual([]);
  return data.sendMediaMessage.message;
}

describe('in an S3-compatible store', () => {
  test.each([10, 5 * MB, 13 * MB + 7])('a file of %i bytes is kept and served, whole and in part', async (size) => {
    const content = await bytesAtOnce(size);
    const { url } = await sent('FILE', [{ name: 'a.bin', content }]);
    const whole = await fetch(server.url + url);
    expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true);
    const part = await fetch(server.url + url, { headers: { range: 'bytes=3-7' } });
    expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, content.subarray(3, 8)]);
  });

  test('an image has its size and a small one', async () => {
    const { attachments } = await sent('IMAGE', [{ name: 'a.png', content: await picture(400, 100) }]);
    expect(attachments[0]).toMatchObject({ width: 400, height: 100 });
    const small = await fetch(server.url + attachments[0].thumbnailUrl);
    expect([small.status, small.headers.get('content-type')]).toEqual([200, 'image/webp']);
  });

  test('a file goes with its message', async () => {
    const before = await kept();
    const { id, url } = await sent('FILE', [{ name: 'a.bin', content: await bytesAtOnce(6 * MB) }]);
    expect((await kept()).objects).toBe(before.objects + 1);
    await ask.run('ada', 'deleteMessage', { messageId: id }, 'message { id }');
    expect((await fetch(server.url + url)).status).toBe(404);
    await expect.poll(kept).toEqual(before);
  });

  test.each([
    ['of too large a file', 'FILE', 14 * MB + 1, {}, 'ERR_LIMIT_EXCEEDED'],
    ['of another type than it is said to be', 'IMAGE', 200_000, {}, 'ERR_INVALID_MEDIA_MESSAGE'],
    ['whose message is refused', 'FILE', 12 * MB, { parentId: '999999' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
  ])('nothing stays %s, of its parts neither', async (_what, type, size, more, code) => {
    const before = await kept();
    const { errors } = await send(type, [{ name: 'a.bin', content: bytes(size) }], more);
    expect(errors[0]?.extensions['code']).toBe(code);
    expect(await kept()).toEqual(before);
  });

  test('a file that is lost is a 404', async () => {
    const { url } = await sent('FILE', [{ name: 'a.bin', content: await bytesAtOnce(10) }]);
    const key = url.slice('/media/'.length).split('?')[0];
    await fetch(`${process.env['AWS_ENDPOINT_URL']}/files/chat/media/${key}`, { method: 'DELETE' });
    expect((await fetch(server.url + url)).status).toBe(404);
  });
});

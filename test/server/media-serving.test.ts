import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { picture } from '../support/media.ts';
import { type SentFile, sendFiles } from '../support/multipart.ts';
import { WORLD } from '../support/world.ts';

const HOUR = 3_600_000;
const DIGITS = '0123456789'.repeat(10);

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  afterEach(() => vi.useRealTimers());

  /** Sends one file, and gives its message. */
  async function sent(file: SentFile) {
    const to = { receiverType: 'USER', receiverId: 'bob', type: 'FILE' };
    const { data, errors } = await sendFiles(ask.server(), 'ada', to, [file]);
    expect(errors).toEqual([]);
    return data.sendMediaMessage.message;
  }
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(ask.server().url + path, { headers, method });

  let path: string;
  beforeAll(async () => {
    path = (await sent({ name: 'digits.txt', content: DIGITS })).url;
  });

  describe('a file', () => {
    test('may be kept by who fetched it, until its address ends', async () => {
      const response = await get(path);
      expect([response.status, await response.text()]).toEqual([200, DIGITS]);
      const { headers } = response;
      expect(headers.get('cache-control')).toMatch(/^private, max-age=\d+, immutable$/);
      expect(Number(/\d+/.exec(headers.get('cache-control') ?? ''))).toBeGreaterThanOrEqual(3_500);
      expect(headers.get('content-length')).toBe('100');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
      expect(headers.get('access-control-allow-origin')).toBe('*');
    });

    test('is not sent again to who has it', async () => {
      const etag = (await get(path)).headers.get('etag') ?? '';
      for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const response = await get(path, { 'if-none-match': condition });
        expect([response.status, await response.text()]).toEqual([304, '']);
      }
      expect((await get(path, { 'if-none-match': '"other"' })).status).toBe(200);
    });

    test('has headers that can be asked for alone', async () => {
      const response = await get(path, {}, 'HEAD');
      expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
        200,
        '100',
        '',
      ]);
    });

    test('is only read', async () => {
      expect((await get(path, {}, 'DELETE')).status).toBe(405);
    });

    test.each([
      ['bytes=0-9', '0123456789', 'bytes 0-9/100'],
      ['bytes=95-', '56789', 'bytes 95-99/100'],
      ['bytes=-3', '789', 'bytes 97-99/100'],
      ['bytes=98-1000', '89', 'bytes 98-99/100'],
      ['bytes=0-0', '0', 'bytes 0-0/100'],
    ])('is sent in part: %s', async (range, part, contentRange) => {
      const response = await get(path, { range });
      expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([
        206,
        contentRange,
        part,
      ]);
    });

    test.each(['bytes=0-1,5-6', 'lines=1-2', 'bytes=x'])('is sent as a whole where the range is %s', async (range) => {
      const response = await get(path, { range });
      expect([response.status, await response.text()]).toEqual([200, DIGITS]);
    });

    test('has no bytes after its end', async () => {
      const response = await get(path, { range: 'bytes=100-' });
      expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */100']);
    });

    test('is sent in part only where it is still the same', async () => {
      const etag = (await get(path)).headers.get('etag') ?? '';
      expect((await get(path, { range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
      expect((await get(path, { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
    });
  });

  describe('an address', () => {
    test('is the same for everybody, and for an hour', async () => {
      const { searchMessages } = await ask.data(
        'bob',
        '{ searchMessages(filter: {types: [FILE]}, first: 1) { nodes { ... on MediaMessage { url } } } }',
      );
      expect(searchMessages.nodes).toEqual([{ url: path }]);
    });

    test('ends, after an hour at the least', async () => {
      const expires = Number(new URLSearchParams(path.split('?')[1]).get('expires')) * 1_000;
      expect(expires).toBeGreaterThanOrEqual(Date.now() + HOUR - 60_000);
      vi.useFakeTimers({ toFake: ['Date'], now: expires - 1_000 });
      expect((await get(path)).status).toBe(200);
      vi.setSystemTime(expires);
      const response = await get(path);
      expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('expired')]);
    });

    test.each([
      ['another signature', (url: string) => url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
      ['a later end', (url: string) => url.replace(/expires=(\d+)/, (_, n) => `expires=${Number(n) + 3_600}`)],
      ['another key', (url: string) => url.replace(/media\/./, 'media/-')],
      ['no signature', (url: string) => url.replace(/&signature=.*/, '')],
      ['nothing but the key', (url: string) => url.replace(/\?.*/, '')],
    ])('with %s is not one', async (_what, change) => {
      const response = await get(change(path));
      expect([response.status, response.headers.get('content-type')]).toEqual([403, expect.stringContaining('json')]);
    });

    test.each(['/media/', '/media/../parley.db', '/media/..%2fparley.db', '/media/x'])('is never %s', async (other) => {
      expect((await get(other)).status).toBe(404);
    });

    test('of a file that is lost is a 404', async () => {
      const { url } = await sent({ name: 'lost.txt', content: 'lost' });
      const key = url.slice('/media/'.length).split('?')[0];
      for (const file of globSync(`**/${key}`, { cwd: ask.server().media })) rmSync(join(ask.server().media, file));
      expect((await get(url)).status).toBe(404);
      expect((await get(path)).status).toBe(200);
    });
  });

  test.each([
    ['a page', { name: 'a.html', content: '<script>alert(1)</script>', type: 'text/html' }],
    ['a drawing with a script', { name: 'a.svg', content: '<svg onload="alert(1)"/>', type: 'image/svg+xml' }],
    ['a drawing that says it is one', { name: 'a.svg', content: '<?xml version="1.0"?><svg/>', type: 'image/svg+xml' }],
    ['a script', { name: 'a.js', content: 'alert(1)', type: 'text/javascript' }],
    ['a document', { name: 'a.pdf', content: '%PDF-1.7\n', type: 'application/pdf' }],
    ['anything', { name: 'ä"b\\c\r\nd.bin', content: '\0\x01' }],
  ])('%s is only ever saved', async (_what, file) => {
    const { url } = await sent(file);
    const { headers } = await get(url);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename=/);
  });

  test('an image is shown, under its name', async () => {
    const { url } = await sent({ name: 'Bild ü.png', content: await picture(10, 10) });
    const { headers } = await get(url);
    expect(headers.get('content-type')).toBe('image/png');
    expect(headers.get('content-disposition')).toBe(
      `inline; filename="Bild ?.png"; filename*=UTF-8''Bild%20%C3%BC.png`,
    );
  });
});

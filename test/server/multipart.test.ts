import { request } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { bytes, mediaOf } from '../support/media.ts';
import {
  MULTIPART,
  multipartBody,
  type Part,
  postParts,
  SEND_MEDIA,
  sendFiles,
  sendingParts,
} from '../support/multipart.ts';
import { serverForTest } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const TO_BOB = { receiverType: 'USER', receiverId: 'bob', type: 'FILE' };
const FILE = { name: 'a.txt', content: 'a' };
const ME: Part = ['operations', '{"query": "{ me { uid } }"}'];
const NO_FILES: Part = ['map', '{}'];
const ask = useServer('sqlite', WORLD);

/** How a request is answered, as status and message. */
async function refused(parts: readonly Part[]) {
  const { status, errors } = await postParts(ask.server(), 'ada', parts);
  const [error] = errors;
  return `${status} ${error?.extensions['code']}: ${error?.message}`;
}

const operations = (variables: unknown): Part => ['operations', JSON.stringify({ query: SEND_MEDIA, variables })];
const ONE = operations({ input: { ...TO_BOB, files: [null] } });
const map = (value: unknown): Part => ['map', JSON.stringify(value)];

test('a request without files is answered as one of JSON is', async () => {
  const { status, data } = await postParts(ask.server(), 'ada', [ME, NO_FILES]);
  expect([status, data]).toEqual([200, { me: { uid: 'ada' } }]);
});

test('a file in a variable of its own is taken', async () => {
  const query = `mutation ($file: File!) { sendMediaMessage(input: {receiverType: USER, receiverId: "bob", type: FILE, files: [$file]})
    { message { attachments { name } } } }`;
  const { data } = await postParts(ask.server(), 'ada', [
    ['operations', JSON.stringify({ query, variables: { file: null } })],
    map({ f: ['variables.file'] }),
    ['f', FILE],
  ]);
  expect(data.sendMediaMessage.message.attachments).toEqual([{ name: 'a.txt' }]);
});

describe('what is malformed is refused with 400, and says why', () => {
  test.each<[string, string, readonly Part[]]>([
    ['nothing', 'is missing', []],
    ['no map', 'is missing', [ME]],
    ['the map first', 'operations`, then `map', [NO_FILES, ME]],
    ['a file first', 'operations`, then `map', [['0', FILE], ME, NO_FILES]],
    ['a file before the map', 'operations`, then `map', [ONE, ['0', FILE], map({ 0: ['variables.input.files.0'] })]],
    ['operations twice', 'operations`, then `map', [ME, ME, NO_FILES]],
    ['operations that are no JSON', '`operations` is not valid JSON', [['operations', '{'], NO_FILES]],
    ['several operations', 'one operation a request', [['operations', '[{"query": "{ __typename }"}]'], NO_FILES]],
    ['operations without a query', 'query', [['operations', '{}'], NO_FILES]],
    ['a map that is no JSON', '`map` must be', [ME, ['map', '{']]],
    ['a map that is a list', '`map` must be', [ME, map([])]],
    ['a map without places', '`map` must be', [ME, map({ 0: [] })]],
    ['a place that is not there', 'must be a null', [ONE, map({ 0: ['variables.input.files.1'] })]],
    ['a place that is taken', 'must be a null', [ONE, map({ 0: ['variables.input.type'] })]],
    ['a place outside the variables', 'must be a null', [ONE, map({ 0: ['operationName'] })]],
    ['a place that all objects have', 'must be a null', [ONE, map({ 0: ['variables.__proto__.x'] })]],
    ['the variables themselves', 'must be a null', [operations(null), map({ 0: ['variables'] })]],
  ])('%s', async (_what, reason, parts) => {
    expect(await refused(parts)).toMatch(new RegExp(`^400 ERR_BAD_REQUEST: .*${reason}`));
  });

  test('a body without a boundary', async () => {
    const headers = { authorization: `Bearer ${ask.server().apiKey}`, 'content-type': 'multipart/form-data; x=y' };
    const response = await fetch(`${ask.server().url}/graphql`, { method: 'POST', headers, body: 'x' });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('boundary')]);
  });

  test('a body that ends too early', async () => {
    const headers = { ...MULTIPART, authorization: `Bearer ${ask.server().apiKey}` };
    const body = Buffer.concat(await Array.fromAsync(multipartBody([ME], true)));
    const response = await fetch(`${ask.server().url}/graphql`, { method: 'POST', headers, body });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('too early')]);
  });
});

test('a file that the map names and that is not there is an error of who waits for it', async () => {
  const { status, errors } = await postParts(ask.server(), 'ada', [ONE, map({ 0: ['variables.input.files.0'] })]);
  expect([status, errors[0]]).toMatchObject([
    200,
    { path: ['sendMediaMessage'], extensions: { code: 'ERR_BAD_REQUEST' } },
  ]);
});

test('a file that is used twice is refused, and nothing stays of it', async () => {
  const before = await mediaOf(ask.server());
  const { errors } = await postParts(ask.server(), 'ada', [
    operations({ input: { ...TO_BOB, files: [null, null] } }),
    map({ 0: ['variables.input.files.0', 'variables.input.files.1'] }),
    ['0', FILE],
  ]);
  expect(errors[0]?.message).toContain('twice');
  expect(await mediaOf(ask.server())).toEqual(before);
});

test('parts that nobody asked for pass by', async () => {
  const parts = [...sendingParts(TO_BOB, [FILE]), ['other', { name: 'x', content: bytes(300_000) }] as const];
  const { errors } = await postParts(ask.server(), 'ada', [...parts, ['0', FILE]]);
  expect(errors).toEqual([]);
});

test.each([
  ['with a key', 200, { authorization: 'KEY' }],
  ['of a program that says so', 200, { 'graphql-preflight': '1' }],
  ['that a form could send', 415, {}],
])('a request %s is answered %i', async (_what, status, given: Record<string, string>) => {
  const headers = {
    ...MULTIPART,
    ...given,
    ...(given['authorization'] && { authorization: `Bearer ${ask.server().apiKey}` }),
  };
  const body = Buffer.concat(
    await Array.fromAsync(multipartBody([['operations', '{"query": "{ __typename }"}'], NO_FILES])),
  );
  const response = await fetch(`${ask.server().url}/graphql`, { method: 'POST', headers, body });
  expect(response.status).toBe(status);
});

test('who is not signed in is told so, though files are on their way', async () => {
  const { status, errors } = await postParts(
    ask.server(),
    'ada',
    sendingParts(TO_BOB, [{ name: 'x', content: bytes(2_000_000) }]),
    {
      authorization: 'Bearer no-such-key',
    },
  );
  expect([status, errors[0]?.extensions['code']]).toEqual([401, 'AUTH_ERR_APIKEY_NOT_FOUND']);
});

describe('limits', () => {
  test('of time count from when all files have arrived', async () => {
    const quick = await serverForTest({ lines: WORLD, env: { PARLEY_MAX_SECONDS: '1' } });
    async function* slowly() {
      yield Buffer.from('begins');
      await wait(1_500);
      yield Buffer.from(' and ends');
    }
    const { data } = await sendFiles(quick, 'ada', TO_BOB, [{ name: 'x', content: slowly() }]);
    expect(data.sendMediaMessage.message.attachments[0].size).toBe(15);
  });

  test('hold for documents as in JSON', async () => {
    const deep = `{ ${'a { '.repeat(20)} b ${'}'.repeat(20)} }`;
    expect(await refused([['operations', JSON.stringify({ query: deep })], NO_FILES])).toMatch(/^400/);
    const aliases = Array.from({ length: 31 }, (_, n) => `a${n}: onlineUserCount`).join(' ');
    expect(await refused([['operations', JSON.stringify({ query: `{ ${aliases} }` })], NO_FILES])).toMatch(
      /^400 ERR_LIMIT_EXCEEDED: .*31 aliases/,
    );
  });

  test('operations and map have together what a body of JSON has', async () => {
    const long = JSON.stringify({ query: `# ${'x'.repeat(600_000)}` });
    expect(await refused([['operations', long], NO_FILES])).toMatch(/^413 ERR_LIMIT_EXCEEDED: .*512 KB/);
    const half = JSON.stringify({ query: `# ${'x'.repeat(300_000)}` });
    expect(await refused([['operations', half], map({ a: ['x'.repeat(300_000)] })])).toMatch(/^413/);
  });

  test('ten files a request, and not one more', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `${n}.txt`, content: 'x' }));
    const { data } = await sendFiles(ask.server(), 'ada', TO_BOB, many(10));
    expect(data.sendMediaMessage.message.attachments).toHaveLength(10);
    const { status, errors } = await sendFiles(ask.server(), 'ada', TO_BOB, many(11));
    expect([status, errors[0]?.message]).toEqual([400, expect.stringContaining('10 at the most')]);
  });

  test('a file may have what its setting says, and not a byte more', async () => {
    const small = await serverForTest({ lines: WORLD, env: { PARLEY_MAX_FILE_MB: '1' } });
    const send = (size: number) => sendFiles(small, 'ada', TO_BOB, [{ name: 'x', content: bytes(size) }]);
    expect((await send(1024 * 1024)).errors).toEqual([]);
    const before = await mediaOf(small);
    const { status, errors } = await send(1024 * 1024 + 1);
    expect([status, errors[0]?.message]).toEqual([200, expect.stringContaining('1 MB at the most')]);
    expect(errors[0]?.extensions['code']).toBe('ERR_LIMIT_EXCEEDED');
    expect(await mediaOf(small)).toEqual(before);
  });

  test('a body that never ends is cut off, and nothing stays', async () => {
    const small = await serverForTest({ lines: WORLD, env: { PARLEY_MAX_FILE_MB: '1' } });
    const headers = { ...MULTIPART, authorization: `Bearer ${small.apiKey}`, 'x-act-as': 'ada' };
    const sending = request(`${small.url}/graphql`, { method: 'POST', headers });
    sending.on('error', () => {}).on('response', (response) => response.resume());
    const body = Readable.from(multipartBody(sendingParts(TO_BOB, [{ name: 'x', content: bytes(1e12) }])));
    body.pipe(sending);
    await new Promise((resolve) => sending.once('close', resolve));
    body.destroy();
    await expect.poll(() => mediaOf(small)).toEqual({ kept: 0, loose: 0 });
  });
});

test('the server still answers after all of that', async () => {
  expect(await ask.data('ada', '{ me { uid } }')).toEqual({ me: { uid: 'ada' } });
});

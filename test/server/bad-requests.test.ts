import { once } from 'node:events';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const JSON_TYPE = { 'content-type': 'application/json' };

async function post(body: BodyInit, headers: Record<string, string> = JSON_TYPE) {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  } as RequestInit);
  const answer = (await response.json()) as { data?: unknown; errors: { message: string; extensions: object }[] };
  return { status: response.status, ...answer };
}

/** With headers as they are: `fetch` would not send them. */
const raw = (headers: Record<string, string | string[]>) =>
  new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const sending = request(`${server.url}/graphql?query={__typename}`, { headers }, async (response) => {
      const chunks = await response.toArray();
      resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() });
    });
    sending.once('error', reject).end();
  });

test('who asks through a proxy may name the whole address', async () => {
  const { hostname: host, port } = new URL(server.url);
  for (const path of ['/ready', '/graphql?query={__typename}']) {
    const asking = request({ host, port, path: `http://localhost${path}` }).end();
    const [response] = await once(asking, 'response');
    response.resume();
    expect(response.statusCode).toBe(200);
  }
});

async function get(parameters: Record<string, string>) {
  const response = await fetch(`${server.url}/graphql?${new URLSearchParams(parameters)}`);
  return { status: response.status, ...((await response.json()) as { data?: unknown; errors?: object[] }) };
}

test.each([
  ['{"query": "{ me', 'not valid JSON'],
  ['', 'empty'],
  ['[{"query": "{ __typename }"}]', 'one operation a request'],
  ['"{ __typename }"', 'JSON object'],
  ['null', 'JSON object'],
  ['{}', 'query'],
  ['{"query": 7}', 'query'],
  ['{"query": "{ __typename }", "variables": "x"}', 'variables'],
  ['{"query": "{ __typename }", "extra": 1}', 'extra'],
])('the body %s answers 400 and says what is wrong', async (body, reason) => {
  const { status, errors } = await post(body);
  expect(status).toBe(400);
  expect(errors).toMatchObject([{ message: expect.stringContaining(reason), extensions: { code: 'ERR_BAD_REQUEST' } }]);
});

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
])('a body of type %s, which a form could send, answers 415', async (type) => {
  const { status, errors } = await post('{"query": "{ __typename }"}', { 'content-type': type });
  expect([status, errors[0]?.message]).toEqual([415, expect.stringContaining('application/json')]);
});

test('a compressed body answers 415, so that none unfolds to more than the limit', async () => {
  const { status } = await post(gzipSync('{"query": "{ __typename }"}'), { ...JSON_TYPE, 'content-encoding': 'gzip' });
  expect(status).toBe(415);
});

test('a body that says it is too large answers 413 with the limit', async () => {
  const { status, errors } = await post(JSON.stringify({ query: `# ${'x'.repeat(600_000)}` }));
  expect([status, errors[0]]).toEqual([
    413,
    { message: expect.stringContaining('512 KB'), extensions: { code: 'ERR_LIMIT_EXCEEDED' } },
  ]);
});

test('a body that never ends is answered 413 and cut off', async () => {
  const chunk = Buffer.alloc(64 * 1024, 32);
  let sent = 0;
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sending = request(`${server.url}/graphql`, { method: 'POST', headers: JSON_TYPE });
    let answered: number | undefined;
    sending.on('response', (response) => {
      answered = response.statusCode;
      response.resume();
    });
    sending.on('close', () => resolve(answered));
    sending.on('error', () => {}); // the cut
    const more = () => {
      sent += chunk.length;
      if (sent > 4_000_000_000) reject(new Error('never cut off'));
      if (sending.destroyed) return;
      if (sending.write(chunk)) setImmediate(more);
      else sending.once('drain', more);
    };
    more();
  });
  expect(status).toBe(413);
});

test('variables nested without end answer 400', async () => {
  const nested = '['.repeat(100_000) + ']'.repeat(100_000);
  const { status, errors } = await post(`{"query": "{ __typename }", "variables": {"x": ${nested}}}`);
  expect([status, errors[0]?.extensions]).toEqual([400, { code: 'ERR_LIMIT_EXCEEDED' }]);
});

test('GET answers queries, and refuses mutations', async () => {
  expect(await get({ query: '{ __typename }' })).toEqual({ status: 200, data: { __typename: 'Query' } });
  const response = await fetch(`${server.url}/graphql?query=mutation{x}`);
  expect(response.status).not.toBe(200);
});

test('GET with variables that are no JSON answers 400', async () => {
  expect(await get({ query: '{ __typename }', variables: '{' })).toMatchObject({
    status: 400,
    errors: [{ message: expect.stringContaining('variables'), extensions: { code: 'ERR_BAD_REQUEST' } }],
  });
});

test('another method answers 405 with those there are', async () => {
  const response = await fetch(`${server.url}/graphql`, { method: 'DELETE' });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
});

test.each(['localhost:99999', 'a b', '[::1', '%%%', '127.999.0.1', 'ada@localhost'])(
  'the Host header %s answers 400 and says so',
  async (host) => {
    const { status, body } = await raw({ host });
    expect(status).toBe(400);
    expect(JSON.parse(body).errors).toMatchObject([
      { message: expect.stringContaining('Host'), extensions: { code: 'ERR_BAD_REQUEST' } },
    ]);
  },
);

test.each(['Authorization', 'X-Act-As'])('two headers %s answer 400', async (name) => {
  const { status, body } = await raw({ [name]: ['one', 'two'] });
  expect([status, body]).toEqual([400, expect.stringContaining('twice')]);
});

test.each(['/health', '/ready', '/playground/x.js'])('%s is only read', async (path) => {
  const response = await fetch(`${server.url}${path}`, { method: 'POST' });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('a page of any origin may ask with a token of its own, and never with credentials of the browser', async () => {
  const origin = { origin: 'https://app.example' };
  const preflight = await fetch(`${server.url}/graphql`, { method: 'OPTIONS', headers: origin });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
  for (const { headers } of [preflight, await fetch(`${server.url}/graphql?query={__typename}`, { headers: origin })]) {
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  }
});

test('still answers after all of that', async () => {
  expect(await get({ query: '{ __typename }' })).toMatchObject({ status: 200 });
});

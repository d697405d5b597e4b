import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { parse } from 'graphql';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createContext } from '../../src/graphql/context.ts';
import { createExecutor } from '../../src/graphql/execution/executor.ts';
import { readJson } from '../../src/http/body.ts';
import { createLane } from '../../src/http/lane.ts';
import { schema } from '../../src/schema.ts';
import { runSql } from '../support/database.ts';
import { randomQueries } from '../support/random-query.ts';
import { serverForTest, startTestServer, type TestServer } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

// What is plain is answered by the short lane, and everything by Yoga where its address is `/graphql?yoga`, which nothing plain has.
const WAYS = ['/graphql', '/graphql?yoga'] as const;

let server: TestServer;
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] }); // both ways within one second: from the next on, who asks was last active in that one
  server = await startTestServer({ lines: WORLD });
});
afterAll(async () => {
  await server.stop();
  vi.useRealTimers();
});

interface Asked {
  readonly body: string;
  readonly headers?: Record<string, string>;
}

interface Answered {
  readonly status: string;
  readonly headers: readonly string[];
  readonly body: string;
}

function send(url: string, { body, headers = {} }: Asked): Promise<Answered> {
  const all = { 'content-type': 'application/json', 'x-request-id': 'the-same', ...headers };
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers: all }, async (response) => {
      const { statusCode, statusMessage, rawHeaders } = response;
      const lines = rawHeaders.flatMap((name, n) => (n % 2 === 0 ? [`${name}: ${rawHeaders[n + 1]}`] : []));
      const text = Buffer.concat(await response.toArray()).toString('latin1'); // each byte a character
      const told = lines.filter((line) => !line.startsWith('Date: '));
      resolve({ status: `${statusCode} ${statusMessage}`, headers: told, body: text });
    });
    sending.once('error', reject).end(body);
  });
}

/**
 * Sends it both ways, and gives the answer where the two are the same; twice, as a document is new to the lane until Yoga has found
 * it valid. What changes anything goes each way to a server of its own.
 */
async function same(asked: Asked, servers: readonly TestServer[] = [server, server]): Promise<Answered> {
  const key = { authorization: `Bearer ${server.apiKey}`, 'x-act-as': 'ada' };
  const sent = { ...asked, headers: { ...key, ...asked.headers } };
  const ask = () => Promise.all(WAYS.map((way, n) => send(`${servers[n]?.url}${way}`, sent)));
  for (const [short, long] of [await ask(), await ask()]) expect(short, asked.body).toEqual(long);
  return (await ask())[0] as Answered;
}

const asking = (query: string, variables?: unknown, more: object = {}) => ({
  body: JSON.stringify({ query, variables, ...more }),
});

describe('as plain as it gets', () => {
  test.each([
    ['{ __typename }'],
    ['query Me { me { uid name email status } }'],
    ['{ me { id: uid name } again: me { ...on User { tags metadata } } }'],
    ['{ me { ...a } } fragment a on User { ...b } fragment b on User { uid link }'],
    [
      '{ conversations(first: 5) { nodes { conversationId unreadMessageCount lastMessage { id sender { name } } } pageInfo { endCursor } } }',
    ],
    [
      '{ group(guid: "plaza") { conversation { messages(last: 50) { nodes { __typename id sentAt ... on TextMessage { text } reactions { reaction count reactedByMe } } } } } }',
    ],
    ['{ message(id: "104") { ... on MediaMessage { caption attachments { url name size } } } }'],
    ['{ users { totalCount edges { cursor node { uid } } } }'],
    ['{ cursor me { uid } }'],
    ['{ me { uid } cursor }'],
    ['{ __schema { types { name kind } } }'],
    ['{ __type(name: "User") { fields { name type { name } } } }'],
    ['# with a remark\n{ me { name } }'],
    ['{ user(uid: "zhanna") { name } other: user(uid: "smile") { name } }'],
  ])('%s', async (query) => {
    expect(await same(asking(query))).toMatchObject({ status: '200 OK', body: expect.stringContaining('{"data":') });
  });
});

describe('variables and names', () => {
  const page =
    'query Page($n: Int = 2, $with: Boolean! = true) { users(first: $n) { nodes { uid name @include(if: $with) } } }';
  const two =
    'query A { me { uid } } query B { me { name } } mutation C { __typename } subscription D { events { __typename } }';
  test.each<[unknown, object]>([
    [undefined, {}],
    [null, {}],
    [{}, {}],
    [{ n: null }, {}],
    [{ n: 1, with: false }, {}],
    [{ n: 1, unknown: [1, { a: null }] }, { extensions: { a: 1 } }],
    [{ n: 1 }, { extensions: null, operationName: null }],
    [{ n: 1 }, { operationName: 'Page' }],
    [{ n: 1 }, { operationName: 'Other' }],
    [{ n: 1 }, { operationName: '' }],
    [{ n: 1 }, { operationName: 7 }],
    [{ n: 1 }, { operationName: ['Page'] }],
    [{ n: 1 }, { extensions: [] }],
    [{ n: 1 }, { extensions: 'x' }],
    [{ n: 1 }, { other: 1 }],
    [{ n: 1 }, { other: null }],
    [[], {}],
    ['x', {}],
    [{ n: 'one' }, {}],
    [{ n: 2 ** 40 }, {}],
    [{ n: 1.5 }, {}],
    [{ n: -1 }, {}],
    [{ n: 101 }, {}],
    [{ with: null }, {}],
    [{ with: 'yes', n: 'one' }, {}],
  ])('variables %j with %j', async (variables, more) => {
    await same(asking(page, variables, more));
  });

  test.each([undefined, null, 'A', 'B', 'C', 'E', ''])(
    'of several operations the one named %j',
    async (operationName) => {
      await same(asking(two, undefined, { operationName }));
    },
  );

  test.each([
    'query ($a: Boolean = true) { me { uid @include(if: $a) name } }',
    'query ($a: Boolean = false) { me { ... on User @skip(if: $a) { uid } name } }',
    'query ($a: Boolean = true) { me { name } ... on Query @include(if: $a) { cursor } }',
    'mutation ($a: Boolean = true) { __typename @include(if: $a) }',
  ])('a condition of null: %s', async (query) => {
    for (const a of [null, true, false]) await same(asking(query, { a }));
  });

  test('many conditions, in all their combinations', async () => {
    const query =
      'query ($a: Boolean!, $b: Boolean!) { me { uid @include(if: $a) name @skip(if: $b) tags @include(if: $b) } }';
    for (const a of [true, false, true]) for (const b of [true, false]) await same(asking(query, { a, b }));
  });

  test('numbers at the edge come through as they are', async () => {
    for (const number of ['-0', '1e400', '9007199254740993', '1.0', '-1e-400']) {
      await same({
        body: `{"query": "query ($n: Int) { users(first: $n) { totalCount } }", "variables": {"n": ${number}}}`,
      });
    }
  });

  test('names that objects have by themselves', async () => {
    const query = 'query ($f: MessageFilter!) { searchMessages(filter: $f) { nodes { id } } }';
    for (const variables of [
      '{"__proto__": 1, "f": {"search": "tea"}}',
      '{"f": {"__proto__": {"search": "tea"}}}',
      '{"constructor": 1}',
    ]) {
      await same({ body: `{"query": ${JSON.stringify(query)}, "variables": ${variables}}` });
    }
    await same({ body: '{"query": "{ me { uid } }", "__proto__": {"a": 1}}' });
    await same({ body: '{"query": "{ me { uid } }", "toString": null}' });
  });
});

describe('headers', () => {
  const query = '{ me { uid } }';
  test.each([
    '',
    '*/*',
    'application/json',
    'application/graphql-response+json',
    'application/graphql-response+json, application/json;q=0.9',
    'application/json, application/graphql-response+json',
    'Application/JSON',
    'application/*',
    '*/json',
    'text/*, application/*;q=0.1',
    'application/json; charset=utf-8',
    'application/json; charset=utf-16',
    'application/json; charset=utf-16, */*',
    'text/html, */*;q=0.1',
    'text/html',
    'text/event-stream',
    'text/event-stream, application/json',
    'application/json, text/event-stream',
    'multipart/mixed, application/json',
    'multipart/mixed',
    'application',
    'application/json/more',
    ', ,',
    ';',
    '*',
  ])('Accept: %s', async (accept) => {
    await same({ ...asking(query), headers: { accept } });
    await same({ ...asking('{ me { uid } you }'), headers: { accept } });
    await same({
      ...asking(
        '{ user(uid: "ada") { uid } group(guid: "x") { guid } conversation(with: { receiverType: USER, receiverId: "" }) { conversationId } }',
      ),
      headers: { accept },
    });
  });

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/json ; charset=utf-8',
    'APPLICATION/JSON',
    'application/json;',
    'text/json',
    'application/graphql+json',
  ])('Content-Type: %s', async (type) => {
    await same({ ...asking(query), headers: { 'content-type': type } });
  });

  test.each<Record<string, string>>([
    { 'accept-encoding': 'gzip, br' },
    { 'content-encoding': 'identity' },
    { 'content-encoding': 'gzip' },
    { origin: 'https://app.example' },
    { connection: 'close' },
    { expect: '100-continue' },
    { 'transfer-encoding': 'chunked' },
    { 'x-http-method-override': 'GET' },
    { range: 'bytes=0-3' },
    { 'if-none-match': '*' },
    { cookie: 'a=b' },
  ])('%j', async (headers) => {
    await same({ ...asking(query), headers });
  });

  test.each<Record<string, string>>([
    { authorization: '' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer no such key' },
    { authorization: 'Bearer pt_nothing' },
    { authorization: 'Bearer a.b.c' },
    { authorization: 'Basic YWRhOng=' },
    { authorization: '  Bearer   x  ' },
    { 'x-act-as': '' },
    { 'x-act-as': 'nobody' },
    { 'x-act-as': 'dot' },
    { 'x-act-as': 'eve' },
    { 'x-act-as': 'bob' },
  ])('credentials %j', async (headers) => {
    await same({ ...asking(query), headers });
    await same({
      ...asking('mutation { startTyping(input: { receiverType: USER, receiverId: "bob" }) { receiverId } }'),
      headers,
    });
  });
});

describe('errors', () => {
  test.each([
    ['{ me '],
    ['{ you }'],
    [''],
    ['{ }'],
    ['{ me }'],
    ['{ user { uid } }'],
    ['query ($x: Nothing) { me { uid } }'],
    ['fragment a on User { uid }'],
    ['{ me { uid } } { me { name } }'],
    ['{ me { uid @defer } }'],
    ['{ ... @defer { me { uid } } }'],
    ['{ users @stream { totalCount } }'],
    ['{ conversation(with: { receiverType: GROUP, receiverId: "vault" }) { conversationId } }'],
    ['{ users(first: 101) { totalCount } }'],
    ['{ users(after: "x") { totalCount } ok: users { totalCount } }'],
    ['{ users(first: 1, last: 1) { nodes { uid } } }'],
    ['{ node(id: "message:301") { id } nodes(ids: ["user:ada", "x", "user:ada"]) { id } }'],
    ['mutation { sendTextMessage(input: { receiverType: USER, receiverId: "nobody", text: "x" }) { message { id } } }'],
    ['mutation { sendTextMessage(input: { receiverType: USER, receiverId: "mal", text: "x" }) { message { id } } }'],
    ['mutation { sendTextMessage(input: { receiverType: USER, receiverId: "bob", text: " " }) { message { id } } }'],
    [
      'mutation { sendTextMessage(input: { receiverType: USER, receiverId: "bob", text: "\\u0000" }) { message { id } } }',
    ],
    [`{ users(search: "${'x'.repeat(256)}") { totalCount } }`],
    [
      '{ users(first: 100) { nodes { conversation { messages(last: 100) { nodes { id sentAt muid type status } } } } } }',
    ],
    [`{ ${'__typename '.repeat(2_000)} }`],
    [`{ ${'a: __typename '.repeat(40)} }`],
    [`{ me { uid } } # ${'x'.repeat(12_000)}`],
    ['{a'.repeat(5_000)],
  ])('%s', async (query) => {
    await same(asking(query));
  });

  test.each([
    '{"query": "{ me',
    '',
    '[]',
    '[{"query": "{ me { uid } }"}]',
    '7',
    'null',
    '{}',
    '{"query": null}',
    '{"query": 7}',
    '{"query": {"a": 1}}',
  ])('the body %s', async (body) => {
    await same({ body });
  });

  test('variables that are too deep, too long, or that no database keeps', async () => {
    const query = 'query ($t: [String!], $s: String) { users(tags: $t, search: $s) { totalCount } }';
    const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
    for (const variables of [
      { x: deep(60) },
      { x: deep(40) },
      { s: '\ud800' },
      { s: 'x'.repeat(256) },
      { t: Array(101).fill('x') },
      { 'a\0': 1 },
    ]) {
      await same(asking(query, variables));
    }
  });

  test('what nobody expected is masked in the same words', async () => {
    const broken = await serverForTest({ lines: WORLD });
    await runSql(broken.database, 'drop table reactions');
    const query = '{ message(id: "209") { id reactions { reaction } } me { uid } }';
    expect((await same(asking(query), [broken, broken])).body).toContain('INTERNAL_SERVER_ERROR');
    await runSql(broken.database, 'alter table users rename to nobody');
    const unknown = { ...asking(query), headers: { 'x-act-as': 'cyd' } }; // who is known already is kept in memory
    expect((await same(unknown, [broken, broken])).status).toBe('500 Internal Server Error');
  });
});

test('mutations do the same in the same order, and answer the same', async () => {
  const servers = [await serverForTest({ lines: WORLD }), await serverForTest({ lines: WORLD })];
  const text = (name: string, to: string, words: string) =>
    `${name}: sendTextMessage(input: { receiverType: USER, receiverId: "${to}", text: "${words}" }) { message { id text sender { uid } } }`;
  const toPlaza = (more: object) => ({ input: { receiverType: 'GROUP', receiverId: 'plaza', text: 'Hello', ...more } });
  const sending =
    'mutation Send($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id text muid tags metadata parent { id } } } }';
  for (const asked of [
    asking(`mutation { ${text('one', 'bob', 'First')} ${text('two', 'bob', 'Second <@uid:bob>')} }`),
    asking(`mutation { ${text('one', 'bob', 'Third')} ${text('none', 'nobody', 'Lost')} ${text('two', 'cyd', '4')} }`),
    asking(sending, toPlaza({})),
    asking(sending, toPlaza({ muid: 'm-1' })),
    asking(sending, toPlaza({ tags: ['a', 'b'], metadata: { a: [1, null, 'é😀'] } })),
    asking(sending, toPlaza({ parentId: '202' })),
    asking(sending, toPlaza({ parentId: '203' })),
    asking(sending, toPlaza({ more: 1 })),
    asking('mutation { addReaction(input: { messageId: "209", reaction: "🎉" }) { message { reactions { count } } } }'),
    asking(
      '{ group(guid: "plaza") { conversation { messages(last: 20) { nodes { id ... on TextMessage { text } } } } } }',
    ),
  ]) {
    await same(asked, servers);
  }
});

test('random queries answer the same', { timeout: 120_000 }, async () => {
  const who = fc.constantFrom({ 'x-act-as': 'ada' }, { 'x-act-as': 'cyd' }, { authorization: '', 'x-act-as': '' });
  let found = 0;
  await fc.assert(
    fc.asyncProperty(randomQueries(schema), who, async (query, headers) => {
      const { body } = await same({ ...asking(query), headers });
      if (!body.includes('"errors"')) found += 1;
    }),
    { numRuns: 300 },
  );
  expect(found).toBeGreaterThan(10);
});

for (const audit of serverAudits({ url: () => `${server.url}/graphql`, fetchFn: fetch })) {
  test(`${audit.id} ${audit.name}, of documents that are known`, async () => {
    for (const _time of ['first', 'again']) expect(await audit.fn()).toMatchObject({ status: 'ok' });
  });
}

test('the lane takes what is plain, and answers nothing else', async () => {
  const viewer = await server.services.users.findAny('ada');
  const taken = createLane({
    schema,
    execute: createExecutor(schema),
    limits: { tokens: 2_000, depth: 12, aliases: 30, cost: 50_000, characters: 32_000_000, seconds: 10 },
    documents: { findValid: (text: string) => (text.includes('new') ? undefined : parse(text)) } as never,
    contextFor: () => createContext(server.services, { kind: 'user', id: viewer?.id ?? 0, uid: 'ada', byKey: false }),
    passOn: (_req, res, _operation, { outcome }) => res.writeHead(outcome ? 502 : 501).end(),
  });
  const http = createServer(async (req, res) => taken(req, res, await readJson(req, 100_000), { requestId: 'x' }));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void http.close());
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`;
  const statusOf = async (path: string, asked: Asked) => (await send(`${url}${path}`, asked)).status.slice(0, 3);
  expect(await statusOf('', asking('{ me { uid } cursor }'))).toBe('200');
  expect(
    await statusOf(
      '',
      asking('query A($n: Int) { users(first: $n) { totalCount } }', { n: 1 }, { operationName: 'A' }),
    ),
  ).toBe('200');
  expect(
    await statusOf(
      '',
      asking('mutation { startTyping(input: { receiverType: USER, receiverId: "bob" }) { receiverId } }'),
    ),
  ).toBe('200');
  expect(await statusOf('?yoga', asking('{ me { uid } }'))).toBe('501');
  expect(await statusOf('', asking('{ me { uid } } # new'))).toBe('501');
  expect(await statusOf('', asking('subscription { events { __typename } }'))).toBe('501');
  expect(await statusOf('', { ...asking('{ me { uid } }'), headers: { accept: 'text/event-stream' } })).toBe('501');
  expect(await statusOf('', asking('{ users(first: 101) { totalCount } }'))).toBe('502');
});

import { getIntrospectionQuery } from 'graphql';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachDialect } from '../support/each-dialect.ts';
import { text, user } from '../support/lines.ts';
import { serverForTest, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function refusal(document: string, variables?: object) {
  const { status, data, errors } = await server.query(document, variables);
  expect({ status, data, code: errors[0]?.extensions['code'] }).toEqual({
    status: 400,
    data: undefined,
    code: 'ERR_LIMIT_EXCEEDED',
  });
  return errors.map(({ message }) => message).join('\n');
}

const times = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');

test('a document of more than 2,000 tokens is refused', async () => {
  expect(await refusal(`{ ${'__typename '.repeat(2_000)} }`)).toContain('2000 tokens');
});

test('a document nested beyond reading is refused', async () => {
  expect(await refusal('{a'.repeat(100_000))).toContain('tokens');
});

test('a document more than 12 fields deep is refused, fragments counted in', async () => {
  const deep = (levels: number): string =>
    levels === 0 ? 'name' : `conversation { conversationWith { ...on User { ${deep(levels - 1)} } } }`;
  expect(await refusal(`{ user(uid: "ada") { ${deep(6)} } }`)).toContain('14 fields deep: 12 at the most');
  const fragments = `{ user(uid: "ada") { ...a } } fragment a on User { ${deep(3).replace('name', '...b')} } fragment b on User { ${deep(3)} }`;
  expect(await refusal(fragments)).toContain('14 fields deep');
  expect((await server.query(`{ user(uid: "ada") { ${deep(5)} } }`)).status).toBe(200);
});

test('more than 30 aliases are refused, but __typename may have any number', async () => {
  expect(await refusal(`{ ${times(31, (n) => `a${n}: onlineUserCount`)} }`)).toContain('31 aliases: 30 at the most');
  expect((await server.query(`{ ${times(30, (n) => `a${n}: onlineUserCount`)} }`)).errors).toEqual([]);
  expect((await server.query(`{ ${times(99, (n) => `a${n}: __typename`)} }`)).errors).toEqual([]);
});

test('an answer that could hold more than 50,000 values is refused, with the page sizes counted in', async () => {
  const pages = (size: number) =>
    `users(first: ${size}) { nodes { conversation { messages(last: ${size}) { nodes { id sentAt status type category } } } } }`;
  expect(await refusal(`{ ${pages(100)} }`)).toMatch(/could hold \d{5,} values: 50000 at the most/);
  expect((await server.query(`{ ${pages(50)} }`)).errors).toEqual([]);
});

test('page sizes in variables count, and so do their defaults and pages of no given size', async () => {
  const head =
    'users(first: $n) { nodes { conversation { messages(last: $n) { nodes { id sentAt status type category } } } } }';
  await refusal(`query ($n: Int) { ${head} }`, { n: 100 });
  await refusal(`query ($n: Int = 100) { ${head} }`);
  const { errors } = await server.query(`query ($n: Int) { ${head} }`, { n: 10 });
  expect(errors).toEqual([]);
  const unsized = 'users { nodes { conversation { messages { nodes { replies { nodes { id type } } } } } } }';
  await refusal(`{ ${unsized} }`);
});

test('a page size of null in a variable counts as a page of no given size, whatever the default', async () => {
  const document =
    'query ($n: Int = 1) { users(first: $n) { nodes { conversation { messages(first: $n) { nodes { replies(first: $n) { nodes { id type } } } } } } } }';
  await refusal(document, { n: null });
  expect((await server.query(document)).errors).toEqual([]);
});

test('a list of more than 100 is refused by the name of its argument, wherever it is', async () => {
  const many = Array.from({ length: 101 }, (_, n) => `t${n}`);
  const written = JSON.stringify(many);
  const message = '`tags` holds 101: 100 at the most';
  expect(await refusal(`{ users(tags: ${written}) { nodes { uid } } }`)).toContain(message);
  const document = (fallback: string) => `query ($t: [String!]${fallback}) { users(tags: $t) { nodes { uid } } }`;
  expect(await refusal(document(''), { t: many })).toContain(message);
  expect(await refusal(document(` = ${written}`))).toContain(message);
  expect((await server.query(document(''), { t: many.slice(1) })).errors).toEqual([]);
});

test('a text to search for of more than 255 characters is refused, inside a filter too', async () => {
  const message = '`search` has 256 characters: 255 at the most';
  expect(await refusal(`{ users(search: "${'x'.repeat(256)}") { nodes { uid } } }`)).toContain(message);
  const inFilter = 'query ($f: MessageFilter!) { searchMessages(filter: $f) { nodes { id } } }';
  expect(await refusal(inFilter, { f: { search: 'x'.repeat(256) } })).toContain(message);
  expect((await server.query(inFilter, { f: { search: 'x'.repeat(255) } })).errors).not.toMatchObject([
    { extensions: { code: 'ERR_LIMIT_EXCEEDED' } },
  ]);
});

test('names of types and items of lists count: they are in the answer too', async () => {
  const nested = (inner: string) =>
    `{ users(first: 100) { nodes { conversation { messages(last: 100) { nodes { ${inner} } } } } } }`;
  await refusal(nested(times(9, (n) => `t${n}: __typename`)));
  await refusal(nested('id sentAt status type'));
  expect(await server.query(nested('__typename id'))).toMatchObject({ status: 200, errors: [] });
});

test('JSON of any size, and pages that are searched for, count more than a value', async () => {
  const pages = (page: string) =>
    `{ users(first: 100) { nodes { conversation { ${times(6, (n) => `p${n}: messages${page}`)} } } } }`;
  await refusal(pages('(first: 1, filter: { types: [AUDIO] }) { nodes { id } }'));
  expect((await server.query(pages('(first: 1) { nodes { id } }'))).errors).toEqual([]);
  await refusal(pages('(first: 5) { nodes { metadata } }'));
  expect((await server.query(pages('(first: 5) { nodes { id } }'))).errors).toEqual([]);
});

test('ids count as many as they are', async () => {
  const each = '... on User { conversation { messages(last: 100) { nodes { id sentAt status type category muid } } } }';
  await refusal(`query ($ids: [ID!]!) { nodes(ids: $ids) { ${each} } }`, {
    ids: Array.from({ length: 100 }, (_, n) => `user:${n}`),
  });
  expect(
    (await server.query(`query ($ids: [ID!]!) { nodes(ids: $ids) { ${each} } }`, { ids: ['user:a'] })).errors,
  ).toEqual([]);
});

test('fragments that unfold without end are refused at once', async () => {
  const count = 100;
  const unfolding = times(count, (n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} ...f${n + 1} }`);
  const start = performance.now();
  await refusal(`{ ...f0 } ${unfolding} fragment f${count} on Query { onlineUserCount }`);
  expect(performance.now() - start).toBeLessThan(1_000);
});

test('fragments in a circle are refused', async () => {
  const { errors } = await server.query('{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }');
  expect(errors[0]?.message).toContain('Cannot spread fragment');
});

test('introspection is free of depth and cost, as tools need it', async () => {
  const { status, errors } = await server.query(
    getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true }),
  );
  expect([status, errors]).toEqual([200, []]);
});

test('introspection that unfolds is refused', async () => {
  const { errors } = await server.query(
    '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }',
  );
  expect(errors[0]?.message).toMatch(/introspection depth/i);
  expect(await refusal('{ a: __schema { types { name } } }')).toContain('introspection takes no aliases');
  expect(await refusal('{ __schema { types { a: name b: name } } }')).toContain('introspection takes no aliases');
});

test('a limit is what its setting says', async () => {
  const small = await serverForTest({ env: { PARLEY_MAX_ALIASES: '1', PARLEY_MAX_BODY_KB: '1' } });
  const two = await small.query('{ a: onlineUserCount b: onlineUserCount }');
  expect(two.errors[0]?.message).toContain('1 at the most');
  const large = await small.query(`# ${'x'.repeat(2_000)}`);
  expect([large.status, large.errors[0]?.message]).toEqual([413, expect.stringContaining('1 KB')]);
});

test('an answer of more characters than the limit is refused, however it is asked for', async () => {
  const long = text(1, 'ada', { user: 'bob' }, 'x'.repeat(10_000), { metadata: { notes: ['y'.repeat(10_000)] } });
  const small = await serverForTest({
    lines: [user('ada', 'Ada'), user('bob', 'Bob'), long],
    env: { PARLEY_MAX_CHARACTERS: '50000' },
  });
  const messages = (count: number, field: string) =>
    `{ ${times(count, (n) => `a${n}: conversations { nodes { lastMessage { ...on TextMessage { ${field} } } } }`)} }`;
  const named = `{ conversations { nodes { ${'a'.repeat(60_000)}: unreadMessageCount } } }`;
  for (const _time of ['by Yoga', 'by the lane'])
    expect((await small.query(named, {}, { as: 'ada' })).errors[0]?.message).toContain('50000 characters');
  for (const field of ['text', 'metadata']) {
    for (const unusual of ['', '__schema { queryType { name } }']) {
      const ask = (count: number) =>
        small.query(messages(count, field).replace(/ }$/, ` ${unusual} }`), {}, { as: 'ada' });
      for (const _time of ['by Yoga', 'by the lane']) {
        expect((await ask(4)).errors).toEqual([]);
        const { status, data, errors } = await ask(6);
        expect([status, data, errors[0]?.message]).toEqual([
          400,
          undefined,
          expect.stringContaining('50000 characters'),
        ]);
      }
    }
  }
});

test('an answer that takes longer than the limit is given up on SQLite too, where it holds up all others', async () => {
  const people = [user('ada', 'Ada'), user('bob', 'Bob')];
  const texts = Array.from({ length: 60_000 }, (_, n) => text(n + 1, 'ada', { user: 'bob' }, `Text ${n}`));
  const slow = await serverForTest({ lines: [...people, ...texts], env: { PARLEY_MAX_SECONDS: '1' } });
  const page = 'messages(first: 1, filter: { types: [AUDIO] }) { nodes { id } }';
  const with28 = times(28, (n) => `p${n}: ${page}`);
  const nested = `messages(last: 16) { nodes { receiver { ... on User { conversation { ${with28} } } } } }`;
  const document = `{ conversations(first: 1) { nodes { ${nested} } } }`;
  const start = performance.now();
  const { status, errors } = await slow.query(document, {}, { as: 'ada' });
  expect([status, errors[0]?.message]).toEqual([400, expect.stringContaining('longer than 1 s')]);
  expect(performance.now() - start).toBeLessThan(2_000);
  const form = new FormData();
  form.set('operations', JSON.stringify({ query: document }));
  form.set('map', '{}');
  const headers = { authorization: `Bearer ${slow.apiKey}`, 'x-act-as': 'ada' };
  const again = performance.now();
  const answer = await fetch(`${slow.url}/graphql`, { method: 'POST', headers, body: form });
  expect(await answer.text()).toContain('longer than 1 s');
  expect(performance.now() - again).toBeLessThan(2_000);
  expect((await slow.query('{ me { uid } }', {}, { as: 'ada' })).errors).toEqual([]);
});

eachDialect((dialect) => {
  test.runIf(dialect === 'postgres')('an answer that takes longer than the limit is given up', async () => {
    const slow = await serverForTest({ dialect, env: { PARLEY_MAX_SECONDS: '1' } });
    const client = new pg.Client({ connectionString: slow.database });
    await client.connect();
    await client.query('begin; lock table users in access exclusive mode');
    const { status, errors } = await slow.query('{ users { nodes { uid } } }');
    await client.end();
    expect([status, errors[0]?.message]).toEqual([400, expect.stringContaining('longer than 1 s')]);
    expect((await slow.query('{ users { nodes { uid } } }')).errors).toEqual([]);
  });
});

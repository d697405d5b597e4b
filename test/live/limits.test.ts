import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { openStream } from '../support/event-stream.ts';
import { openAs, operation } from '../support/raw-socket.ts';
import { serverForTest, type TestServer } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

interface Asked {
  readonly query: string;
  readonly variables?: object;
}

const times = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');
const deep = (levels: number): string =>
  levels === 0 ? 'name' : `conversation { conversationWith { ...on User { ${deep(levels - 1)} } } }`;
const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });
const events = (fields: string) =>
  `subscription { events { __typename ... on MessageSentEvent { by { ${fields} } } } }`;
const PAGES =
  'conversation { messages(last: 100) { nodes { replies(first: 100) { nodes { id muid sentAt type status category } } } } }';

/** Too much of each kind, as a query and as a subscription. */
const TOO_MUCH: readonly (readonly [string, Asked, RegExp])[] = [
  ['tokens', { query: `{ ${'__typename '.repeat(2_000)} }` }, /2000 tokens/],
  ['tokens of a subscription', { query: events('uid '.repeat(2_000)) }, /2000 tokens/],
  ['nesting', { query: '{a'.repeat(50_000) }, /tokens/],
  ['depth', { query: `{ user(uid: "ada") { ${deep(6)} } }` }, /14 fields deep: 12/],
  ['depth of a subscription', { query: events(deep(5)) }, /13 fields deep: 12/],
  ['aliases', { query: `{ ${times(31, (n) => `a${n}: onlineUserCount`)} }` }, /31 aliases: 30/],
  ['aliases of a subscription', { query: events(times(31, (n) => `a${n}: uid`)) }, /31 aliases: 30/],
  ['cost', { query: `{ users(first: 100) { nodes { ${PAGES} } } }` }, /could hold \d+ values: 50000/],
  ['cost of a subscription', { query: events(PAGES) }, /could hold \d+ values: 50000/],
  [
    'cost by a variable',
    {
      query:
        'query ($n: Int) { users(first: $n) { nodes { conversation { messages(last: $n) { nodes { id muid sentAt type category } } } } } }',
      variables: { n: 100 },
    },
    /could hold \d+ values/,
  ],
  [
    'a list',
    {
      query: 'query ($t: [String!]) { users(tags: $t) { nodes { uid } } }',
      variables: { t: Array.from({ length: 101 }, (_, n) => `t${n}`) },
    },
    /`tags` holds 101: 100/,
  ],
  [
    'a list of a subscription',
    {
      query: 'subscription ($u: [ID!]!) { presence(uids: $u) { uid } }',
      variables: { u: Array.from({ length: 101 }, (_, n) => `u${n}`) },
    },
    /`uids` holds 101: 100/,
  ],
  [
    'a text to search for',
    { query: `{ users(search: "${'x'.repeat(256)}") { nodes { uid } } }` },
    /256 characters: 255/,
  ],
  [
    'variables',
    { query: 'query ($a: JSON) { __typename @skip(if: false) }', variables: { a: nested(60) } },
    /nested too deeply|never used/,
  ],
  [
    'unfolding fragments',
    {
      query: `{ ...f0 } ${times(100, (n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} ...f${n + 1} }`)} fragment f100 on Query { onlineUserCount }`,
    },
    /could hold/,
  ],
];

/** What is not valid, or holds what no database keeps. */
const WRONG: readonly (readonly [string, Asked])[] = [
  ['a syntax error', { query: '{ users(' }],
  ['an empty document', { query: '' }],
  ['a field that there is not', { query: '{ nothing }' }],
  ['a subscription with two fields', { query: 'subscription { a: events { __typename } b: events { __typename } }' }],
  [
    'half of a surrogate pair',
    { query: 'query ($t: [String!]) { users(tags: $t) { nodes { uid } } }', variables: { t: ['\ud800'] } },
  ],
  [
    'a variable of the wrong kind',
    { query: 'query ($n: Int) { users(first: $n) { nodes { uid } } }', variables: { n: 'x' } },
  ],
  ['a variable that is missing', { query: 'subscription ($u: [ID!]!) { presence(uids: $u) { uid } }' }],
];

type Errors = readonly { message: string; extensions: Record<string, unknown> }[];

async function overSocket(server: TestServer, { query, variables }: Asked): Promise<Errors> {
  const raw = await openAs(server, 'ada');
  raw.send(operation('1', query, variables), operation('2', '{ me { uid } }'));
  const answers = [await raw.next(), await raw.next(), await raw.next()];
  expect(answers.find(({ id, type }) => id === '2' && type === 'next')?.payload).toEqual({
    data: { me: { uid: 'ada' } },
  });
  const { type, payload } = answers.find(({ id }) => id === '1');
  raw.socket.close();
  return type === 'error' ? payload : payload.errors;
}

async function overStream(server: TestServer, { query, variables }: Asked): Promise<Errors> {
  const stream = await openStream(server, { as: 'ada' }, query, variables);
  const { errors } = await stream.next();
  expect(await stream.next()).toBeUndefined();
  stream.request.destroy();
  return errors;
}

const shown = (errors: Errors) => errors.map(({ message, extensions }) => ({ message, ...extensions }));

describe('what is refused over HTTP is refused over a WebSocket and an event stream, in the same words', () => {
  const ask = useServer('sqlite', WORLD);

  test.each(TOO_MUCH)('too much: %s', async (_what, asked, message) => {
    const [socket, stream] = await Promise.all([overSocket(ask.server(), asked), overStream(ask.server(), asked)]);
    expect(shown(stream)).toEqual(shown(socket));
    expect(socket[0]?.message).toMatch(message);
    if (/^\s*subscription/.test(asked.query)) return;
    const { errors } = await ask.answer('ada', asked.query, asked.variables);
    expect(shown(socket)).toEqual(shown(errors));
  });

  test.each(WRONG)('wrong: %s', async (_what, asked) => {
    const [socket, stream] = await Promise.all([overSocket(ask.server(), asked), overStream(ask.server(), asked)]);
    expect(shown(stream)).toEqual(shown(socket));
    expect(Object.keys(socket[0]?.extensions ?? {})).toEqual(['code']);
    if (asked.query.includes('subscription')) return;
    const { errors } = await ask.answer('ada', asked.query, asked.variables);
    expect(shown(socket)).toEqual(shown(errors));
  });

  test('a mistake in a document that no request made before has its code', async () => {
    const codes = async (query: string) => (await overSocket(ask.server(), { query })).map((one) => one.extensions);
    expect(await codes('{ users(first')).toEqual([{ code: 'GRAPHQL_PARSE_FAILED' }]);
    expect(await codes('{ nobody }')).toEqual([{ code: 'GRAPHQL_VALIDATION_FAILED' }]);
  });
});

test('a limit is what its setting says on a socket too', async () => {
  const env = { PARLEY_MAX_ALIASES: '1', PARLEY_MAX_OPERATIONS: '2', PARLEY_MAX_MESSAGES: '5' };
  const server = await serverForTest({ lines: WORLD, env });
  const raw = await openAs(server, 'ada');
  raw.send(operation('1', events('uid')), operation('2', events('uid')), operation('3', '{ __typename }'), {
    id: '2',
    type: 'complete',
  });
  const refused = await raw.next();
  expect(refused).toMatchObject({ id: '3', type: 'error', payload: [{ extensions: { code: 'ERR_LIMIT_EXCEEDED' } }] });
  expect(refused.payload[0].message).toContain('2 operations are under way');
  const other = await openAs(server, 'ada');
  other.send(operation('1', '{ a: onlineUserCount b: onlineUserCount }'));
  expect((await other.next()).payload[0].message).toContain('1 at the most');
  for (let count = 0; count < 5; count += 1) other.send({ type: 'pong' });
  expect((await other.closed).code).toBe(4429);
});

test('100 operations run at once on one socket, and one more when one of them is over', async () => {
  const server = await serverForTest({ lines: WORLD });
  const raw = await openAs(server, 'ada');
  for (let n = 0; n < 101; n += 1) raw.send(operation(`${n}`, events('uid')));
  expect(await raw.next()).toMatchObject({ id: '100', type: 'error' });
  raw.send({ id: '0', type: 'complete' }, operation('100', '{ __typename }'));
  expect(await raw.next()).toMatchObject({ id: '100', type: 'next' });
  expect(server.services.live.hub.size()).toBe(99);
});

eachDialect((dialect) => {
  test.runIf(dialect === 'postgres')(
    'what was completed and still runs counts, and time is up for it too',
    async () => {
      const env = { PARLEY_MAX_SECONDS: '1', PARLEY_MAX_OPERATIONS: '1' };
      const server = await serverForTest({ dialect, lines: WORLD, env });
      const raw = await openAs(server, 'ada');
      const client = new pg.Client({ connectionString: server.database });
      await client.connect();
      await client.query('begin; lock table groups in access exclusive mode');
      raw.send(
        operation('1', '{ groups { nodes { guid } } }'),
        { id: '1', type: 'complete' },
        operation('2', '{ __typename }'),
      );
      expect(await raw.next()).toMatchObject({ id: '2', type: 'error' });
      let answer = { type: 'error' } as { type: string; payload: { errors: Errors } };
      for (let id = 3; answer.type === 'error'; id += 1) {
        raw.send(operation(`${id}`, '{ groups { nodes { guid } } }'));
        answer = await raw.next();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await client.end();
      expect(answer.payload.errors[0]?.message).toContain('longer than 1 s');
    },
  );
});

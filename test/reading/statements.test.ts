import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { eachDialect } from '../support/each-dialect.ts';
import type { Line } from '../support/seed.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const PEOPLE = 60;
const MESSAGES = 120;

const LIST = `query ($first: Int) { conversations(first: $first) { nodes {
  conversationId unreadMessageCount
  conversationWith { ... on User { uid name } ... on Group { guid name } }
  lastMessage { id sentAt sender { uid name avatar } ... on TextMessage { text } }
} pageInfo { endCursor hasNextPage } } }`;

const PAGE = `query ($last: Int, $before: String) { group(guid: "town") { conversation { messages(last: $last, before: $before) { nodes {
  id sentAt sender { uid name avatar } ... on TextMessage { text }
  reactions { reaction count reactedByMe } status readByMeAt
} pageInfo { startCursor hasPreviousPage } } } } }`;

/** What clients ask all the time. */
const HOT: Record<string, string> = {
  'the conversation list': LIST,
  'a page of messages': PAGE,
  'the unread total': '{ unreadMessageCount }',
  'one message': '{ message(id: "7") { id sender { uid } quoted { id } parent { id } } }',
  'a thread': '{ message(id: "1") { replyCount unreadRepliesCount replies { nodes { id } } } }',
  'a search in a conversation':
    '{ group(guid: "town") { conversation { messages(filter: {search: "hello world"}) { nodes { id } } } } }',
  'a search over everything': '{ searchMessages(filter: {search: "hello"}) { nodes { id } } }',
  'unread messages of a conversation':
    '{ group(guid: "town") { conversation { messages(filter: {unreadOnly: true}) { nodes { id } } } } }',
  'pinned messages': '{ group(guid: "town") { conversation { messages(filter: {pinned: true}) { nodes { id } } } } }',
  'media of a conversation':
    '{ group(guid: "town") { conversation { messages(filter: {hasAttachments: true}) { nodes { id } } } } }',
  'what changed since':
    '{ group(guid: "town") { conversation { messages(filter: {updatedAfter: 1}) { nodes { id } } } } }',
  'the members of a group': '{ group(guid: "town") { hasJoined members { nodes { uid name scope } } } }',
  'people by name': '{ users { nodes { uid name blockedByMe hasBlockedMe } } }',
  'groups by name': '{ groups { nodes { guid name hasJoined } } }',
  'the groups one is in': '{ groups(joinedOnly: true) { nodes { guid } } }',
  'the conversation with a user': '{ user(uid: "p2") { conversation { unreadMessageCount unreadMentionsCount } } }',
  'where the log stands': '{ cursor }',
};

function lines(): Line[] {
  const people = Array.from({ length: PEOPLE }, (_, n) => `p${n}`);
  const message = (id: number, sender: string, receiver: object, text: string, more: object = {}) => ({
    kind: 'message',
    value: { id, sender, ...receiver, category: 'message', type: 'text', text, sentAt: 1_000 + id, ...more },
  });
  const town = { receiver: 'town', receiverType: 'group' };
  return [
    ...people.map((uid) => ({ kind: 'user', value: { uid, name: `Person ${uid}`, createdAt: 1 } })),
    { kind: 'group', value: { guid: 'town', name: 'Town', type: 'public', owner: 'p0', createdAt: 1 } },
    ...people.map((uid) => ({ kind: 'groupMember', value: { guid: 'town', uid, scope: 'participant', joinedAt: 1 } })),
    ...Array.from({ length: MESSAGES }, (_, n) =>
      message(n + 1, `p${n % PEOPLE}`, town, `hello world ${n}`, n > 100 ? { parentId: 1 } : {}),
    ),
    ...people.slice(1).map((uid, n) => message(1_000 + n, uid, { receiver: 'p0', receiverType: 'user' }, 'hello')),
    ...Array.from({ length: MESSAGES }, (_, n) => ({
      kind: 'reaction',
      value: { messageId: n + 1, uid: 'p3', reaction: '+1', reactedAt: 2_000 },
    })),
    ...people.map((uid) => ({
      kind: 'conversation',
      value: { receiverType: 'group', receiver: 'town', uid, lastReadMessageId: 50 },
    })),
  ];
}

eachDialect((dialect) => {
  let server: TestServer;
  let ask: (document: string, variables?: object) => Promise<unknown>;
  const statements: { text: string; values: unknown[] }[] = [];

  beforeAll(async () => {
    watch(statements);
    server = await startTestServer({ dialect, lines: lines() });
    ask = async (document, variables) => {
      const { data, errors } = await server.query(document, variables, { as: 'p0' });
      expect(errors).toEqual([]);
      return data;
    };
  });
  afterAll(async () => {
    await server.stop();
    vi.restoreAllMocks();
  });
  beforeEach(() => {
    statements.length = 0;
  });

  if (dialect === 'postgres') {
    describe('reads as many statements', () => {
      test.each([
        ['the conversation list', LIST, { first: 5 }, { first: 50 }],
        ['a page of messages', PAGE, { last: 5 }, { last: 50 }],
      ])('for %s whatever the page size', async (_name, document, small, large) => {
        await ask(document, small);
        const few = statements.length;
        statements.length = 0;
        await ask(document, large);
        expect(statements.map(({ text }) => text)).toHaveLength(few);
        expect(few).toMatchSnapshot();
      });
    });
  }

  test('every hot statement goes by an index', async () => {
    for (const document of Object.values(HOT)) await ask(document);
    if (dialect === 'postgres') await analyze(server.database);
    const plans: Record<string, string[]> = {};
    for (const { text, values } of [...statements]) plans[shorten(text)] ??= await planOf(server, text, values);
    const scans = Object.values(plans)
      .flat()
      .filter((line) => READS_ALL.test(line));
    expect(scans).toEqual([]);
    expect(plans).toMatchSnapshot();
  });
});

/** A table read from end to end. Lists that come as a parameter, and rows made on the way, are no tables. */
const READS_ALL = /^SCAN (?!.*(VIRTUAL TABLE|CONSTANT ROW|USING|SUBQUERY|value|pair))|Seq Scan/;

/** A statement without its columns. */
const shorten = (text: string) => text.replace(/^select .*? from (?!json_each)/, 'select … from ');

/** Keeps the text of each statement that either driver is given. */
function watch(statements: { text: string; values: unknown[] }[]) {
  const prepare = Sqlite.prototype.prepare;
  vi.spyOn(Sqlite.prototype, 'prepare').mockImplementation(function (this: Sqlite.Database, text: string) {
    if (/^select/i.test(text)) statements.push({ text, values: [] });
    return prepare.call(this, text);
  });
  const query = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...args: unknown[]) {
    const [asked, given] = args as [{ text?: string; values?: unknown[] } | string, unknown];
    const text = typeof asked === 'string' ? asked : (asked.text ?? '');
    const values = Array.isArray(given) ? given : typeof asked === 'string' ? [] : (asked.values ?? []);
    if (/^select/i.test(text)) statements.push({ text, values });
    return query.apply(this, args) as never;
  });
}

/** Lets PostgreSQL count its rows now: it would at some time of its own, and plan anew. */
async function analyze(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('analyze');
  await client.end();
}

/** How the database goes about a statement: for PostgreSQL as it does once tables are too large to be read through. */
async function planOf(server: TestServer, text: string, values: unknown[]): Promise<string[]> {
  if (!server.database.startsWith('postgres')) {
    const file = new Sqlite(server.database, { readonly: true });
    const plan = file
      .prepare(`explain query plan ${text}`)
      .raw()
      .all(...Array.from(text.matchAll(/\?/g), () => null));
    file.close();
    return (plan as unknown[][]).map((row) => String(row[3]));
  }
  const client = new pg.Client(server.database);
  await client.connect();
  await client.query('set enable_seqscan = off');
  const { rows } = await client.query(`explain (costs off) ${text}`, values);
  await client.end();
  return rows.map((row) => String(row['QUERY PLAN'])).filter((line) => /Scan/.test(line));
}

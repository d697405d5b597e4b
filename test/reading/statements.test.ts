import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { eachDialect } from '../support/each-dialect.ts';
import { analyze, planOf, READS_ALL, type Statement, shorten, watch } from '../support/plans.ts';
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
  const statements: Statement[] = [];

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

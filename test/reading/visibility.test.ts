import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Asker, askerOf } from '../support/ask.ts';
import type { DialectName } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { oracleOf, type Viewer, type World } from '../support/oracle.ts';
import { findPage, PAGE, readPages } from '../support/pages.ts';
import { arbitraryQuestions, arbitraryWorld, linesOf, type Questions } from '../support/random-world.ts';
import { startTestServer } from '../support/server.ts';

const RUNS: Record<DialectName, number> = { sqlite: 20, postgres: 3 };
const SEED = 20_261_122;

/** What is asked in every conversation: the list that the counts are of. */
const UNREAD = { size: 7, direction: 'backward', filter: { unreadOnly: true } } as const;

eachDialect((dialect) => {
  describe('in any world', () => {
    test('each viewer sees exactly what they may', { timeout: 120_000 }, async () => {
      const property = fc.asyncProperty(arbitraryWorld, arbitraryQuestions, async (world, questions) => {
        const server = await startTestServer({ dialect, lines: linesOf(world) });
        try {
          const ask = askerOf(() => server);
          const people = world.users.filter(({ state }) => state === 'active').map(({ uid }) => ({ uid }));
          for (const viewer of [...people, 'KEY' as const]) await compare(ask, world, viewer, questions);
          await nobodySees(ask, world);
        } finally {
          await server.stop();
        }
      });
      await fc.assert(property, { seed: SEED, numRuns: RUNS[dialect], endOnFailure: true });
    });
  });
});

type Nodes = { nodes: readonly Record<string, unknown>[] };
const ids = ({ nodes }: Nodes, field = 'id') => nodes.map((node) => node[field]);

/** Asks everything as the viewer, and compares it with the oracle's answers. */
async function compare(ask: Asker, world: World, viewer: Viewer, questions: Questions) {
  const as = viewer === 'KEY' ? 'KEY' : viewer.uid;
  const oracle = oracleOf(world);

  const lists = await ask.data(as, '{ users(first: 100) { nodes { uid } } groups(first: 100) { nodes { guid } } }');
  expect(ids(lists.users, 'uid'), `users as ${as}`).toEqual(oracle.users(viewer));
  expect(ids(lists.groups, 'guid'), `groups as ${as}`).toEqual(oracle.groups(viewer));

  await compareGroups(ask, world, viewer);
  await compareNodes(ask, world, viewer);
  await compareMessages(ask, world, viewer);
  if (viewer !== 'KEY') await compareConversations(ask, world, viewer.uid, questions);

  for (const { size, direction, filter } of questions.searches) {
    if (viewer === 'KEY' && (filter.unreadOnly || filter.hideFromBlockedUsers)) continue;
    const document = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: MessageFilter!) {
      searchMessages(first: $first, after: $after, last: $last, before: $before, filter: $filter) { ${PAGE} } }
      fragment Id on BaseMessage { id }`;
    const read = async (args: object) => findPage(await ask.data(as, document, { ...args, filter }));
    const found = (await readPages(read, size, direction)).flatMap((page) => ids(page));
    expect(found, `search as ${as}: ${JSON.stringify(filter)}`).toEqual(oracle.search(viewer, filter));
  }
}

async function compareGroups(ask: Asker, world: World, viewer: Viewer) {
  const as = viewer === 'KEY' ? 'KEY' : viewer.uid;
  const oracle = oracleOf(world);
  for (const { guid } of world.groups) {
    const seen = oracle.groups(viewer).includes(guid);
    const people = async (list: string) => {
      const { data, errors } = await ask.answer(as, `{ group(guid: "${guid}") { ${list} { nodes { uid } } } }`);
      return errors.length > 0 ? undefined : data.group && ids(data.group[list], 'uid');
    };
    expect(await people('members'), `members of ${guid} as ${as}`).toEqual(seen ? oracle.members(viewer, guid) : null);
    expect(await people('bannedMembers'), `banned from ${guid} as ${as}`).toEqual(
      seen ? oracle.banned(viewer, guid) : null,
    );
  }
}

/** Every id that there is: of people, groups, members, banned people, messages. */
async function compareNodes(ask: Asker, world: World, viewer: Viewer) {
  const as = viewer === 'KEY' ? 'KEY' : viewer.uid;
  const oracle = oracleOf(world);
  const expected = new Map<string, boolean>();
  const [users, groups] = [oracle.users(viewer), oracle.groups(viewer)];
  for (const { uid } of world.users) expected.set(`user:${uid}`, users.includes(uid));
  for (const { guid } of world.groups) {
    expected.set(`group:${guid}`, groups.includes(guid));
    const shown = [...(oracle.members(viewer, guid) ?? []), ...(oracle.banned(viewer, guid) ?? [])];
    for (const { uid } of world.users) expected.set(`member:${guid}:${uid}`, shown.includes(uid));
  }
  for (const { id } of world.messages) expected.set(String(id), oracle.message(viewer, id) !== undefined);
  const all = [...expected.keys()];
  for (let start = 0; start < all.length; start += 100) {
    const some = all.slice(start, start + 100);
    const { nodes } = await ask.data(as, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: some });
    const found = some.filter((_id, n) => nodes[n] !== null);
    expect(found, `nodes as ${as}`).toEqual(some.filter((id) => expected.get(id)));
  }
}

async function compareMessages(ask: Asker, world: World, viewer: Viewer) {
  const as = viewer === 'KEY' ? 'KEY' : viewer.uid;
  const oracle = oracleOf(world);
  const fields = 'id parent { id } quoted { id } hasMentionedMe unreadRepliesCount replies { nodes { id } }';
  for (let start = 0; start < world.messages.length; start += 20) {
    const some = world.messages.slice(start, start + 20);
    const document = `{ ${some.map(({ id }) => `m${id}: message(id: "${id}") { ${fields} }`).join(' ')} }`;
    const data = await ask.data(as, document);
    for (const { id } of some) {
      const message = data[`m${id}`];
      const seen = message && {
        parent: message.parent?.id ?? null,
        quoted: message.quoted?.id ?? null,
        replies: ids(message.replies),
        mentionsMe: message.hasMentionedMe,
        unreadReplies: message.unreadRepliesCount,
      };
      expect(seen ?? undefined, `message ${id} as ${as}`).toEqual(oracle.message(viewer, id));
    }
  }
}

async function compareConversations(ask: Asker, world: World, uid: string, questions: Questions) {
  const oracle = oracleOf(world);
  const fields = 'id: conversationId lastMessage { id } unreadMessageCount unreadMentionsCount';
  const data = await ask.data(uid, `{ conversations(first: 100) { nodes { ${fields} } } unreadMessageCount }`);
  const conversations = data.conversations.nodes.map((node: Record<string, { id: string } | null>) => ({
    id: node['id'],
    lastMessage: node['lastMessage']?.id ?? null,
    unread: node['unreadMessageCount'],
    unreadMentions: node['unreadMentionsCount'],
  }));
  const expected = oracle.conversations(uid);
  expect(ordered(conversations), `conversations as ${uid}`).toEqual(ordered(expected));
  expect(data.unreadMessageCount, `unread as ${uid}`).toBe(oracle.unreadTotal(uid));
  for (const { size, direction, filter } of [...questions.lists, UNREAD]) {
    const document = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $filter: MessageFilter) {
      node(id: $id) { ... on Conversation {
        messages(first: $first, after: $after, last: $last, before: $before, filter: $filter) { ${PAGE} } } } }
      fragment Id on BaseMessage { id }`;
    for (const { id } of expected) {
      const variables = { id: nodeIdOf(id), filter };
      const read = async (args: object) => findPage(await ask.data(uid, document, { ...args, ...variables }));
      const found = (await readPages(read, size, direction)).flatMap((page) => ids(page));
      expect(found, `${id} as ${uid}: ${JSON.stringify(filter)}`).toEqual(oracle.list({ uid }, id, filter));
    }
  }
}

/** Uids here hold no underscore, so that the display form can be taken apart. */
function nodeIdOf(conversationId: string): string {
  const [first, second] = conversationId.split('_user_');
  return second === undefined
    ? `conversation:group:${conversationId.replace('group_', '')}`
    : `conversation:user:${first}:${second}`;
}

/** Those without a message have no order among themselves. */
function ordered<T extends { id: unknown; lastMessage: unknown }>(conversations: readonly T[]) {
  const [without, withOne] = [
    conversations.filter(({ lastMessage }) => lastMessage === null),
    conversations.filter(({ lastMessage }) => lastMessage !== null),
  ];
  return [...withOne, ...without.sort((a, b) => String(a.id).localeCompare(String(b.id)))];
}

async function nobodySees(ask: Asker, world: World) {
  const questions = [
    '{ users { nodes { uid } } }',
    '{ groups { nodes { guid } } }',
    '{ searchMessages(filter: {}) { nodes { id } } }',
    '{ conversations { nodes { id } } }',
    ...world.groups.map(({ guid }) => `{ group(guid: "${guid}") { guid } }`),
    ...world.messages.slice(0, 3).map(({ id }) => `{ node(id: "${id}") { id } }`),
  ];
  for (const question of questions) expect(await ask.codes('NOBODY', question)).toEqual(['AUTH_ERR_NO_ACCESS']);
}

import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { WORLD } from '../support/world.ts';

/** An id of every kind of thing, and the GraphQL type of what it names: all of them ada's to see. */
const KINDS = [
  ['user:bob', 'User'],
  ['group:plaza', 'Group'],
  ['group:cellar', 'Group'],
  ['member:plaza:bob', 'GroupMember'],
  ['member:plaza:olga', 'GroupMember'],
  ['conversation:user:ada:bob', 'Conversation'],
  ['conversation:group:plaza', 'Conversation'],
  ['101', 'TextMessage'],
  ['104', 'MediaMessage'],
  ['105', 'CustomMessage'],
  ['201', 'Action'],
  ['107', 'Call'],
] as const;

/** What names nothing, or nothing that ada may see. */
const NOTHING = [
  '',
  ' ',
  ':',
  'x',
  'ada',
  'User:ada',
  'user:',
  'user:nobody',
  'user:dot',
  'user:eve',
  'user:Ada',
  'user: ada',
  'user:ada:bob',
  'user:%',
  "user:' or 1=1 --",
  'group:',
  'group:nothing',
  'group:plaza:ada',
  'member:',
  'member:plaza',
  'member:plaza:',
  'member::ada',
  'member:plaza:nobody',
  'member:plaza:ada:x',
  'member:vault:cyd',
  'conversation:',
  'conversation:user',
  'conversation:user:ada',
  'conversation:user:bob:ada',
  'conversation:user:ada:bob:cyd',
  'conversation:user:bob:cyd',
  'conversation:user:ada:nobody',
  'conversation:group:',
  'conversation:group:vault',
  'conversation:group:nothing',
  'conversation:group:plaza:x',
  'conversation:other:plaza',
  '0',
  '-1',
  '+101',
  '0101',
  '101.0',
  '1e2',
  ' 101',
  '101 ',
  '١٠١',
  '999999',
  '9007199254740991',
  '9007199254740992',
  '9223372036854775808',
  '99999999999999999999999999',
  '309',
  '304',
  '305',
] as const;

const NODE = 'query ($id: ID!) { node(id: $id) { __typename id } }';

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);

  describe('a node', () => {
    test.each(KINDS)('%s is a %s, found by its own id', async (id, type) => {
      expect(await ask.data('ada', NODE, { id })).toEqual({ node: { __typename: type, id } });
    });

    test.each(NOTHING)('%j is nothing, and no error', async (id) => {
      expect(await ask.data('ada', NODE, { id })).toEqual({ node: null });
    });

    test('is what its own field gives', async () => {
      const both = `{
        node(id: "member:plaza:bob") { ... on GroupMember { uid name scope joinedAt isBanned guid } }
        group(guid: "plaza") { members(search: "bob") { nodes { uid name scope joinedAt isBanned guid } } }
      }`;
      const { node, group } = await ask.data('ada', both);
      expect(group.members.nodes).toEqual([node]);
    });
  });

  test('nodes keep the order of their ids, with null for what is nothing', async () => {
    const ids = [...KINDS.map(([id]) => id), 'x', '101', '309', 'user:bob'];
    const { nodes } = await ask.data('ada', 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
    const found = ids.map((id) => (id === 'x' || id === '309' ? null : { id }));
    expect(nodes).toEqual(found);
  });

  test('no more than 100 nodes are given at once', async () => {
    const ask100 = (count: number) =>
      ask.answer('ada', 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: Array(count).fill('user:bob') });
    expect((await ask100(100)).data.nodes).toHaveLength(100);
    expect((await ask100(101)).errors.map(({ extensions }) => extensions['code'])).toEqual(['ERR_LIMIT_EXCEEDED']);
    expect((await ask100(0)).data).toEqual({ nodes: [] });
  });

  test.each([
    '{ conversation(with: { receiverType: USER, receiverId: "nobody" }) { id } }',
    '{ conversation(with: { receiverType: GROUP, receiverId: "vault" }) { id } }',
    '{ call(sessionId: "session-310") { id } }',
    '{ message(id: "309") { id } }',
    '{ group(guid: "nothing") { guid } }',
  ])('%s gives null, and no error', async (question) => {
    const data = await ask.data('ada', question);
    expect(Object.values(data)).toEqual([null]);
  });
});

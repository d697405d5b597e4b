import { describe, expect, test } from 'vitest';
import { type Asker, useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { banned, block, START, text } from '../support/lines.ts';
import { findPage, PAGE, type PageArgs, readPages } from '../support/pages.ts';
import { FOUND, WORLD } from '../support/world.ts';

interface List {
  readonly name: string;
  readonly as: string;
  /** The document with the list's arguments as ARGS and what it gives as PAGE. */
  readonly document: string;
  /** How the list names what it holds. */
  readonly node: string;
  readonly all: readonly string[];
  /** Whether a page without `first` and `last` is the list's end. */
  readonly fromEnd?: boolean;
}

const uid = 'id: uid';
const id = 'id';

/** More of what the world holds only one of. */
const MANY = [
  block({ uid: 'ada', blockedUid: 'sam-1', blockedAt: START }),
  block({ uid: 'ada', blockedUid: 'li', blockedAt: START }),
  banned('plaza', 'zhanna'),
  banned('plaza', 'sam_2'),
];

/** What is no cursor: not base64, not JSON, another shape, a key of another kind, and a cursor with something added. */
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const BROKEN = ['', 'x', '!!!', 'AAAA', encoded(1), encoded({}), encoded([]), encoded(['NoList', 1]), encoded(null)];

/** Every connection that there is, with all that the world holds in it, in order. */
const LISTS: readonly List[] = [
  { name: 'users', as: 'olga', document: '{ users(ARGS) { PAGE } }', node: `User { ${uid} }`, all: FOUND },
  {
    name: 'blockedUsers',
    as: 'ada',
    document: '{ blockedUsers(ARGS) { PAGE } }',
    node: `User { ${uid} }`,
    all: ['mal', 'sam-1', 'li'],
  },
  {
    name: 'groups',
    as: 'ada',
    document: '{ groups(ARGS) { PAGE } }',
    node: 'Group { id: guid }',
    all: ['cellar', 'plaza', 'vault', 'agora'],
  },
  {
    name: 'members',
    as: 'cyd',
    document: '{ group(guid: "plaza") { members(ARGS) { PAGE } } }',
    node: `GroupMember { ${uid} }`,
    all: ['ada', 'bob', 'cyd', 'mal'],
  },
  {
    name: 'bannedMembers',
    as: 'bob',
    document: '{ group(guid: "plaza") { bannedMembers(ARGS) { PAGE } } }',
    node: `GroupMember { ${uid} }`,
    all: ['olga', 'sam_2', 'zhanna'],
  },
  {
    name: 'conversations',
    as: 'ada',
    document: '{ conversations(ARGS) { PAGE } }',
    node: 'Conversation { id: conversationId }',
    all: ['ada_user_emile', 'ada_user_mal', 'group_cellar', 'group_plaza', 'ada_user_bob', 'group_agora'],
  },
  {
    name: 'messages of a conversation',
    as: 'cyd',
    document: '{ group(guid: "plaza") { conversation { messages(ARGS) { PAGE } } } }',
    node: `BaseMessage { ${id} }`,
    all: ['201', '202', '203', '204', '205', '206', '207', '208', '209', '210', '211', '212'],
    fromEnd: true,
  },
  {
    name: 'searchMessages',
    as: 'ada',
    document: '{ searchMessages(filter: { categories: [CALL, ACTION] } ARGS) { PAGE } }',
    node: `BaseMessage { ${id} }`,
    all: ['210', '208', '205', '201', '107'],
  },
  {
    name: 'searchMessages by words',
    as: 'ada',
    document: '{ searchMessages(filter: { search: "buy" } ARGS) { PAGE } }',
    node: `BaseMessage { ${id} }`,
    all: ['303', '207'],
  },
  {
    name: 'replies',
    as: 'bob',
    document: '{ message(id: "202") { replies(ARGS) { PAGE } } }',
    node: `BaseMessage { ${id} }`,
    all: ['203', '204'],
    fromEnd: true,
  },
  {
    name: 'receipts',
    as: 'ada',
    document: '{ message(id: "209") { receipts(ARGS) { PAGE } } }',
    node: 'MessageReceipt { id: user { uid } }',
    all: ['bob', 'cyd'],
  },
  {
    name: 'users of a reaction',
    as: 'ada',
    document: '{ message(id: "209") { reactions { users(ARGS) { PAGE } } } }',
    node: `User { ${uid} }`,
    all: ['bob', 'cyd'],
  },
];

const idOf = ({ id: named }: Record<string, unknown>) =>
  typeof named === 'object' ? (named as { uid: string }).uid : String(named);

const VARIABLES = ['$first: Int', '$after: String', '$last: Int', '$before: String'];

function reader({ data }: Asker, { as, document, node }: List) {
  const full = (args: string) => {
    const used = VARIABLES.filter((variable) => args.includes(variable.split(':')[0] as string));
    const head = used.length > 0 ? `query (${used.join(', ')})` : '';
    return `${head} ${document.replace('ARGS', args).replace('PAGE', PAGE)} fragment Id on ${node}`;
  };
  const page = async (args: PageArgs) =>
    findPage(await data(as, full('first: $first, after: $after, last: $last, before: $before'), args));
  return { page, full };
}

eachDialect((dialect) => {
  const ask = useServer(dialect, [...WORLD, ...MANY]);

  describe.each(LISTS)('$name', (list) => {
    const { page, full } = reader(ask, list);

    test.each([1, 2, 100])('all pages of %i, forward, make the whole list', async (size) => {
      const pages = await readPages(page, size);
      expect(pages.flatMap(({ nodes }) => nodes.map(idOf))).toEqual(list.all);
    });

    test.each([1, 2, 100])('all pages of %i, backward, make the whole list', async (size) => {
      const pages = await readPages(page, size, 'backward');
      expect(pages.flatMap(({ nodes }) => nodes.map(idOf))).toEqual(list.all);
    });

    test('nodes and edges are the same, and the page’s cursors are those of its ends', async () => {
      const { nodes, edges, pageInfo } = await page({ first: 2 });
      expect(edges.map(({ node }) => node)).toEqual(nodes);
      expect(pageInfo.startCursor).toBe(edges[0]?.cursor);
      expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor);
    });

    test('an item has the same cursor in whichever page it stands', async () => {
      const whole = (await page({ first: 100 })).edges.map(({ cursor }) => cursor);
      expect((await readPages(page, 2)).flatMap(({ edges }) => edges.map(({ cursor }) => cursor))).toEqual(whole);
      expect((await readPages(page, 1, 'backward')).flatMap(({ edges }) => edges.map(({ cursor }) => cursor))).toEqual(
        whole,
      );
      expect(new Set(whole).size).toBe(list.all.length);
    });

    test('a page says whether there is more on either side', async () => {
      const whole = await page({ first: 100 });
      expect(whole.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
      const exact = await page({ first: list.all.length });
      expect(exact.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
      const later = await page({ first: 1, after: whole.pageInfo.startCursor });
      expect(later.pageInfo).toMatchObject({ hasNextPage: list.all.length > 2, hasPreviousPage: true });
      const earlier = await page({ last: 1, before: whole.pageInfo.endCursor });
      expect(earlier.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: list.all.length > 2 });
    });

    test('what lies between two cursors can be read from either end', async () => {
      const cursors = (await page({ first: 100 })).edges.map(({ cursor }) => cursor);
      const between = list.all.slice(1, -1);
      const bounds = { after: cursors[0] ?? null, before: cursors.at(-1) ?? null };
      expect((await page({ first: 100, ...bounds })).nodes.map(idOf)).toEqual(between);
      expect((await page({ last: 100, ...bounds })).nodes.map(idOf)).toEqual(between);
      expect((await page({ last: 1, ...bounds })).nodes.map(idOf)).toEqual(between.slice(-1));
    });

    test('the last page after a cursor, and the first before one, keep to it', async () => {
      const cursors = (await page({ first: 100 })).edges.map(({ cursor }) => cursor);
      expect((await page({ last: 1, after: cursors[0] ?? null })).nodes.map(idOf)).toEqual(list.all.slice(1).slice(-1));
      expect((await page({ first: 1, before: cursors.at(-1) ?? null })).nodes.map(idOf)).toEqual(
        list.all.slice(0, -1).slice(0, 1),
      );
    });

    test('a page of none holds nothing, and still says whether there is more', async () => {
      const front = await page({ first: 0 });
      expect(front).toMatchObject({ nodes: [], edges: [] });
      expect(front.pageInfo).toEqual({
        hasNextPage: true,
        hasPreviousPage: false,
        startCursor: null,
        endCursor: null,
      });
      const end = await page({ last: 0 });
      expect(end).toMatchObject({ nodes: [], pageInfo: { hasNextPage: false, hasPreviousPage: true } });
    });

    test('sizes and cursors that can’t be are refused, each with its code', async () => {
      const refused = (args: string) => ask.codes(list.as, full(args));
      expect(await refused('first: -1')).toEqual(['ERR_BAD_REQUEST']);
      expect(await refused('last: -1')).toEqual(['ERR_BAD_REQUEST']);
      expect(await refused('first: 2, last: 2')).toEqual(['ERR_BAD_REQUEST']);
      expect(await refused('first: 101')).toEqual(['ERR_LIMIT_EXCEEDED']);
      expect(await refused('last: 101')).toEqual(['ERR_LIMIT_EXCEEDED']);
      expect(await refused('after: "x"')).toEqual(['ERR_INVALID_CURSOR']);
      expect(await refused('before: ""')).toEqual(['ERR_INVALID_CURSOR']);
    });

    test('a cursor of another list is refused', async () => {
      const other = LISTS.find(({ node }) => node.split(' ')[0] !== list.node.split(' ')[0]) as List;
      const { endCursor } = (await reader(ask, other).page({ first: 1 })).pageInfo;
      expect(await ask.codes(list.as, full('after: $after'), { after: endCursor })).toEqual(['ERR_INVALID_CURSOR']);
    });
  });

  test.each(BROKEN)('%j is no cursor, of names or of numbers', async (cursor) => {
    const [users, messages] = ['users', 'searchMessages'].map(
      (name) => LISTS.find((list) => list.name === name) as List,
    );
    for (const list of [users, messages] as List[]) {
      const { full } = reader(ask, list);
      expect(await ask.codes(list.as, full('after: $after'), { after: cursor })).toEqual(['ERR_INVALID_CURSOR']);
      expect(await ask.codes(list.as, full('before: $before'), { before: cursor })).toEqual(['ERR_INVALID_CURSOR']);
    }
  });

  test('a cursor still marks its place where its item has gone from the list', async () => {
    const users = async (args: string) =>
      (await ask.data('ada', `{ users(${args}) { nodes { uid } edges { cursor } } }`)).users;
    const mal = (await users('search: "mal", first: 1')).edges[0].cursor;
    const after = await users(`hideBlocked: true, first: 2, after: "${mal}"`);
    expect(after.nodes).toEqual([{ uid: 'olga' }, { uid: 'sam_2' }]);
    expect((await users(`hideBlocked: true, last: 1, before: "${mal}"`)).nodes).toEqual([{ uid: 'cyd' }]);
  });

  test('without a size a conversation gives its newest 30, oldest first, and a search its newest 30', async () => {
    await ask
      .server()
      .seed(Array.from({ length: 35 }, (_, n) => text(1001 + n, 'zhanna', { user: 'smile' }, `number ${n}`)));
    const own = '{ user(uid: "zhanna") { conversation { messages { nodes { id } pageInfo { hasPreviousPage } } } } }';
    const { messages } = (await ask.data('smile', own)).user.conversation;
    expect(messages.nodes.map(idOf)).toEqual(Array.from({ length: 30 }, (_, n) => String(1006 + n)));
    expect(messages.pageInfo).toEqual({ hasPreviousPage: true });
    const { searchMessages } = await ask.data('smile', '{ searchMessages(filter: {}) { nodes { id } } }');
    expect(searchMessages.nodes.map(idOf)).toEqual(Array.from({ length: 30 }, (_, n) => String(1035 - n)));
  });

  test('messages after a cursor are the first after it, those before one the last before it', async () => {
    const plaza = async (args: string) => {
      const document = `{ group(guid: "plaza") { conversation { messages(${args}) { nodes { id } edges { cursor } } } } }`;
      return (await ask.data('cyd', document)).group.conversation.messages;
    };
    const third = (await plaza('first: 3')).edges[2].cursor;
    expect((await plaza(`after: "${third}"`)).nodes[0]).toEqual({ id: '204' });
    expect((await plaza(`before: "${third}"`)).nodes.map(idOf)).toEqual(['201', '202']);
  });
});

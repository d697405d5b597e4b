import assert from 'node:assert/strict';
import Sqlite from 'better-sqlite3';
import { parse } from 'graphql';
import { createApp } from '../../src/app.ts';
import type { Awaitable } from '../../src/awaitable.ts';
import { otherOf, type View } from '../../src/conversations/conversation.ts';
import { createContext } from '../../src/graphql/context.ts';
import { createExecutor } from '../../src/graphql/execution/executor.ts';
import type { Message } from '../../src/messages/message.ts';
import { schema } from '../../src/schema.ts';
import { openDatabase } from '../../src/store/open.ts';
import type { Viewer } from '../../src/viewer.ts';
import { prepareHistory, VIEWER } from './history.ts';
import { type Figure, race, SMOKE } from './measure.ts';
import type { Options } from './options.ts';

const LIST = parse(`{ conversations(first: 20) { nodes {
  conversationId unreadMessageCount
  conversationWith { ... on User { uid name } ... on Group { guid name } }
  lastMessage { id sentAt sender { uid name } ... on TextMessage { text } }
} } }`);

const PAGE = parse(`{ group(guid: "ubuntu") { conversation { messages(last: 50) { nodes {
  id sentAt sender { uid name avatar } ... on TextMessage { text } reactions { reaction count reactedByMe }
} } } } }`);

const LIST_SQL = `
  select c.id, m.id as message_id, m.sent_at, m.text, m.category, s.uid as sender, s.name as sender_name,
    g.guid, g.name as group_name, o.uid, o.name,
    (select count(*) from messages x where x.conversation_id = c.id and x.id > p.read_up_to and x.counts
      and x.sender_id <> p.user_id and x.deleted_at is null) as unread
  from participants p
  join conversations c on c.id = p.conversation_id
  join messages m on m.id = c.last_message_id
  join users s on s.id = m.sender_id
  left join groups g on g.id = c.group_id
  left join users o on o.id = case when c.user_a = p.user_id then c.user_b else c.user_a end
  where p.user_id = ? and p.active
  order by c.last_message_id desc limit 20`;

const PAGE_SQL = `
  select m.id, m.sent_at, m.text, s.uid, s.name, s.avatar,
    (select json_group_array(json_object('reaction', reaction, 'count', n, 'mine', mine)) from (
      select reaction, count(*) as n, max(user_id = ?) as mine from reactions where message_id = m.id group by reaction
    )) as reactions
  from messages m join users s on s.id = m.sender_id
  where m.conversation_id = (select c.id from conversations c join groups g on g.id = c.group_id where g.guid = 'ubuntu')
    and not m.purged
  order by m.id desc limit 50`;

/** Reads of the real history: what Parley reads, and the whole query, against the one joined statement of a person. */
export async function run({ smoke }: Options): Promise<Figure[]> {
  const file = await prepareHistory();
  const db = await openDatabase(file, 'write');
  const services = createApp(db);
  const user = await services.users.findAny(VIEWER);
  assert(user);
  const viewer: Viewer = { kind: 'user', id: user.id, uid: user.uid, byKey: false };
  const execute = createExecutor(schema);
  const plain = new Sqlite(file, { readonly: true });
  const [listSql, pageSql] = [plain.prepare(LIST_SQL), plain.prepare(PAGE_SQL)];
  const ask = (document: ReturnType<typeof parse>) => () => {
    const answer = execute({ document, contextValue: createContext(services, viewer) });
    assert(!(answer instanceof Promise) && !answer.errors, JSON.stringify(answer));
    return answer;
  };
  const context = () => createContext(services, viewer);
  const group = here(services.groups.find(viewer, 'ubuntu'));
  const view = here(services.conversations.find(viewer, { receiverType: 'group', receiverId: 'ubuntu' }));
  assert(group && view);

  function readList() {
    const { loaders } = context();
    const { rows } = here(
      services.conversations.list(viewer, {}, { after: undefined, before: undefined, limit: 20, backward: false }),
    );
    return rows.map((row) => {
      const last = here(loaders.messages.byId.getFor(row, ({ lastMessageId }) => lastMessageId));
      const unread = here(loaders.conversations.unread.loadFor(row, unreadOf))?.unread ?? 0;
      const other = here(
        row.groupId === null ? loaders.users.byId.loadFor(row, partnerOf) : loaders.groups.byId.get(row.groupId),
      );
      return { last, unread, other, sender: here(loaders.users.byId.getFor(last, ({ senderId }) => senderId)) };
    });
  }

  function readPage() {
    const { loaders } = context();
    assert(view);
    const { rows } = here(
      services.messages.list(viewer, view, {}, { after: undefined, before: undefined, limit: 50, backward: true }),
    );
    return rows.map((row) => ({
      row,
      sender: here(loaders.users.byId.getFor(row, ({ senderId }) => senderId)),
      reactions: here(loaders.messages.reactions.loadFor(row, reactedTo)),
    }));
  }

  assert.equal(readList().length, 20);
  assert.equal(listSql.all(user.id).length, 20);
  assert.deepEqual(
    readPage().map(({ row }) => row.id),
    (pageSql.all(user.id) as { id: number }[]).map(({ id }) => id).reverse(),
  );

  const length = smoke ? SMOKE : undefined;
  const list = race({ joined: () => listSql.all(user.id), reads: readList, query: ask(LIST) }, length);
  const page = race({ joined: () => pageSql.all(user.id), reads: readPage, query: ask(PAGE) }, length);
  plain.close();
  await db.close();
  return [
    { what: 'conversation list of 20: the joined statement', value: list.joined, unit: 'µs', promised: '' },
    {
      what: 'conversation list of 20: what Parley reads',
      value: list.reads / list.joined,
      unit: '× joined',
      promised: '≤ 2',
    },
    {
      what: 'conversation list of 20: the whole GraphQL query',
      value: list.query / list.joined,
      unit: '× joined',
      promised: '',
    },
    { what: 'page of 50 messages: the joined statement', value: page.joined, unit: 'µs', promised: '' },
    {
      what: 'page of 50 messages: what Parley reads',
      value: page.reads / page.joined,
      unit: '× joined',
      promised: '≤ 2',
    },
    {
      what: 'page of 50 messages: the whole GraphQL query',
      value: page.query / page.joined,
      unit: '× joined',
      promised: '',
    },
  ];
}

// As the resolvers name them.
const unreadOf = ({ id, counted, readCounted }: View) => (counted === readCounted ? undefined : id);
const partnerOf = (view: View) => (view.groupId === null ? otherOf(view, view.userId) : undefined);
const reactedTo = ({ id, reactionCount }: Message) => (reactionCount === 0 ? undefined : id);

/** What is there at once, as reads on SQLite are. */
function here<T>(value: Awaitable<T>): T {
  assert(!(value instanceof Promise));
  return value;
}

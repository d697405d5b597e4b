import { makeExecutableSchema } from '@graphql-tools/schema';
import type Sqlite from 'better-sqlite3';
import DataLoader from 'dataloader';
import type { GraphQLSchema } from 'graphql';
import { signIn, type User } from './database.ts';

/** The part of Parley's schema that the benchmark asks for, under the same names. */
const typeDefs = `
  scalar Timestamp
  scalar URL
  type Query {
    me: User
    group(guid: ID!): Group
    conversations(first: Int): ConversationConnection!
  }
  type User { uid: ID! name: String! avatar: URL }
  type Group { guid: ID! name: String! conversation: Conversation }
  union AppEntity = User | Group
  type ConversationConnection { nodes: [Conversation!]! }
  type Conversation {
    conversationId: ID!
    unreadMessageCount: Int!
    conversationWith: AppEntity!
    lastMessage: BaseMessage
    messages(last: Int): MessageConnection!
  }
  type MessageConnection { nodes: [BaseMessage!]! }
  interface BaseMessage { id: ID! sentAt: Timestamp! sender: User! reactions: [ReactionCount!]! }
  type TextMessage implements BaseMessage {
    id: ID! sentAt: Timestamp! sender: User! reactions: [ReactionCount!]! text: String!
  }
  type OtherMessage implements BaseMessage { id: ID! sentAt: Timestamp! sender: User! reactions: [ReactionCount!]! }
  type ReactionCount { reaction: String! count: Int! reactedByMe: Boolean! }
`;

interface Group {
  readonly id: number;
  readonly guid: string;
  readonly name: string;
}

interface Conversation {
  readonly id: number;
  readonly groupId: number | null;
  readonly otherId: number | null;
  readonly lastMessageId: number;
  readonly clearedUpTo: number;
  readonly unread: number;
}

interface Message {
  readonly id: number;
  readonly category: string;
  readonly type: string;
  readonly senderId: number;
  readonly sentAt: number;
  readonly text: string | null;
  readonly reactionCount: number;
}

interface Reaction {
  readonly messageId: number;
  readonly reaction: string;
  readonly count: number;
  readonly mine: number;
}

const CONVERSATION = `
  select c.id, c.group_id as groupId, case when c.user_a = p.user_id then c.user_b else c.user_a end as otherId,
    c.last_message_id as lastMessageId, p.cleared_up_to as clearedUpTo,
    case when c.counted = p.read_counted then 0 else c.counted - p.read_counted
      - (select count(*) from messages m where m.conversation_id = c.id and m.id > p.read_up_to and m.counts
          and m.sender_id = p.user_id)
      - (select count(*) from messages m where m.conversation_id = c.id and m.id > p.read_up_to and m.counts
          and m.sender_id <> p.user_id and m.deleted_at is not null) end as unread
  from participants p join conversations c on c.id = p.conversation_id`;

const MESSAGE = `
  select id, category, type, sender_id as senderId, sent_at as sentAt, text, reaction_count as reactionCount from messages`;

/** The context of a request: who asks, and loaders of their own. */
export type Context = ReturnType<ReturnType<typeof createService>['contextFor']>;

/** The schema over a database, with prepared statements, and how a request's context is made. */
export function createService(client: Sqlite.Database): {
  schema: GraphQLSchema;
  contextFor: ReturnType<typeof contexts>['contextFor'];
} {
  const { contextFor, statements } = contexts(client);
  const resolvers = {
    Query: {
      me: (_root: unknown, _args: unknown, { viewer }: Context) => viewer,
      group: (_root: unknown, { guid }: { guid: string }) => statements.group.get(guid),
      conversations: (_root: unknown, { first = 30 }: { first?: number }, { viewer }: Context) => ({
        nodes: statements.conversations.all(viewer.id, first),
      }),
    },
    Group: {
      conversation: ({ id }: Group, _args: unknown, { viewer }: Context) => statements.ofGroup.get(viewer.id, id),
    },
    AppEntity: { __resolveType: (entity: User | Group) => ('guid' in entity ? 'Group' : 'User') },
    Conversation: {
      conversationId: async (
        { groupId, otherId }: Conversation,
        _args: unknown,
        { viewer, groups, users }: Context,
      ) => {
        if (groupId !== null) return `group_${(await groups.load(groupId)).guid}`;
        return [viewer.uid, (await users.load(otherId ?? 0)).uid].sort().join('_user_');
      },
      unreadMessageCount: ({ unread }: Conversation) => unread,
      conversationWith: ({ groupId, otherId }: Conversation, _args: unknown, { groups, users }: Context) =>
        groupId === null ? users.load(otherId ?? 0) : groups.load(groupId),
      lastMessage: ({ lastMessageId, clearedUpTo }: Conversation, _args: unknown, { messages }: Context) =>
        lastMessageId > clearedUpTo ? messages.load(lastMessageId) : null,
      messages: ({ id, clearedUpTo }: Conversation, { last = 30 }: { last?: number }) => ({
        nodes: statements.page.all(id, clearedUpTo, last).reverse(),
      }),
    },
    BaseMessage: {
      __resolveType: ({ category, type }: Message) =>
        category === 'message' && type === 'text' ? 'TextMessage' : 'OtherMessage',
    },
    TextMessage: messageFields,
    OtherMessage: messageFields,
    ReactionCount: { reactedByMe: ({ mine }: Reaction) => mine === 1 },
  };
  return { schema: makeExecutableSchema({ typeDefs, resolvers }), contextFor };
}

const messageFields = {
  sender: ({ senderId }: Message, _args: unknown, { users }: Context) => users.load(senderId),
  reactions: ({ id, reactionCount }: Message, _args: unknown, { reactions }: Context) =>
    reactionCount === 0 ? [] : reactions.load(id),
};

function contexts(client: Sqlite.Database) {
  const among = '(select value from json_each(?))';
  const statements = {
    group: client.prepare<[string], Group>('select id, guid, name from groups where guid = ?'),
    conversations: client.prepare<[number, number], Conversation>(
      `${CONVERSATION} where p.user_id = ? and p.active and (p.cleared_up_to = 0 or c.last_id > p.cleared_up_to)
       order by c.last_message_id desc limit ?`,
    ),
    ofGroup: client.prepare<[number, number], Conversation>(
      `${CONVERSATION} where p.user_id = ? and c.group_id = ? and p.active`,
    ),
    page: client.prepare<[number, number, number], Message>(
      `${MESSAGE} where conversation_id = ? and id > ? and not purged order by id desc limit ?`,
    ),
    users: client.prepare<[string], User>(`select id, uid, name, avatar from users where id in ${among}`),
    groups: client.prepare<[string], Group>(`select id, guid, name from groups where id in ${among}`),
    messages: client.prepare<[string], Message>(`${MESSAGE} where id in ${among}`),
    reactions: client.prepare<[number, string], Reaction>(
      `select message_id as messageId, reaction, count(*) as count, max(user_id = ?) as mine from reactions
       where message_id in ${among} group by message_id, reaction order by message_id, min(at), reaction`,
    ),
  };
  const signInWith = signIn(client);

  /** One row for each id, in their order. */
  const byId = <Row extends { readonly id: number }>(statement: Sqlite.Statement<[string], Row>) =>
    new DataLoader<number, Row>(async (ids) => {
      const rows = new Map(statement.all(JSON.stringify(ids)).map((row) => [row.id, row]));
      return ids.map((id) => rows.get(id) ?? new Error(`there is no ${id}`));
    });

  function contextFor(authorization: string | undefined) {
    const viewer = signInWith(authorization);
    return {
      viewer,
      users: byId(statements.users),
      groups: byId(statements.groups),
      messages: byId(statements.messages),
      reactions: new DataLoader<number, Reaction[]>(async (ids) => {
        const found = Map.groupBy(statements.reactions.all(viewer.id, JSON.stringify(ids)), (one) => one.messageId);
        return ids.map((id) => found.get(id) ?? []);
      }),
    };
  }

  return { contextFor, statements };
}

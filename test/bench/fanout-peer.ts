import DataLoader from 'dataloader';
import { createPubSub, createSchema } from 'graphql-yoga';
import { connect } from './sending-statements.ts';

/** An event, as the peer's schema tells it. */
export interface PeerEvent {
  readonly cursor: string;
  readonly kind: string;
  readonly messageId: number;
}

interface Message {
  readonly id: number;
  readonly senderId: number;
}

/** The part of Parley's schema that the benchmark subscribes to, under the same names. */
const typeDefs = `
  scalar Timestamp
  type Query { ok: Boolean }
  type Subscription { events(after: String): Event! }
  interface Event { cursor: String! kind: String! }
  type MessageSentEvent implements Event { cursor: String! kind: String! messageId: ID! message: BaseMessage }
  interface BaseMessage { id: ID! sentAt: Timestamp! type: String! receiverId: ID! sender: User! }
  type TextMessage implements BaseMessage {
    id: ID! sentAt: Timestamp! type: String! receiverId: ID! sender: User! text: String!
  }
  type User { uid: ID! name: String! }
`;

/**
 * The schema of the per-subscriber peer over the same database file: prepared statements behind DataLoader, which is what GraphQL servers
 * are told to read by. Each event has loaders of its own: those of a whole subscription would show rows as they once were.
 */
export function createPeer(file: string, onSubscribe: () => void) {
  const client = connect(file);
  const among = '(select value from json_each(?))';
  const messages = client.prepare<[string], Message>(
    `select m.id, m.sender_id as senderId, m.sent_at as sentAt, upper(m.type) as type, m.text, g.guid as receiverId from messages m
     join conversations c on c.id = m.conversation_id join groups g on g.id = c.group_id where m.id in ${among}`,
  );
  const users = client.prepare<[string], { id: number }>(`select id, uid, name from users where id in ${among}`);
  const byId = <Row extends { readonly id: number }>(statement: { all(ids: string): Row[] }) =>
    new DataLoader<number, Row>(async (ids) => {
      const rows = new Map(statement.all(JSON.stringify(ids)).map((row) => [row.id, row]));
      return ids.map((id) => rows.get(id) ?? new Error(`there is no ${id}`));
    });
  const loaders = () => ({ messages: byId(messages), users: byId(users) });
  type Loaders = ReturnType<typeof loaders>;
  const pubSub = createPubSub<{ events: [PeerEvent] }>();
  const resolvers = {
    Subscription: {
      events: {
        subscribe() {
          onSubscribe();
          return pubSub.subscribe('events');
        },
        resolve(event: PeerEvent, _args: unknown, context: Loaders) {
          Object.assign(context, loaders());
          return event;
        },
      },
    },
    Event: { __resolveType: () => 'MessageSentEvent' },
    MessageSentEvent: {
      message: ({ messageId }: PeerEvent, _args: unknown, context: Loaders) => context.messages.load(messageId),
    },
    BaseMessage: { __resolveType: () => 'TextMessage' },
    TextMessage: { sender: ({ senderId }: Message, _args: unknown, context: Loaders) => context.users.load(senderId) },
  };
  return {
    schema: createSchema<object>({ typeDefs, resolvers }),
    publish: (event: PeerEvent) => pubSub.publish('events', event),
  };
}

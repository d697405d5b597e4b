import type { ObjectFieldBuilder } from '@pothos/core';
import { type Awaitable, andThen } from '../awaitable.ts';
import { CallMessageType, CallStatusEnum } from '../calls/graphql.ts';
import { ConversationType, conversationIdOf, ReceiverTypeEnum } from '../conversations/graphql.ts';
import { builder, personal, type SchemaTypes } from '../graphql/builder.ts';
import type { Context } from '../graphql/context.ts';
import { GroupMemberType, GroupType } from '../groups/graphql.ts';
import type { Group, Member } from '../groups/group.ts';
import type { Json } from '../json.ts';
import { BaseMessageType } from '../messages/graphql.ts';
import { ActionType } from '../messages/graphql-types.ts';
import type { Message } from '../messages/message.ts';
import { must } from '../store/handle.ts';
import { UserStatusType, UserType } from '../users/graphql.ts';
import type { Occurrence } from './occurrence.ts';

type Kind = Exclude<Occurrence['kind'], 'CALL_SIGNAL'>;

/** What can happen, and the type of the event that tells of it. */
const KINDS: Record<Kind, { readonly type: string; readonly description: string }> = {
  MESSAGE_SENT: { type: 'MessageSentEvent', description: 'A message was sent.' },
  MESSAGE_EDITED: { type: 'MessageEditedEvent', description: 'A message was edited.' },
  MESSAGE_DELETED: { type: 'MessageDeletedEvent', description: 'A message was deleted.' },
  MESSAGE_PINNED: { type: 'MessagePinnedEvent', description: 'A message was pinned.' },
  MESSAGE_UNPINNED: { type: 'MessageUnpinnedEvent', description: 'A message is pinned no longer.' },
  MESSAGE_SAVED: { type: 'MessageSavedEvent', description: 'The viewer saved a message.' },
  MESSAGE_UNSAVED: { type: 'MessageUnsavedEvent', description: 'The viewer no longer saves a message.' },
  REACTION_ADDED: { type: 'ReactionAddedEvent', description: 'Somebody reacted to a message.' },
  REACTION_REMOVED: { type: 'ReactionRemovedEvent', description: 'Somebody took a reaction back.' },
  MESSAGES_DELIVERED: { type: 'MessagesDeliveredEvent', description: 'Messages reached whom they were for.' },
  MESSAGES_READ: { type: 'MessagesReadEvent', description: 'Messages were read.' },
  GROUP_UPDATED: { type: 'GroupUpdatedEvent', description: 'A group changed, or has another owner.' },
  GROUP_DELETED: { type: 'GroupDeletedEvent', description: 'A group was deleted.' },
  MEMBERSHIP_CHANGED: {
    type: 'MembershipChangedEvent',
    description: 'Somebody came into a group, left it, or may do other things in it.',
  },
  CALL_UPDATED: { type: 'CallUpdatedEvent', description: 'A call began, or moved on.' },
  CONVERSATION_UPDATED: {
    type: 'ConversationUpdatedEvent',
    description: 'The viewer changed their own view of a conversation.',
  },
  USER_UPDATED: { type: 'UserUpdatedEvent', description: 'The viewer’s profile changed.' },
  USER_BLOCKED: { type: 'UserBlockedEvent', description: 'The viewer blocked somebody.' },
  USER_UNBLOCKED: { type: 'UserUnblockedEvent', description: 'The viewer no longer blocks somebody.' },
  TYPING_STARTED: { type: 'TypingStartedEvent', description: 'Somebody began to type. Not kept.' },
  TYPING_ENDED: { type: 'TypingEndedEvent', description: 'Somebody no longer types. Not kept.' },
  PRESENCE_CHANGED: {
    type: 'PresenceChangedEvent',
    description: 'Somebody whom the viewer talks with came or went. Not kept.',
  },
  TRANSIENT_MESSAGE: { type: 'TransientMessageEvent', description: 'A message that passes by. Not kept.' },
  RESYNC_REQUIRED: {
    type: 'ResyncRequiredEvent',
    description: 'First and once, where `after` can’t be resumed: fetch anew, then follow this stream.',
  },
};

export const EventKindEnum = builder.enumType('EventKind', {
  description: 'What can happen.',
  values: Object.fromEntries(
    Object.entries(KINDS).map(([kind, { description }]) => [kind, { value: kind as Kind, description }]),
  ) as { [K in Kind]: { value: K; description: string } },
});

export const EventType = builder.interfaceRef<Occurrence>('Event').implement({
  description: 'Something that happened: what, to what, and the thing as it is now.',
  resolveType: ({ kind }) => KINDS[kind as Kind].type as never,
  fields: (t) => ({
    cursor: t.exposeString('cursor', {
      description: 'The log’s position after it: give it as `after` to go on from here.',
    }),
    at: t.expose('at', { type: 'Timestamp', description: 'When it happened.' }),
    kind: t.field({ type: EventKindEnum, description: 'What happened.', resolve: ({ kind }) => kind as Kind }),
  }),
});

/** The small facts of the moment. */
const fact = ({ details }: Occurrence, name: string): Json => (details as { [key: string]: Json })[name] ?? null;
const textFact = (one: Occurrence, name: string): string => String(fact(one, name));

function messageOf({ messageId, hidden }: Occurrence, { loaders }: Context): Awaitable<Message | null> {
  if (messageId === null || hidden) return null;
  return andThen(loaders.messages.byId.load(messageId), (message) => (message && !message.purged ? message : null));
}

/** The group of an event's conversation, where it is still there and may be seen. */
function groupOf({ conversationId, hidden }: Occurrence, { loaders }: Context): Awaitable<Group | null> {
  if (conversationId === null) return null;
  return andThen(loaders.conversations.byId.load(conversationId), (conversation) =>
    andThen(conversation?.groupId == null ? undefined : loaders.groups.byId.load(conversation.groupId), (group) =>
      group && group.deletedAt === null && !(hidden === 'group' && group.type === 'private') ? group : null,
    ),
  );
}

type Fields = ObjectFieldBuilder<SchemaTypes, Occurrence>;

const by = (t: Fields, description: string) =>
  t.field({
    type: UserType,
    nullable: true,
    description,
    resolve: ({ byId }, _args, { loaders }) => (byId === null ? null : loaders.users.byId.load(byId)),
  });

const actor = (t: Fields) => by(t, 'Who did it; null where an API key did on nobody’s behalf.');

const message = (t: Fields) => ({
  messageId: t.id({ description: 'The message’s id.', resolve: ({ messageId }) => must(messageId ?? undefined) }),
  message: t.field({
    type: BaseMessageType,
    nullable: true,
    description: 'The message as it is now; null where it is gone, or may no longer be seen.',
    resolve: (one, _args, context) => messageOf(one, context),
  }),
  by: actor(t),
});

const reaction = (t: Fields) => ({
  ...message(t),
  reaction: t.string({
    description: 'The reaction; empty where the message is gone or deleted by now, and its reactions with it.',
    resolve: (one, _args, { loaders }) =>
      andThen(loaders.messages.byId.load(one.messageId ?? 0), (found) =>
        found && !found.purged && found.deletedAt === null ? textFact(one, 'reaction') : '',
      ),
  }),
});

const conversation = (t: Fields) => ({
  conversationId: t.id({
    description: 'The data model’s name of the conversation.',
    resolve: ({ conversationId }, _args, context) =>
      andThen(context.loaders.conversations.byId.get(conversationId ?? 0), (row) => conversationIdOf(row, context)),
  }),
  conversation: t.field({
    ...personal,
    type: ConversationType,
    nullable: true,
    description: 'The viewer’s view of it now; null where they no longer take part.',
    resolve: ({ conversationId }, _args, { loaders }) =>
      andThen(loaders.conversations.mine.load(conversationId ?? 0), (view) => (view?.active ? view : null)),
  }),
});

const reached = (t: Fields) => ({
  ...conversation(t),
  by: by(t, 'Whom they reached; null where all members of the group have them now.'),
  upTo: t.id({ description: 'The last of the messages.', resolve: (one) => textFact(one, 'upTo') }),
});

const group = (t: Fields) => ({
  guid: t.id({ description: 'The group’s guid.', resolve: (one) => textFact(one, 'guid') }),
  group: t.field({
    type: GroupType,
    nullable: true,
    description: 'The group as it is now; null where it is gone, or may no longer be seen.',
    resolve: (one, _args, context) => groupOf(one, context),
  }),
});

/** Whom an event is about. */
const subject = (t: Fields) => ({
  uid: t.id({
    description: 'The user’s uid.',
    resolve: ({ userId }, _args, { loaders }) => andThen(loaders.users.byId.get(userId ?? 0), ({ uid }) => uid),
  }),
  user: t.field({
    type: UserType,
    nullable: true,
    description: 'The user as they are now; null where they are gone.',
    resolve: ({ userId }, _args, { loaders }) =>
      andThen(loaders.users.byId.load(userId ?? 0), (user) => (user && user.deletedAt === null ? user : null)),
  }),
});

function memberOf(one: Occurrence, context: Context): Awaitable<Member | null> {
  const { userId, conversationId, hidden } = one;
  if (userId === null || conversationId === null || hidden === 'group') return null;
  return andThen(groupOf(one, context), (found) => (found ? context.services.live.memberNow(found.id, userId) : null));
}

const membership = (t: Fields) => ({
  ...group(t),
  uid: subject(t).uid,
  member: t.field({
    type: GroupMemberType,
    nullable: true,
    description: 'The member as they are now; null for who is none any more.',
    resolve: (one, _args, context) => memberOf(one, context),
  }),
  action: t.field({
    type: ActionType,
    nullable: true,
    description: 'The action in the group’s history; null where the group was just made, or its member deleted.',
    resolve: (one, _args, context) => messageOf(one, context),
  }),
});

const receiver = (t: Fields) => ({
  receiverId: t.id({
    description: 'The uid or guid of whom it goes to.',
    resolve: (one) => textFact(one, 'receiverId'),
  }),
  receiverType: t.field({
    type: ReceiverTypeEnum,
    description: 'Whether it goes to a user or to a group.',
    resolve: (one) => textFact(one, 'receiverType') as 'user' | 'group',
  }),
});

const typing = (t: Fields) => ({ user: by(t, 'Who types.'), ...receiver(t) });

function add(kind: Kind, fields: (t: Fields) => object) {
  const { type, description } = KINDS[kind];
  builder.objectRef<Occurrence>(type).implement({ description, interfaces: [EventType], fields: fields as never });
}

for (const kind of ['SENT', 'EDITED', 'DELETED', 'PINNED', 'UNPINNED', 'SAVED', 'UNSAVED'] as const) {
  add(`MESSAGE_${kind}`, message);
}
add('REACTION_ADDED', reaction);
add('REACTION_REMOVED', reaction);
add('MESSAGES_DELIVERED', reached);
add('MESSAGES_READ', reached);
add('GROUP_UPDATED', (t) => ({ ...group(t), by: actor(t) }));
add('GROUP_DELETED', (t) => ({ ...group(t), by: actor(t) }));
add('MEMBERSHIP_CHANGED', membership);
add('CALL_UPDATED', (t) => ({
  sessionId: t.id({ description: 'The call’s own id.', resolve: (one) => textFact(one, 'sessionId') }),
  call: t.field({
    type: CallMessageType,
    nullable: true,
    description: 'The call as it is now; null where it is gone, or may no longer be seen.',
    resolve: (one, _args, context) => messageOf(one, context),
  }),
  status: t.field({
    type: CallStatusEnum,
    description: 'How far it had come.',
    resolve: (one) => textFact(one, 'status') as never,
  }),
}));
add('CONVERSATION_UPDATED', conversation);
add('USER_UPDATED', subject);
add('USER_BLOCKED', subject);
add('USER_UNBLOCKED', subject);
add('TYPING_STARTED', typing);
add('TYPING_ENDED', typing);
add('PRESENCE_CHANGED', (t) => ({
  user: subject(t).user,
  status: t.field({
    type: UserStatusType,
    description: 'Whether they came or went.',
    resolve: (one) => textFact(one, 'status') as 'online' | 'offline',
  }),
}));
add('TRANSIENT_MESSAGE', (t) => ({
  from: by(t, 'Who sent it.'),
  ...receiver(t),
  data: t.field({ type: 'JSON', description: 'What was sent.', resolve: (one) => fact(one, 'data') }),
}));
add('RESYNC_REQUIRED', (t) => ({
  reason: t.string({
    description: 'Why the log can’t be resumed from `after`.',
    resolve: (one) => textFact(one, 'reason'),
  }),
}));

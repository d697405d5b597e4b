import { type Awaitable, all, andThen } from '../awaitable.ts';
import { builder, personal } from '../graphql/builder.ts';
import { connection } from '../graphql/connection.ts';
import type { Context } from '../graphql/context.ts';
import { addNode, NodeType, prefixed } from '../graphql/node.ts';
import { AppEntityType, GroupType } from '../groups/graphql.ts';
import { type Group, keptGuid } from '../groups/group.ts';
import { must } from '../store/handle.ts';
import { UserType } from '../users/graphql.ts';
import type { User } from '../users/user.ts';
import { groupConversationId, inOrder, otherOf, type Receiver, userConversationId, type View } from './conversation.ts';

export const ReceiverTypeEnum = builder.enumType('ReceiverType', {
  description: 'What a message goes to.',
  values: {
    USER: { value: 'user', description: 'One user.' },
    GROUP: { value: 'group', description: 'Everyone in a group.' },
  } as const,
});

export const ReceiverInput = builder.inputType('ReceiverInput', {
  description: 'Names a user or a group, as what a conversation is with.',
  fields: (t) => ({
    receiverType: t.field({ type: ReceiverTypeEnum, required: true, description: 'Whether it is a user or a group.' }),
    receiverId: t.id({ required: true, description: 'The user’s uid or the group’s guid.' }),
  }),
});

/** A group, or a conversation's two users in the order of its names. */
type Parties = { readonly group: Group } | { readonly users: readonly [string, string] };

function partiesOf(view: Pick<View, 'groupId' | 'userA' | 'userB'>, { loaders }: Context): Awaitable<Parties> {
  if (view.groupId !== null) return andThen(loaders.groups.byId.get(view.groupId), (group) => ({ group }));
  const both = [loaders.users.byId.get(view.userA ?? 0), loaders.users.byId.get(view.userB ?? 0)] as const;
  return andThen(all(both), ([a, b]) => ({ users: inOrder(a.uid, b.uid) }));
}

/** The data model's name of a conversation. */
export function conversationIdOf(
  conversation: Pick<View, 'groupId' | 'userA' | 'userB'>,
  context: Context,
): Awaitable<string> {
  return andThen(partiesOf(conversation, context), (parties) =>
    'group' in parties ? groupConversationId(keptGuid(parties.group.guid)) : userConversationId(...parties.users),
  );
}

/** The viewer's partner in a conversation between two. */
const partnerOf = (view: View) => (view.groupId === null ? otherOf(view, view.userId) : undefined);

/** The conversation's id, where anything that counts came after the read mark. */
const maybeUnread = ({ id, counted, readCounted }: View) => (counted === readCounted ? undefined : id);

export const ConversationType = builder.objectRef<View>('Conversation');

ConversationType.implement({
  description: 'The viewer’s view of what they and a user, or they and a group, write to each other.',
  interfaces: [NodeType],
  fields: (t) => ({
    id: t.id({
      ...personal,
      description: '`conversation:group:<guid>` or `conversation:user:<uid>:<uid>`, the uids in order.',
      resolve: (view, _args, context) =>
        andThen(partiesOf(view, context), (parties) =>
          'group' in parties
            ? `conversation:group:${parties.group.guid}`
            : `conversation:user:${parties.users.join(':')}`,
        ),
    }),
    conversationId: t.id({
      ...personal,
      description: 'The data model’s name of the conversation, to be shown and compared, not taken apart.',
      resolve: (view, _args, context) => conversationIdOf(view, context),
    }),
    conversationType: t.field({
      ...personal,
      type: ReceiverTypeEnum,
      description: 'Whether the conversation is with a user or with a group.',
      resolve: ({ groupId }) => (groupId === null ? 'user' : 'group'),
    }),
    conversationWith: t.field({
      ...personal,
      type: AppEntityType,
      description: 'The user or the group that the conversation is with.',
      resolve: (view, _args, { loaders }): Awaitable<User | Group> =>
        view.groupId === null
          ? andThen(loaders.users.byId.loadFor(view, partnerOf), must)
          : loaders.groups.byId.get(view.groupId),
    }),
    unreadMessageCount: t.int({
      ...personal,
      description: 'How many messages and calls of others, replies in threads apart, the viewer has not read. Exact.',
      resolve: (view, _args, { loaders }) =>
        andThen(loaders.conversations.unread.loadFor(view, maybeUnread), (row) => row?.unread ?? 0),
    }),
    unreadMentionsCount: t.int({
      ...personal,
      description: 'How many of the unread messages mention the viewer.',
      resolve: (view, _args, { loaders }) =>
        andThen(loaders.conversations.unreadMentions.loadFor(view, maybeUnread), (row) => row?.unread ?? 0),
    }),
    lastReadMessageId: t.id({
      ...personal,
      nullable: true,
      description: 'The message up to which the viewer has read; null where they have read none.',
      resolve: ({ readUpTo }) => (readUpTo > 0 ? readUpTo : null),
    }),
    latestMessageId: t.id({
      ...personal,
      nullable: true,
      description: 'The newest message of all, replies included; null where there is none.',
      resolve: ({ lastId, clearedUpTo }) => (lastId > clearedUpTo ? lastId : null),
    }),
    tags: t.exposeStringList('tags', {
      ...personal,
      description: 'Words that the viewer marked the conversation with.',
    }),
    pinnedAt: t.expose('pinnedAt', {
      ...personal,
      type: 'Timestamp',
      nullable: true,
      description: 'Since when the viewer has pinned it; null where they have not.',
    }),
    mutedUntil: t.expose('mutedUntil', {
      ...personal,
      type: 'Timestamp',
      nullable: true,
      description: 'Until when the viewer does not want to be notified; null where they do.',
    }),
    updatedAt: t.field({
      ...personal,
      type: 'Timestamp',
      description: 'When something last happened in it, or the viewer last changed their settings for it.',
      resolve: ({ updatedAt, viewUpdatedAt }) => Math.max(updatedAt, viewUpdatedAt ?? 0),
    }),
  }),
});

export const ConversationConnection = connection('ConversationConnection', ConversationType, {
  keyOf: ({ place }) => place,
  kind: 'number',
});

builder.objectField(UserType, 'conversation', (t) =>
  t.field({
    ...personal,
    type: ConversationType,
    nullable: true,
    description: 'The viewer’s conversation with this user; null where there is none.',
    resolve: ({ id }, _args, { loaders, viewer }) =>
      viewer?.kind === 'user' ? loaders.conversations.withUser.load(id) : null,
  }),
);

builder.objectField(GroupType, 'conversation', (t) =>
  t.field({
    ...personal,
    type: ConversationType,
    nullable: true,
    description: 'The viewer’s conversation with this group; null where they are no member.',
    resolve: ({ id }, _args, { loaders, viewer }) =>
      viewer?.kind === 'user'
        ? andThen(loaders.conversations.withGroup.load(id), (view) => (view?.active ? view : null))
        : null,
  }),
);

addNode({
  typeOf: (value) => ('readUpTo' in value ? 'Conversation' : undefined),
  keyOf: prefixed('conversation:'),
  find(key, { services, viewer }) {
    if (viewer?.kind !== 'user') return null;
    const receiver = receiverOf(key.split(':'), viewer.uid);
    return receiver ? services.conversations.find(viewer, receiver) : null;
  },
});

/** Whom a conversation's id names beside the viewer; undefined where it is not one of theirs. */
function receiverOf([type, first, second, ...rest]: string[], uid: string): Receiver | undefined {
  if (!first || rest.length > 0) return undefined;
  if (type === 'group' && second === undefined) return { receiverType: 'group', receiverId: first };
  if (type !== 'user' || !second || inOrder(first, second)[0] !== first) return undefined;
  if (first === uid) return { receiverType: 'user', receiverId: second };
  return second === uid ? { receiverType: 'user', receiverId: first } : undefined;
}

builder.queryFields((t) => ({
  conversation: t.field({
    ...personal,
    type: ConversationType,
    nullable: true,
    description: 'The viewer’s conversation with a user or a group; null where there is none, or they may not see it.',
    args: { with: t.arg({ type: ReceiverInput, required: true, description: 'The user or the group.' }) },
    resolve: (_root, args, { services, viewer }) => services.conversations.find(viewer, args.with),
  }),
  conversations: t.field({
    ...personal,
    type: ConversationConnection.type,
    description: 'The viewer’s conversations, by their last message, newest first.',
    args: {
      ...ConversationConnection.args(),
      type: t.arg({ type: ReceiverTypeEnum, description: 'Only those with users, or with groups.' }),
      tags: t.arg.stringList({ description: 'Only those that the viewer marked with at least one of these tags.' }),
      unreadOnly: t.arg.boolean({ description: 'Whether to leave out those with nothing unread.' }),
      search: t.arg.string({ description: 'Only those whose user’s or group’s name or id contains this.' }),
    },
    resolve: (_root, args, { services, viewer }) =>
      ConversationConnection.resolve(args, (range) => services.conversations.list(viewer, args, range)),
  }),
  unreadMessageCount: t.int({
    ...personal,
    description: 'How many messages the viewer has not read, over all their conversations.',
    args: { type: t.arg({ type: ReceiverTypeEnum, description: 'Only those of users, or of groups.' }) },
    resolve: (_root, { type }, { services, viewer }) => services.conversations.countUnread(viewer, type),
  }),
}));

import { type Awaitable, andThen } from '../awaitable.ts';
import { otherOf } from '../conversations/conversation.ts';
import { conversationIdOf, ReceiverTypeEnum } from '../conversations/graphql.ts';
import { builder, personal } from '../graphql/builder.ts';
import { connection } from '../graphql/connection.ts';
import type { Context } from '../graphql/context.ts';
import { addNode, NodeType } from '../graphql/node.ts';
import { AppEntityType } from '../groups/graphql.ts';
import type { Group } from '../groups/group.ts';
import { UserType } from '../users/graphql.ts';
import type { User } from '../users/user.ts';
import { MessageCategoryType, MessageStatusType, MessageTypeType } from './graphql-enums.ts';
import { MessageEditType, MessageReceiptConnection, ReactionCountType } from './graphql-parts.ts';
import { rawOf } from './graphql-raw.ts';
import { referredTo } from './graphql-references.ts';
import { type Message, messageIdOf, type Receipts, statusOf, typeNameOf } from './message.ts';

export const BaseMessageType = builder.interfaceRef<Message>('BaseMessage');

export const MessageConnection = connection('MessageConnection', BaseMessageType, {
  keyOf: ({ id }) => id,
  kind: 'number',
  byDefault: 'last',
});

/** A user whom a message names, if any. */
const userBy =
  (read: (message: Message) => number | null) =>
  (message: Message, _args: object, { loaders }: Context): Awaitable<User | undefined> =>
    loaders.users.byId.loadFor(message, (one) => read(one) ?? undefined);

const ofReceipts =
  <T>(read: (receipts: Receipts) => T) =>
  (message: Message, _args: object, { loaders }: Context): Awaitable<T> =>
    andThen(loaders.messages.receipts.getFor(message, idOf), read);

/** The viewer's own: it asks for the viewer, so that where nobody may know them it fails. */
const ofMyReceipts =
  <T>(read: (receipts: Receipts) => T) =>
  (message: Message, args: object, context: Context): Awaitable<T | null> =>
    context.viewer ? ofReceipts(read)(message, args, context) : null;

const idOf = ({ id }: Message) => id;
/** The message's id, where it has such at all. */
const mentioning = ({ id, mentionCount }: Message) => (mentionCount === 0 ? undefined : id);
const reactedTo = ({ id, reactionCount }: Message) => (reactionCount === 0 ? undefined : id);

/** The user or the group that a message goes to. */
export function receiverOf(message: Message, { loaders }: Context): Awaitable<User | Group> {
  return andThen(loaders.conversations.byId.get(message.conversationId), (conversation) => {
    return conversation.groupId === null
      ? loaders.users.byId.get(otherOf(conversation, message.senderId))
      : loaders.groups.byId.get(conversation.groupId);
  });
}

BaseMessageType.implement({
  description: 'What all messages have, of whichever type.',
  interfaces: [NodeType],
  resolveType: typeNameOf,
  fields: (t) => ({
    id: t.exposeID('id', { description: 'A positive whole number, written in digits; larger is later.' }),
    muid: t.exposeString('muid', {
      nullable: true,
      description: 'The client’s own id: sending twice with one muid yields one message.',
    }),
    conversationId: t.id({
      description: 'The data model’s name of the conversation that the message is in.',
      resolve: (message, _args, context) =>
        andThen(context.loaders.conversations.byId.get(message.conversationId), (row) =>
          conversationIdOf(row, context),
        ),
    }),
    sender: t.field({
      type: UserType,
      description: 'Who sent it; of an action, who did it.',
      resolve: (message, _args, { loaders }) => loaders.users.byId.getFor(message, ({ senderId }) => senderId),
    }),
    receiver: t.field({
      type: AppEntityType,
      description: 'The user or the group that it goes to.',
      resolve: (message, _args, context) => receiverOf(message, context),
    }),
    receiverId: t.id({
      description: 'The uid or the guid of whom it goes to.',
      resolve: (message, _args, context) =>
        andThen(receiverOf(message, context), (receiver) => ('guid' in receiver ? receiver.guid : receiver.uid)),
    }),
    receiverType: t.field({
      type: ReceiverTypeEnum,
      description: 'Whether it goes to a user or to a group.',
      resolve: ({ conversationId }, _args, { loaders }) =>
        andThen(loaders.conversations.byId.get(conversationId), ({ groupId }) => (groupId === null ? 'user' : 'group')),
    }),
    category: t.expose('category', { type: MessageCategoryType, description: 'What it is at heart.' }),
    type: t.expose('type', { type: MessageTypeType, description: 'What it holds.' }),
    sentAt: t.expose('sentAt', { type: 'Timestamp', description: 'When it was sent.' }),
    status: t.field({ type: MessageStatusType, description: 'How far it has come.', resolve: ofReceipts(statusOf) }),
    deliveredAt: t.field({
      type: 'Timestamp',
      nullable: true,
      description: 'Since when the receiver, or every member of the group, has it.',
      resolve: ofReceipts(({ deliveredAt }) => deliveredAt),
    }),
    readAt: t.field({
      type: 'Timestamp',
      nullable: true,
      description: 'Since when the receiver, or every member of the group, has read it.',
      resolve: ofReceipts(({ readAt }) => readAt),
    }),
    readByMeAt: t.field({
      ...personal,
      type: 'Timestamp',
      nullable: true,
      description: 'When the viewer read it; null where they have not said so.',
      resolve: ofMyReceipts(({ readByMeAt }) => readByMeAt),
    }),
    deliveredToMeAt: t.field({
      ...personal,
      type: 'Timestamp',
      nullable: true,
      description: 'When the viewer got it; null where they have not said so.',
      resolve: ofMyReceipts(({ deliveredToMeAt }) => deliveredToMeAt),
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'Timestamp',
      nullable: true,
      description: 'When it last changed in any way; null where it never did.',
    }),
    editedAt: t.expose('editedAt', {
      type: 'Timestamp',
      nullable: true,
      description: 'When its sender last edited it; null where they never did.',
    }),
    editedBy: t.field({
      type: UserType,
      nullable: true,
      description: 'Who last edited it.',
      resolve: userBy(({ editedById }) => editedById),
    }),
    edits: t.field({
      type: [MessageEditType],
      description: 'What it was before each edit, oldest first.',
      resolve: ({ id, editedAt }, _args, { loaders }) => (editedAt === null ? [] : loaders.messages.edits.load(id)),
    }),
    deletedAt: t.expose('deletedAt', {
      type: 'Timestamp',
      nullable: true,
      description: 'When it was deleted: it stays in its place, without its content.',
    }),
    deletedBy: t.field({
      type: UserType,
      nullable: true,
      description: 'Who deleted it; null also where an API key did.',
      resolve: userBy(({ deletedById }) => deletedById),
    }),
    metadata: t.expose('metadata', { type: 'JSON', nullable: true, description: 'Whatever the sender added to it.' }),
    tags: t.exposeStringList('tags', { description: 'Words that the sender marked it with.' }),
    parent: t.field({
      ...personal,
      type: BaseMessageType,
      nullable: true,
      description: 'The message to which it is a reply in a thread.',
      resolve: (message, _args, context) => referredTo(message, ({ parentId }) => parentId, context),
    }),
    replyCount: t.exposeInt('replyCount', { description: 'How many replies its thread has.' }),
    unreadRepliesCount: t.int({
      ...personal,
      description: 'How many of the replies of others the viewer has not read.',
      resolve: ({ id, replyCount }, _args, { loaders }) =>
        replyCount === 0 ? 0 : andThen(loaders.messages.unreadReplies.load(id), (row) => row?.count ?? 0),
    }),
    replies: t.field({
      ...personal,
      type: MessageConnection.type,
      description: 'The replies in its thread, oldest first; without `first` or `last` the newest 30.',
      args: MessageConnection.args(),
      resolve: (message, args, { services, viewer }) =>
        MessageConnection.resolve(args, (range) => services.messages.listReplies(viewer, message, range)),
    }),
    quoted: t.field({
      ...personal,
      type: BaseMessageType,
      nullable: true,
      description: 'The message that it quotes.',
      resolve: (message, _args, context) => referredTo(message, ({ quotedId }) => quotedId, context),
    }),
    mentionedUsers: t.field({
      type: [UserType],
      description: 'Whom its text mentions, by name.',
      resolve: (message, _args, { loaders }) =>
        andThen(loaders.messages.mentions.loadFor(message, mentioning), (rows) =>
          rows.map(({ userId }) => loaders.users.byId.get(userId)),
        ),
    }),
    hasMentionedMe: t.boolean({
      ...personal,
      description: 'Whether its text mentions the viewer.',
      resolve: (message, _args, { loaders, viewer }) =>
        viewer?.kind === 'user' &&
        andThen(loaders.messages.mentions.loadFor(message, mentioning), (rows) =>
          rows.some(({ userId }) => userId === viewer.id),
        ),
    }),
    reactions: t.field({
      type: [ReactionCountType],
      description: 'The reactions to it, in the order in which they were first given.',
      resolve: (message, _args, { loaders }) => loaders.messages.reactions.loadFor(message, reactedTo),
    }),
    receipts: t.field({
      type: MessageReceiptConnection.type,
      description: 'Whom it has reached, by name: the receiver, or the members of the group.',
      args: MessageReceiptConnection.args(),
      resolve: (message, args, { services }) =>
        MessageReceiptConnection.resolve(args, (range) => services.messages.listReceipts(message, range)),
    }),
    pinnedAt: t.expose('pinnedAt', {
      type: 'Timestamp',
      nullable: true,
      description: 'Since when it is pinned in its conversation; null where it is not.',
    }),
    pinnedBy: t.field({
      type: UserType,
      nullable: true,
      description: 'Who pinned it.',
      resolve: userBy(({ pinnedById }) => pinnedById),
    }),
    savedAt: t.field({
      ...personal,
      type: 'Timestamp',
      nullable: true,
      description: 'Since when the viewer keeps it among their saved messages; null where they do not.',
      resolve: ({ id }, _args, { loaders }) => andThen(loaders.messages.save.load(id), (save) => save?.savedAt ?? null),
    }),
    raw: t.field({
      ...personal,
      type: 'JSON',
      description: 'The message in the data model’s own JSON, for what was written for that.',
      resolve: (message, _args, context) => rawOf(message, context),
    }),
  }),
});

addNode({
  typeOf: (value) => ('category' in value ? typeNameOf(value as Message) : undefined),
  keyOf: (id) => (messageIdOf(id) === undefined ? undefined : id),
  find: (id, { services, viewer }) => services.messages.find(viewer, id),
});

import type { View } from '../conversations/conversation.ts';
import { ConversationType } from '../conversations/graphql.ts';
import { builder, personal } from '../graphql/builder.ts';
import { NodeType } from '../graphql/node.ts';
import { AppEntityType, GroupMemberScopeType } from '../groups/graphql.ts';
import { must } from '../store/handle.ts';
import { BaseMessageType, MessageConnection, receiverOf } from './graphql.ts';
import { ActionTypeEnum } from './graphql-enums.ts';
import { MessageFilterType } from './graphql-filter.ts';
import { AttachmentType } from './graphql-parts.ts';
import type { Message } from './message.ts';

const interfaces = [NodeType, BaseMessageType];

export const TextMessageType = builder.objectRef<Message>('TextMessage').implement({
  description: 'A message of text.',
  interfaces,
  fields: (t) => ({
    text: t.string({ description: 'The text; empty once deleted.', resolve: ({ text }) => text ?? '' }),
  }),
});

export const MediaMessageType = builder.objectRef<Message>('MediaMessage').implement({
  description: 'A message of pictures, videos, sound or other files.',
  interfaces,
  fields: (t) => ({
    url: t.field({
      type: 'URL',
      nullable: true,
      description: 'Where the first file is, for an hour at the least; null once deleted.',
      resolve: ({ url }, _args, { services }) => services.media.addressOf(url),
    }),
    caption: t.exposeString('caption', { nullable: true, description: 'What the sender wrote to it.' }),
    attachments: t.field({
      type: [AttachmentType],
      description: 'The files, in the order in which they were sent.',
      resolve: (message, _args, { loaders }) => loaders.messages.attachments.loadFor(message, ({ id }) => id),
    }),
  }),
});

export const CustomMessageType = builder.objectRef<Message>('CustomMessage').implement({
  description: 'A message of whatever the application makes of it.',
  interfaces,
  fields: (t) => ({
    subType: t.exposeString('subType', { nullable: true, description: 'What kind of custom message it is.' }),
    customData: t.expose('customData', {
      type: 'JSON',
      nullable: true,
      description: 'What it holds; null once deleted.',
    }),
    conversationText: t.exposeString('conversationText', {
      nullable: true,
      description: 'What to show for it in a list of conversations.',
    }),
  }),
});

export const ActionType = builder.objectRef<Message>('Action').implement({
  description: 'Something that was done to a group’s membership.',
  interfaces,
  fields: (t) => ({
    action: t.field({
      type: ActionTypeEnum,
      description: 'What was done.',
      resolve: ({ action }) => must(action ?? undefined),
    }),
    actionBy: t.field({
      type: AppEntityType,
      description: 'Who did it.',
      resolve: ({ senderId }, _args, { loaders }) => loaders.users.byId.get(senderId),
    }),
    actionOn: t.field({
      type: AppEntityType,
      nullable: true,
      description: 'To whom it was done; null for joining and leaving.',
      resolve: ({ actionOnId }, _args, { loaders }) =>
        actionOnId === null ? null : loaders.users.byId.load(actionOnId),
    }),
    actionFor: t.field({
      type: AppEntityType,
      description: 'The group whose membership it was.',
      resolve: (message, _args, context) => receiverOf(message, context),
    }),
    message: t.string({ description: 'It in words, such as `Ada joined`.', resolve: ({ text }) => text ?? '' }),
    oldScope: t.expose('oldScope', {
      type: GroupMemberScopeType,
      nullable: true,
      description: 'Of a change of scope: the scope before it.',
    }),
    newScope: t.expose('newScope', {
      type: GroupMemberScopeType,
      nullable: true,
      description: 'Of a change of scope: the scope after it.',
    }),
  }),
});

/** The last message's id, where its viewer has not deleted it for themself. */
const lastShown = ({ lastMessageId, clearedUpTo }: View) => (lastMessageId > clearedUpTo ? lastMessageId : undefined);

builder.objectFields(ConversationType, (t) => ({
  lastMessage: t.field({
    ...personal,
    type: BaseMessageType,
    nullable: true,
    description: 'The newest message that is not a reply in a thread; null where there is none to show.',
    resolve: (view, _args, { loaders }) => loaders.messages.byId.loadFor(view, lastShown),
  }),
  messages: t.field({
    ...personal,
    type: MessageConnection.type,
    description: 'What was written, oldest first; without `first` or `last` the newest 30.',
    args: {
      ...MessageConnection.args(),
      filter: t.arg({ type: MessageFilterType, description: 'Only those that fit.' }),
    },
    resolve: (view, { filter, ...args }, { services, viewer }) =>
      MessageConnection.resolve(args, (range) => services.messages.list(viewer, view, filter ?? {}, range)),
  }),
}));

builder.queryFields((t) => ({
  message: t.field({
    type: BaseMessageType,
    nullable: true,
    description: 'The message with this id; null where there is none, or the viewer may not read it.',
    args: { id: t.arg.id({ required: true, description: 'The message’s id.' }) },
    resolve: (_root, { id }, { services, viewer }) => services.messages.find(viewer, id),
  }),
  searchMessages: t.field({
    ...personal,
    type: MessageConnection.type,
    description: 'All messages that the viewer may read and that fit, newest first.',
    args: {
      ...MessageConnection.args(),
      filter: t.arg({ type: MessageFilterType, required: true, description: 'Which messages.' }),
    },
    resolve: (_root, { filter, ...args }, { services, viewer }) =>
      MessageConnection.resolve(args, (range) => services.messages.search(viewer, filter, range), {
        byDefault: 'first',
      }),
  }),
}));

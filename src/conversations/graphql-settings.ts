import type { InputFieldBuilder } from '@pothos/core';
import type { SchemaTypes } from '../graphql/builder.ts';
import { addMutation } from '../graphql/mutation.ts';
import { ConversationType, conversationIdOf, ReceiverTypeEnum } from './graphql.ts';

/** Which of the viewer's conversations it is about. */
const of = (t: InputFieldBuilder<SchemaTypes, 'InputObject'>) => ({
  receiverType: t.field({
    type: ReceiverTypeEnum,
    required: true,
    description: 'Whether the conversation is with a user or a group.',
  }),
  receiverId: t.id({ required: true, description: 'The uid or the guid of whom the conversation is with.' }),
});

addMutation('updateConversation', {
  description: 'Sets how a conversation stands for the viewer alone: what is left out stays as it is.',
  input: (t) => ({
    ...of(t),
    tags: t.stringList({
      description: 'Words to mark it with, in place of those it has: 25 of up to 100 characters. Null takes all away.',
    }),
    pinned: t.boolean({ description: 'Whether it is pinned. It stays pinned since when it first was.' }),
    mutedUntil: t.field({
      type: 'Timestamp',
      description: 'Until when the viewer does not want to be notified of it; null to be notified again.',
    }),
  }),
  resolve: async (input, { services, viewer }) => ({
    conversation: await services.conversationSettings.update(viewer, input),
  }),
  payload: (t) => ({
    conversation: t.field({
      type: ConversationType,
      description: 'The conversation as the viewer has it from now on.',
      resolve: ({ conversation }) => conversation,
    }),
  }),
});

addMutation('deleteConversation', {
  description:
    'Hides a conversation and all that it holds from the viewer alone, and for good. What is new in it brings it back, without the old.',
  input: of,
  resolve: async (input, { services, viewer }) => ({
    conversation: await services.conversationSettings.remove(viewer, input),
  }),
  payload: (t) => ({
    conversationId: t.id({
      description: 'The data model’s name of the conversation.',
      resolve: ({ conversation }, _args, context) => conversationIdOf(conversation, context),
    }),
  }),
});

import type { InputFieldBuilder } from '@pothos/core';
import type { View } from '../conversations/conversation.ts';
import { ConversationType, ReceiverTypeEnum } from '../conversations/graphql.ts';
import type { SchemaTypes } from '../graphql/builder.ts';
import type { Context } from '../graphql/context.ts';
import { addMutation } from '../graphql/mutation.ts';
import type { Marking } from './receipts-service.ts';

/** Adds a mutation that takes a message or a conversation, and gives the conversation. */
function addMark(
  name: string,
  description: string,
  ofMessage: string,
  markIn: (services: Context['services'], viewer: Context['viewer'], marking: Marking) => Promise<View>,
) {
  addMutation(name, {
    description,
    input: (t: InputFieldBuilder<SchemaTypes, 'InputObject'>) => ({
      messageId: t.id({ description: `${ofMessage} Left out where \`receiverType\` and \`receiverId\` are given.` }),
      receiverType: t.field({
        type: ReceiverTypeEnum,
        description: 'For a whole conversation: whether it is with a user or a group.',
      }),
      receiverId: t.id({
        description: 'For a whole conversation: the uid or the guid of whom it is with.',
      }),
    }),
    resolve: async (input, { services, viewer }) => ({ conversation: await markIn(services, viewer, input) }),
    payload: (t) => ({
      conversation: t.field({
        type: ConversationType,
        description: 'The conversation as the viewer has it from now on.',
        resolve: ({ conversation }) => conversation,
      }),
    }),
  });
}

addMark(
  'markAsDelivered',
  'Says that the viewer has got everything up to a message, or a whole conversation.',
  'The last message that they have got.',
  ({ receipts }, viewer, marking) => receipts.markDelivered(viewer, marking),
);

addMark(
  'markAsRead',
  'Says that the viewer has read everything up to a message, or a whole conversation. What is read is delivered.',
  'The last message that they have read.',
  ({ receipts }, viewer, marking) => receipts.markRead(viewer, marking),
);

addMark(
  'markAsUnread',
  'Counts a message and all after it, or a whole conversation, as unread again: for the viewer alone. No message’s `status` changes.',
  'The first message to be unread again.',
  ({ receipts }, viewer, marking) => receipts.markUnread(viewer, marking),
);

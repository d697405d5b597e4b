import type { InputFieldBuilder } from '@pothos/core';
import { ReceiverTypeEnum } from '../conversations/graphql.ts';
import type { SchemaTypes } from '../graphql/builder.ts';
import { addMutation } from '../graphql/mutation.ts';
import { TextMessageType } from './graphql-types.ts';

type InputBuilder = InputFieldBuilder<SchemaTypes, 'InputObject'>;

/** Whom something goes to. */
const to = (t: InputBuilder) => ({
  receiverType: t.field({
    type: ReceiverTypeEnum,
    required: true,
    description: 'Whether it goes to a user or a group.',
  }),
  receiverId: t.id({ required: true, description: 'The uid or the guid of whom it goes to.' }),
});

/** What every message that is sent can have beside its content. */
const ofMessage = (t: InputBuilder) => ({
  ...to(t),
  muid: t.string({
    description:
      'The client’s own id, 1 to 100 printable characters: sent again with it, the first message is given, for ever.',
  }),
  metadata: t.field({ type: 'JSON', description: 'Whatever the sender adds to it; 64 KB at the most.' }),
  tags: t.stringList({ description: 'Words to mark it with: 25 of up to 100 characters.' }),
  parentId: t.id({ description: 'The message that it answers in a thread.' }),
  quotedMessageId: t.id({ description: 'The message of the same conversation that it quotes.' }),
});

addMutation('sendTextMessage', {
  description: 'Sends a text to a user or a group.',
  input: (t) => ({
    ...ofMessage(t),
    text: t.string({
      required: true,
      description: 'The text, up to 20,000 characters. `<@uid:UID>` in it mentions who has that uid.',
    }),
  }),
  resolve: async (input, { services, viewer }) => ({ message: await services.sending.sendText(viewer, input) }),
  payload: (t) => ({
    message: t.field({ type: TextMessageType, description: 'The message.', resolve: ({ message }) => message }),
  }),
});

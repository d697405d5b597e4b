import type { InputFieldBuilder } from '@pothos/core';
import { ReceiverTypeEnum } from '../conversations/graphql.ts';
import type { SchemaTypes } from '../graphql/builder.ts';
import { addMutation } from '../graphql/mutation.ts';
import { CustomMessageType, TextMessageType } from './graphql-types.ts';

type InputBuilder = InputFieldBuilder<SchemaTypes, 'InputObject'>;

/** Whom something goes to. */
export const to = (t: InputBuilder) => ({
  receiverType: t.field({
    type: ReceiverTypeEnum,
    required: true,
    description: 'Whether it goes to a user or a group.',
  }),
  receiverId: t.id({ required: true, description: 'The uid or the guid of whom it goes to.' }),
});

/** What every message that is sent can have beside its content. */
export const ofMessage = (t: InputBuilder) => ({
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

addMutation('sendCustomMessage', {
  description: 'Sends whatever the application makes of it to a user or a group, such as a place or a poll.',
  input: (t) => ({
    ...ofMessage(t),
    customData: t.field({
      type: 'JSON',
      required: true,
      description: 'What it holds: any JSON value but null, 64 KB at the most, stored without being interpreted.',
    }),
    subType: t.string({ description: 'What kind of custom message it is, up to 100 characters.' }),
    conversationText: t.string({
      description: 'What to show for it in a list of conversations, up to 1,000 characters. It is found by its words.',
    }),
  }),
  resolve: async ({ customData = null, ...input }, { services, viewer }) => ({
    message: await services.sending.sendCustom(viewer, { ...input, customData }),
  }),
  payload: (t) => ({
    message: t.field({ type: CustomMessageType, description: 'The message.', resolve: ({ message }) => message }),
  }),
});

for (const [name, description] of [
  [
    'startTyping',
    'Tells the others of a conversation that the viewer types. It ends by itself after 5 s: say it again while it goes on.',
  ],
  ['endTyping', 'Tells the others of a conversation that the viewer no longer types.'],
] as const) {
  addMutation(name, {
    description,
    input: to,
    resolve: (input, { services, viewer }) => services.transient[name](viewer, input),
    payload: (t) => ({
      receiverId: t.exposeID('receiverId', { description: 'The uid or the guid of whom it goes to.' }),
    }),
  });
}

addMutation('sendTransientMessage', {
  description: 'Sends what is kept nowhere: it reaches those of the conversation who listen at that moment.',
  input: (t) => ({
    ...to(t),
    data: t.field({ type: 'JSON', required: true, description: 'What to send: any JSON value, 64 KB at the most.' }),
  }),
  resolve: ({ data = null, ...input }, { services, viewer }) => services.transient.send(viewer, { ...input, data }),
  payload: (t) => ({
    receiverId: t.exposeID('receiverId', { description: 'The uid or the guid of whom it went to.' }),
  }),
});

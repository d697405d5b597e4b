import type { InputFieldBuilder, ObjectFieldBuilder } from '@pothos/core';
import type { SchemaTypes } from '../graphql/builder.ts';
import { addMutation } from '../graphql/mutation.ts';
import { BaseMessageType } from './graphql.ts';
import type { Message } from './message.ts';

type InputBuilder = InputFieldBuilder<SchemaTypes, 'InputObject'>;

const messageId = (t: InputBuilder, what: string) => ({
  messageId: t.id({ required: true, description: `The id of the message ${what}.` }),
});

const changed = (t: ObjectFieldBuilder<SchemaTypes, { message: Message }>) => ({
  message: t.field({
    type: BaseMessageType,
    description: 'The message as it is now.',
    resolve: ({ message }) => message,
  }),
});

addMutation('editMessage', {
  description:
    'Changes what a message of the viewer’s own says; `edits` keeps what it was. At least one field is given.',
  input: (t) => ({
    ...messageId(t, 'to edit'),
    text: t.string({ description: 'Of a text message: the new text, up to 20,000 characters.' }),
    caption: t.string({ description: 'Of a media message: the new caption, up to 20,000 characters; null for none.' }),
    customData: t.field({
      type: 'JSON',
      description: 'Of a custom message: what it holds from now on, any JSON value but null, 64 KB at the most.',
    }),
    metadata: t.field({ type: 'JSON', description: 'The new metadata, 64 KB at the most; null for none.' }),
    tags: t.stringList({ description: 'The new tags, in place of all: 25 of up to 100 characters.' }),
  }),
  resolve: async (input, { services, viewer }) => ({ message: await services.editing.edit(viewer, input) }),
  payload: changed,
});

addMutation('deleteMessage', {
  description:
    'Deletes a message: its sender, a group’s admins and moderators, and API keys can. It stays in its place, without what it held.',
  input: (t) => ({
    ...messageId(t, 'to delete'),
    permanent: t.boolean({ description: 'With an API key: whether it goes for good, out of every answer.' }),
  }),
  async resolve({ messageId: id, permanent }, { services, viewer }) {
    if (!permanent) return { message: await services.deleting.delete(viewer, id) };
    await services.deleting.purge(viewer, id);
    return { message: null };
  },
  payload: (t) => ({
    message: t.field({
      type: BaseMessageType,
      nullable: true,
      description: 'The message, without what it held; null where it went for good.',
      resolve: ({ message }) => message,
    }),
  }),
});

const reacting = (t: InputBuilder) => ({
  ...messageId(t, 'that it is to'),
  reaction: t.string({ required: true, description: 'The reaction, such as an emoji: 1 to 64 characters.' }),
});

addMutation('addReaction', {
  description: 'Reacts to a message. Each user gives each reaction once, and a message has at most 100 different ones.',
  input: reacting,
  resolve: async (input, { services, viewer }) => ({
    message: await services.reactions.add(viewer, input.messageId, input.reaction),
  }),
  payload: changed,
});

addMutation('removeReaction', {
  description: 'Takes back a reaction of the viewer’s own.',
  input: reacting,
  resolve: async (input, { services, viewer }) => ({
    message: await services.reactions.remove(viewer, input.messageId, input.reaction),
  }),
  payload: changed,
});

addMutation('pinMessage', {
  description:
    'Pins a message for all of its conversation: between two both can, in a group its admins and moderators. A conversation has at most 100.',
  input: (t) => messageId(t, 'to pin'),
  resolve: async (input, { services, viewer }) => ({ message: await services.keeping.pin(viewer, input.messageId) }),
  payload: changed,
});

addMutation('unpinMessage', {
  description: 'Pins a message no longer. Who can pin can unpin.',
  input: (t) => messageId(t, 'to unpin'),
  resolve: async (input, { services, viewer }) => ({ message: await services.keeping.unpin(viewer, input.messageId) }),
  payload: changed,
});

addMutation('saveMessage', {
  description: 'Keeps a message among those that the viewer has saved, 1,000 at the most. Nobody else is told.',
  input: (t) => messageId(t, 'to save'),
  resolve: async (input, { services, viewer }) => ({ message: await services.keeping.save(viewer, input.messageId) }),
  payload: changed,
});

addMutation('unsaveMessage', {
  description: 'Saves a message no longer.',
  input: (t) => messageId(t, 'to give up'),
  resolve: async (input, { services, viewer }) => ({ message: await services.keeping.unsave(viewer, input.messageId) }),
  payload: changed,
});

import { all, andThen } from '../awaitable.ts';
import { builder, personal } from '../graphql/builder.ts';
import { connection } from '../graphql/connection.ts';
import { UserConnection, UserType } from '../users/graphql.ts';
import type { Attachment, Edit, Reaction, Receipt } from './message.ts';

export const AttachmentType = builder.objectRef<Attachment>('Attachment').implement({
  description: 'A file of a media message.',
  fields: (t) => ({
    url: t.field({
      type: 'URL',
      description: 'Where the file is, for an hour at the least: then ask for the message again.',
      resolve: ({ url }, _args, { services }) => services.media.addressOf(url),
    }),
    name: t.exposeString('name', { description: 'The file’s name.' }),
    mimeType: t.exposeString('mimeType', { description: 'The media type of its content, such as `image/png`.' }),
    size: t.exposeInt('size', { description: 'How many bytes it has.' }),
    extension: t.exposeString('extension', { nullable: true, description: 'The ending of its name, without the dot.' }),
    width: t.exposeInt('width', { nullable: true, description: 'An image’s width in pixels.' }),
    height: t.exposeInt('height', { nullable: true, description: 'An image’s height in pixels.' }),
    thumbnailUrl: t.field({
      type: 'URL',
      nullable: true,
      description: 'Where a small image of it is, as long as `url`.',
      resolve: ({ thumbnailUrl }, _args, { services }) => services.media.addressOf(thumbnailUrl),
    }),
  }),
});

export const MessageEditType = builder.objectRef<Edit>('MessageEdit').implement({
  description: 'What a message was before an edit.',
  fields: (t) => ({
    editedAt: t.expose('editedAt', { type: 'Timestamp', description: 'When the edit was made.' }),
    editedBy: t.field({
      type: UserType,
      description: 'Who made it.',
      resolve: ({ editedById }, _args, { loaders }) => loaders.users.byId.get(editedById),
    }),
    text: t.exposeString('text', { nullable: true, description: 'The text before it.' }),
    caption: t.exposeString('caption', { nullable: true, description: 'The caption before it.' }),
    metadata: t.expose('metadata', { type: 'JSON', nullable: true, description: 'The metadata before it.' }),
    customData: t.expose('customData', { type: 'JSON', nullable: true, description: 'The custom data before it.' }),
  }),
});

export const ReactionCountType = builder.objectRef<Reaction>('ReactionCount').implement({
  description: 'A reaction to a message, and how many gave it.',
  fields: (t) => ({
    reaction: t.exposeString('reaction', { description: 'The reaction, such as an emoji.' }),
    count: t.exposeInt('count', { description: 'How many gave it.' }),
    reactedByMe: t.boolean({
      ...personal,
      description: 'Whether the viewer gave it.',
      resolve: ({ mine }, _args, { viewer }) => viewer !== undefined && mine,
    }),
    users: t.field({
      type: UserConnection.type,
      description: 'Who gave it, by name.',
      args: UserConnection.args(),
      resolve: (reaction, args, { services, loaders }) =>
        UserConnection.resolve(
          args,
          (range) =>
            andThen(services.messages.listReactors(reaction, range), ({ rows, more }) =>
              andThen(all(rows.map(({ id }) => loaders.users.byId.get(id))), (users) => ({
                rows: users,
                more,
              })),
            ),
          { total: () => reaction.count },
        ),
    }),
  }),
});

const MessageReceiptType = builder.objectRef<Receipt>('MessageReceipt').implement({
  description: 'That a message has reached one of those whom it is for.',
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: 'Whom it has reached.',
      resolve: ({ userId }, _args, { loaders }) => loaders.users.byId.get(userId),
    }),
    deliveredAt: t.expose('deliveredAt', { type: 'Timestamp', nullable: true, description: 'When they got it.' }),
    readAt: t.expose('readAt', {
      type: 'Timestamp',
      nullable: true,
      description: 'When they read it; null where they have not.',
    }),
  }),
});

export const MessageReceiptConnection = connection('MessageReceiptConnection', MessageReceiptType, {
  keyOf: ({ sortKey }) => sortKey,
  kind: 'string',
});

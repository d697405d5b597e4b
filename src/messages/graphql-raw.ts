import { type Awaitable, all, andThen } from '../awaitable.ts';
import { otherOf } from '../conversations/conversation.ts';
import type { Context } from '../graphql/context.ts';
import type { Group } from '../groups/group.ts';
import type { Json } from '../json.ts';
import type { User } from '../users/user.ts';
import { referredTo } from './graphql-references.ts';
import type { Attachment, Message } from './message.ts';
import { type Entity, rawGroup, rawMessage, rawUser } from './raw.ts';

/** A message in the data model's own JSON, as the viewer may see it. */
export function rawOf(message: Message, context: Context): Awaitable<Json> {
  const { loaders } = context;
  const { id, mentionCount, reactionCount, url } = message;
  const person = (userId: number | null) => (userId === null ? undefined : personOf(userId, context));
  const mentions = mentionCount === 0 ? [] : loaders.messages.mentions.load(id);
  const parts = all([
    personOf(message.senderId, context),
    receiverOf(message, context),
    all([
      person(message.actionOnId),
      person(message.editedById),
      person(message.deletedById),
      person(message.pinnedById),
    ]),
    loaders.messages.receipts.get(id),
    url === null ? [] : andThen(loaders.messages.attachments.load(id), (files) => withAddresses(files, context)),
    andThen(mentions, (rows) => all(rows.map(({ userId }) => personOf(userId, context)))),
    reactionCount === 0 ? [] : loaders.messages.reactions.load(id),
    message.category === 'call' ? loaders.calls.raw.load(id) : undefined,
    all([
      referredTo(message, ({ parentId }) => parentId, context),
      referredTo(message, ({ quotedId }) => quotedId, context),
    ]),
    context.services.media.addressOf(url),
  ]);
  return andThen(
    parts,
    ([
      sender,
      receiver,
      [on, editedBy, deletedBy, pinnedBy],
      receipts,
      attachments,
      mentioned,
      reactions,
      call,
      [parent, quoted],
      address,
    ]) =>
      rawMessage(
        { ...message, url: address, parentId: parent?.id ?? null, quotedId: quoted?.id ?? null },
        {
          sender,
          receiver,
          on,
          editedBy: editedBy?.id,
          deletedBy: deletedBy?.id,
          pinnedBy: pinnedBy?.id,
          receipts,
          attachments,
          mentioned,
          reactions,
          call,
        },
      ),
  );
}

function withAddresses(files: readonly Attachment[], { services }: Context): Awaitable<Attachment[]> {
  const of = services.media.addressOf;
  return all(
    files.map((file) =>
      andThen(all([of(file.url), of(file.thumbnailUrl)]), ([url, thumbnailUrl]) => ({ ...file, url, thumbnailUrl })),
    ),
  );
}

function receiverOf({ conversationId, senderId }: Message, context: Context): Awaitable<Entity> {
  const { loaders } = context;
  return andThen(loaders.conversations.byId.get(conversationId), (conversation) => {
    if (conversation.groupId === null) return personOf(otherOf(conversation, senderId), context);
    return andThen(loaders.groups.byId.get(conversation.groupId), (group) => groupOf(group, context));
  });
}

function personOf(userId: number, { loaders, services, viewer }: Context): Awaitable<Entity> {
  const { lastActiveAt, statusOf, maySeePrivate } = services.users;
  const render = (user: User) =>
    rawUser({ ...user, lastActiveAt: lastActiveAt(user) }, statusOf(user.id), maySeePrivate(viewer, user.id));
  return andThen(loaders.users.byId.get(userId), render);
}

function groupOf(group: Group, { loaders }: Context): Awaitable<Entity> {
  const around = all([loaders.users.byId.get(group.ownerId), loaders.groups.mine.load(group.id)]);
  return andThen(around, ([owner, mine]) => rawGroup(group, owner.uid, mine !== undefined));
}

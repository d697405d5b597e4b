import { otherOf, scopeOf } from '../conversations/conversation.ts';
import { refuseBlocked } from '../conversations/place-store.ts';
import { appendEvent } from '../events/append-store.ts';
import type { NewEvent } from '../events/event.ts';
import { check } from '../groups/policy.ts';
import { groupStore } from '../groups/store.ts';
import { badField } from '../input.ts';
import type { Database, Handle } from '../store/handle.ts';
import { userStore } from '../users/store.ts';
import { byOf, idOf, type Viewer } from '../viewer.ts';
import type { Message } from './message.ts';
import { getReadable, type Readable, requireMessageId, topicsOf } from './readable-store.ts';

/**
 * Does something with a message that the viewer may read, alone in its conversation. Throws ERR_MESSAGE_ID_NOT_FOUND where they
 * may not read it, and whatever `change` throws.
 */
export async function changeMessage<T>(
  db: Database,
  viewer: Viewer,
  messageId: string,
  change: (tx: Handle, subject: Readable) => Promise<T>,
): Promise<T> {
  const id = requireMessageId('messageId', messageId);
  const { conversation } = await getReadable(db.read, viewer, id);
  return db.write(scopeOf(conversation), async (tx) => change(tx, await getReadable(tx, viewer, id)));
}

type Told = Extract<
  NewEvent,
  { kind: `MESSAGE_${'EDITED' | 'DELETED' | 'PINNED' | 'UNPINNED'}` | `REACTION_${string}` }
>;

/** Sets columns of a message, tells all who may read it what happened, and gives it as it is from then on. */
export async function setAndTell(
  tx: Handle,
  viewer: Viewer,
  { message, conversation }: Readable,
  set: Partial<Message>,
  event: Pick<Told, 'kind' | 'details' | 'at'>,
): Promise<Message> {
  await tx.updateMany(tx.t.messages, ['id'], [{ id: message.id, ...set, updatedAt: event.at }]);
  await appendEvent(tx, {
    ...event,
    byId: byOf(viewer),
    conversationId: message.conversationId,
    messageId: message.id,
    topics: await topicsOf(tx, conversation),
  } as Told);
  return { ...message, ...set, updatedAt: event.at };
}

/** In a group, refuses a viewer whose scope does not allow it, with ERR_MESSAGE_NO_ACCESS. Between two, both may. */
export async function requireInGroup(
  tx: Handle,
  viewer: Viewer,
  { conversation: { groupId } }: Readable,
  what: Parameters<typeof check>[1],
): Promise<void> {
  if (groupId === null) return;
  const membership = await groupStore(tx).membership(groupId, idOf(viewer));
  check(viewer, what, membership?.scope);
}

/**
 * Between two, refuses what would reach the other through a message that is there already, where either has blocked the other:
 * ERR_BLOCKED_SENDER, ERR_BLOCKED_RECEIVER.
 */
export async function requireNoBlock(tx: Handle, viewer: Viewer, { conversation }: Readable): Promise<void> {
  if (viewer.kind === 'key' || conversation.groupId !== null) return;
  const [other] = await userStore(tx).byIds([otherOf(conversation, viewer.id)]);
  if (other) await refuseBlocked(tx, viewer, other);
}

/** Refuses a message that is deleted, with ERR_MESSAGE_ACTION_NOT_ALLOWED. */
export function requireKept({ deletedAt }: Message, field = 'messageId'): void {
  if (deletedAt !== null) throw badField(field, 'names a message that is deleted', 'ERR_MESSAGE_ACTION_NOT_ALLOWED');
}

import { hash } from 'node:crypto';
import { and, eq, inArray, placeholder as ph } from 'drizzle-orm';
import type { Conversation, Participant } from '../conversations/conversation.ts';
import { placeStore } from '../conversations/place-store.ts';
import { conversationStore } from '../conversations/store.ts';
import type { ChatError } from '../errors.ts';
import { groupTopic, userTopic } from '../events/event.ts';
import { groupStore } from '../groups/store.ts';
import { badField } from '../input.ts';
import { type Handle, must, store } from '../store/handle.ts';
import { userStore } from '../users/store.ts';
import type { Viewer } from '../viewer.ts';
import { type Message, messageIdOf } from './message.ts';
import { messageStore } from './store.ts';

/** What a message that was deleted for good keeps in place of its `muid`: no `muid` holds its first character. */
export const fingerprintOf = (muid: string): string => `\u0001${hash('sha256', muid, 'base64url')}`;

export const readableStore = store(({ db, t: { messages: m }, one }) => ({
  /** What a sender sent with this `muid`, gone or not. */
  byMuid: one(
    () =>
      db
        .select()
        .from(m)
        .where(and(eq(m.senderId, ph('senderId')), inArray(m.muid, [ph('muid'), ph('fingerprint')]))),
    (senderId: number, muid: string) => ({ senderId, muid, fingerprint: fingerprintOf(muid) }),
  ),
}));

/** A message that a viewer may read, where it is; `mine` is their standing there, which an API key has none of. */
export interface Readable {
  readonly message: Message;
  readonly conversation: Conversation;
  readonly mine: Participant | undefined;
}

/** A message's id from its text. Throws ERR_MESSAGE_ID_NOT_FOUND for one that no message can have. */
export function requireMessageId(field: string, text: string): number {
  const id = messageIdOf(text);
  if (id !== undefined) return id;
  throw notFound(field, text);
}

/** The message, or ERR_MESSAGE_ID_NOT_FOUND where the viewer may not read it, or it is gone for good. */
export async function getReadable(tx: Handle, viewer: Viewer, id: number, field = 'messageId'): Promise<Readable> {
  const message = await messageStore(tx).byId(id);
  if (!message || message.purged) throw notFound(field, id);
  const { byId, participant } = placeStore(tx);
  const mine = viewer.kind === 'user' ? await participant(viewer.id, message.conversationId) : undefined;
  if (viewer.kind === 'user' && !(mine?.active && id > mine.clearedUpTo)) throw notFound(field, id);
  if (viewer.kind === 'key' && (await conversationStore(tx).removed(message.conversationId))) throw notFound(field, id);
  return { message, mine, conversation: must(await byId(message.conversationId)) };
}

/** Who hears of what happens in a conversation: the group, or both users. */
export async function topicsOf(tx: Handle, { groupId, userA, userB }: Conversation): Promise<string[]> {
  if (groupId !== null) return [groupTopic(must(await groupStore(tx).byId(groupId)).guid)];
  const users = await userStore(tx).byIds([userA ?? 0, userB ?? 0]);
  return users.map(({ uid }) => userTopic(uid));
}

/** That the viewer may read no message with this id, whether there is one or not. */
export const notFound = (field: string, id: string | number): ChatError =>
  badField(field, `is "${id}": there is no message with this id that you may read`, 'ERR_MESSAGE_ID_NOT_FOUND');

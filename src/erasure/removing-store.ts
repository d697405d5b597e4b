import type { Conversation } from '../conversations/conversation.ts';
import { appendEvents } from '../events/append-store.ts';
import type { NewEvent } from '../events/event.ts';
import { actionText } from '../messages/action-text.ts';
import { purgeMessages } from '../messages/erase-store.ts';
import type { Message } from '../messages/message.ts';
import { topicsOf } from '../messages/readable-store.ts';
import { messageStore } from '../messages/store.ts';
import { type Handle, must } from '../store/handle.ts';
import { userStore } from '../users/store.ts';
import { tracesStore } from './traces-store.ts';

/** What a deletion does to some messages of one conversation, and tells those who are in it. */
export type Removal = (tx: Handle, conversation: Conversation, ids: readonly number[], at: number) => Promise<void>;

/** Takes the messages out of every answer. */
export const removeMessages: Removal = async (tx, conversation, ids, at) => {
  const messages = (await messageStore(tx).byIds(ids)).filter(({ purged }) => !purged);
  await purgeMessages(tx, conversation, ids);
  await tell(
    tx,
    conversation,
    messages.map(({ id }) => ({ kind: 'MESSAGE_DELETED', at, messageId: id })),
  );
};

/** Tells actions anew, by the names that people have now. */
export const retellActions: Removal = async (tx, conversation, ids, at) => {
  const actions = (await messageStore(tx).byIds(ids)).filter(({ action }) => action !== null);
  const people = await userStore(tx).byIds(actions.flatMap(({ senderId, actionOnId }) => [senderId, actionOnId ?? 0]));
  const names = new Map(people.map(({ id, name }) => [id, name]));
  const changed = actions.flatMap(({ id, action, senderId, actionOnId, newScope, text }) => {
    const told = actionText(must(action ?? undefined), names.get(senderId) ?? '', names.get(actionOnId ?? 0), newScope);
    return told === text ? [] : [{ id, text: told, updatedAt: at }];
  });
  await tx.updateMany(tx.t.messages, ['id'], changed);
  await tell(
    tx,
    conversation,
    changed.map(({ id }) => ({ kind: 'MESSAGE_EDITED', at, messageId: id })),
  );
};

/** Takes a user's reactions back. */
export const removeReactions =
  (userId: number): Removal =>
  async (tx, conversation, ids, at) => {
    const removed = await tracesStore(tx).removeReactions(userId, ids);
    const counts = countBy(removed.map(({ messageId }) => messageId));
    await lower(tx, counts, at, (message, count) => ({ reactionCount: message.reactionCount - count }));
    await tell(
      tx,
      conversation,
      removed.map(({ messageId, reaction }) => ({
        kind: 'REACTION_REMOVED',
        at,
        byId: userId,
        messageId,
        details: { reaction },
      })),
    );
  };

/** Lets messages mention the user no more: as of any uid that nobody has. Their text stays. */
export const removeMentions =
  (userId: number): Removal =>
  async (tx, conversation, ids, at) => {
    const removed = await tracesStore(tx).removeMentions(userId, ids);
    const counts = countBy(removed.map(({ messageId }) => messageId));
    await lower(tx, counts, at, (message, count) => ({ mentionCount: message.mentionCount - count }));
    await tell(
      tx,
      conversation,
      [...counts.keys()].map((messageId) => ({ kind: 'MESSAGE_EDITED', at, messageId })),
    );
  };

type Told = Extract<NewEvent, { kind: 'MESSAGE_DELETED' | 'MESSAGE_EDITED' | 'REACTION_REMOVED' }>;

/** An event of the conversation; by nobody where nothing else is said. */
type ToTell = Told extends infer One
  ? One extends Told
    ? Omit<One, 'topics' | 'conversationId' | 'byId'> & { readonly byId?: number }
    : never
  : never;

async function tell(tx: Handle, conversation: Conversation, events: readonly ToTell[]): Promise<void> {
  if (events.length === 0) return;
  const topics = await topicsOf(tx, conversation);
  await appendEvents(
    tx,
    events.map((event) => ({ byId: null, ...event, conversationId: conversation.id, topics }) as Told),
  );
}

async function lower(
  tx: Handle,
  counts: ReadonlyMap<number, number>,
  updatedAt: number,
  set: (message: Message, count: number) => Partial<Message>,
): Promise<void> {
  const messages = await messageStore(tx).byIds([...counts.keys()]);
  const rows = messages.map((message) => ({ id: message.id, updatedAt, ...set(message, counts.get(message.id) ?? 0) }));
  await tx.updateMany(tx.t.messages, ['id'], rows);
}

function countBy(ids: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

import { eq, getTableColumns, placeholder as ph, sql } from 'drizzle-orm';
import type { Conversation } from '../conversations/conversation.ts';
import type { Place } from '../conversations/place-store.ts';
import { type Handle, store } from '../store/handle.ts';
import { addMentions, addTags, mentionedIn, searchWords } from './indexing-store.ts';
import type { Message } from './message.ts';
import { hasLinks, textOf } from './text.ts';

/** What a new message is made of; what is left out it has not. */
export type NewMessage = Pick<Message, 'senderId' | 'category' | 'type'> &
  Partial<
    Pick<
      Message,
      | 'muid'
      | 'text'
      | 'url'
      | 'caption'
      | 'subType'
      | 'customData'
      | 'conversationText'
      | 'action'
      | 'actionOnId'
      | 'oldScope'
      | 'newScope'
      | 'metadata'
      | 'tags'
      | 'parentId'
      | 'quotedId'
    >
  >;

/** Columns that a new message has nothing in yet. */
const LATER: readonly (keyof Message)[] = [
  'updatedAt',
  'editedAt',
  'editedById',
  'deletedAt',
  'deletedById',
  'purged',
  'replyCount',
  'reactionCount',
  'pinnedAt',
  'pinnedById',
];

const appendStore = store(({ db, t: { messages: m, conversations: c }, add, run }) => {
  const { id: _id, ...columns } = getTableColumns(m);
  const given = (Object.keys(columns) as (keyof typeof columns)[]).filter((name) => !LATER.includes(name));
  return {
    add: add(m, given),
    setLast: run(
      () =>
        db
          .update(c)
          .set({
            seq: sql`${ph('seq')}`,
            counted: sql`${ph('counted')}`,
            lastId: sql`${ph('lastId')}`,
            lastMessageId: sql`${ph('lastMessageId')}`,
            updatedAt: sql`${ph('at')}`,
          })
          .where(eq(c.id, ph('id'))),
      (id: number, last: { seq: number; counted: number; lastId: number; lastMessageId: number; at: number }) => ({
        id,
        ...last,
      }),
    ),
    addReply: run(
      () =>
        db
          .update(m)
          .set({ replyCount: sql`${m.replyCount} + 1` })
          .where(eq(m.id, ph('id'))),
      (id: number) => ({ id }),
    ),
  };
});

/**
 * Adds a message at the end of its conversation, with all that it is found and counted by, and gives its row. Its time is `at`, or
 * the last message's where that is later. Nothing is checked, and nobody told.
 */
export async function appendMessage(
  tx: Handle,
  { conversation }: Pick<Place, 'conversation'>,
  draft: NewMessage,
  at: number,
): Promise<Message> {
  const store = appendStore(tx);
  const text = draft.category === 'message' ? textOf(draft) : '';
  const mentioned = await mentionedIn(tx, conversation.id, text);
  const message = rowOf(draft, conversation, mentioned.length, at);
  message.id = await store.add(message);
  const { id, parentId, seq, counted, sentAt } = message;
  const lastMessageId = parentId === null ? id : conversation.lastMessageId;
  await store.setLast(conversation.id, { seq, counted, lastId: id, lastMessageId, at: sentAt });
  if (parentId !== null) await store.addReply(parentId);
  await addTags(tx, message, message.tags);
  await addMentions(tx, message, mentioned);
  const words = searchWords(conversation.id, text);
  if (words.length > 0) await tx.addWords([{ id, words: words.join(' ') }]);
  return message;
}

/** A new message's row, whose id the database is to give. Written out: to spread so many properties takes three times as long. */
function rowOf(draft: NewMessage, conversation: Conversation, mentionCount: number, at: number): Message {
  const parentId = draft.parentId ?? null;
  const counts = draft.category !== 'action' && parentId === null;
  return {
    id: 0,
    conversationId: conversation.id,
    seq: conversation.seq + 1,
    counted: conversation.counted + (counts ? 1 : 0),
    counts,
    senderId: draft.senderId,
    muid: draft.muid ?? null,
    category: draft.category,
    type: draft.type,
    text: draft.text ?? null,
    url: draft.url ?? null,
    caption: draft.caption ?? null,
    subType: draft.subType ?? null,
    customData: draft.customData ?? null,
    conversationText: draft.conversationText ?? null,
    action: draft.action ?? null,
    actionOnId: draft.actionOnId ?? null,
    oldScope: draft.oldScope ?? null,
    newScope: draft.newScope ?? null,
    metadata: draft.metadata ?? null,
    tags: draft.tags ?? [],
    sentAt: Math.max(at, conversation.updatedAt),
    updatedAt: null,
    editedAt: null,
    editedById: null,
    deletedAt: null,
    deletedById: null,
    purged: false,
    parentId,
    quotedId: draft.quotedId ?? null,
    replyCount: 0,
    reactionCount: 0,
    mentionCount,
    hasLinks: hasLinks(draft.text ?? draft.caption ?? ''),
    pinnedAt: null,
    pinnedById: null,
  };
}

import { eq, getTableColumns, placeholder as ph, sql } from 'drizzle-orm';
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

/** Columns that a new message has nothing in. */
const NOTHING_YET = {
  updatedAt: null,
  editedAt: null,
  editedById: null,
  deletedAt: null,
  deletedById: null,
  purged: false,
  replyCount: 0,
  reactionCount: 0,
  pinnedAt: null,
  pinnedById: null,
};

const NOTHING = {
  muid: null,
  text: null,
  url: null,
  caption: null,
  subType: null,
  customData: null,
  conversationText: null,
  action: null,
  actionOnId: null,
  oldScope: null,
  newScope: null,
  metadata: null,
  tags: [],
  parentId: null,
  quotedId: null,
};

const appendStore = store(({ db, t: { messages: m, conversations: c }, add, run }) => {
  const { id: _id, ...columns } = getTableColumns(m);
  const given = (Object.keys(columns) as (keyof typeof columns)[]).filter((name) => !(name in NOTHING_YET));
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
  const parentId = draft.parentId ?? null;
  const counts = draft.category !== 'action' && parentId === null;
  const text = draft.category === 'message' ? textOf(draft) : '';
  const mentioned = await mentionedIn(tx, conversation.id, text);
  const row: Omit<Message, 'id'> = {
    ...NOTHING_YET,
    ...NOTHING,
    ...draft,
    conversationId: conversation.id,
    seq: conversation.seq + 1,
    counted: conversation.counted + (counts ? 1 : 0),
    counts,
    sentAt: Math.max(at, conversation.updatedAt),
    mentionCount: mentioned.length,
    hasLinks: hasLinks(draft.text ?? draft.caption ?? ''),
  };
  const id = await store.add(row);
  await store.setLast(conversation.id, {
    seq: row.seq,
    counted: row.counted,
    lastId: id,
    lastMessageId: parentId === null ? id : conversation.lastMessageId,
    at: row.sentAt,
  });
  if (parentId !== null) await store.addReply(parentId);
  const message = { id, ...row };
  await addTags(tx, message, row.tags);
  await addMentions(tx, message, mentioned);
  const words = searchWords(conversation.id, text);
  if (words.length > 0) await tx.addWords([{ id, words: words.join(' ') }]);
  return message;
}

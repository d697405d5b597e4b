import { and, eq, placeholder as ph } from 'drizzle-orm';
import { type Handle, store } from '../store/handle.ts';
import type { Message } from './message.ts';
import { mentionedUids } from './text.ts';
import { scopeWord, wordsOf } from './words.ts';

const indexingStore = store(({ db, t, sql: { among }, all, run }) => {
  const { participants: p, users, messageTags, mentions } = t;
  const ofMessage = (messageId: number) => ({ messageId });
  return {
    /** Of these people, those who take part in the conversation now. */
    participantsAmong: all(
      () =>
        db
          .select({ id: users.id })
          .from(users)
          .innerJoin(p, and(eq(p.userId, users.id), eq(p.conversationId, ph('conversation')), p.active))
          .where(among(users.uid, ph('uids'))),
      (conversation: number, uids: readonly string[]) => ({ conversation, uids }),
    ),
    addTag: run(
      () => db.insert(messageTags).values({ tag: ph('tag'), messageId: ph('messageId') }),
      (tag: string, messageId: number) => ({ tag, messageId }),
    ),
    removeTags: run(() => db.delete(messageTags).where(eq(messageTags.messageId, ph('messageId'))), ofMessage),
    addMention: run(
      () =>
        db
          .insert(mentions)
          .values({ messageId: ph('messageId'), userId: ph('userId'), conversationId: ph('conversationId') }),
      (messageId: number, userId: number, conversationId: number) => ({ messageId, userId, conversationId }),
    ),
    removeMentions: run(() => db.delete(mentions).where(eq(mentions.messageId, ph('messageId'))), ofMessage),
  };
});

type Indexed = Pick<Message, 'id' | 'conversationId'>;

/** Whom a text in a conversation mentions, by row id: those of its uids who can read it. */
export async function mentionedIn(tx: Handle, conversationId: number, text: string): Promise<number[]> {
  const uids = mentionedUids(text);
  if (uids.length === 0) return [];
  const users = await indexingStore(tx).participantsAmong(conversationId, uids);
  return users.map(({ id }) => id);
}

/** Keeps whom a new message mentions. */
export async function addMentions(
  tx: Handle,
  { id, conversationId }: Indexed,
  userIds: readonly number[],
): Promise<void> {
  for (const userId of userIds) await indexingStore(tx).addMention(id, userId, conversationId);
}

/** Keeps whom a message mentions, in place of those whom it did. */
export async function putMentions(tx: Handle, message: Indexed, userIds: readonly number[]): Promise<void> {
  await indexingStore(tx).removeMentions(message.id);
  await addMentions(tx, message, userIds);
}

/** Keeps the tags that a new message is found by. */
export async function addTags(tx: Handle, { id }: Pick<Message, 'id'>, tags: readonly string[]): Promise<void> {
  for (const tag of tags) await indexingStore(tx).addTag(tag, id);
}

/** Keeps the tags that a message is found by, in place of those it had. */
export async function putTags(tx: Handle, message: Pick<Message, 'id'>, tags: readonly string[]): Promise<void> {
  await indexingStore(tx).removeTags(message.id);
  await addTags(tx, message, tags);
}

/** All that a message is found by when its text is searched for, the conversation among it; nothing for one without words. */
export function searchWords(conversationId: number, text: string): string[] {
  const words = wordsOf(text);
  return words.length > 0 ? [...words, scopeWord(conversationId)] : [];
}

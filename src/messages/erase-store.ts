import { and, desc, eq, isNull, lt, placeholder as ph, sql } from 'drizzle-orm';
import { now } from '../clock.ts';
import type { Conversation } from '../conversations/conversation.ts';
import { placeStore } from '../conversations/place-store.ts';
import { type Handle, must, store } from '../store/handle.ts';
import { fingerprintOf } from './readable-store.ts';
import { messageStore } from './store.ts';

const eraseStore = store(({ db, t, all, one, sql: { among } }) => {
  const { messages: m, conversations: c, messageTags, mentions, reactions, attachments, edits, saves, files } = t;
  const ofIds = (ids: readonly number[]) => ({ ids });
  const ids = ph('ids');
  return {
    empty: all(
      () =>
        db
          .update(m)
          .set({
            text: sql`case when ${m.category} = 'action' then ${m.text} end`,
            url: null,
            caption: null,
            subType: null,
            customData: null,
            conversationText: null,
            metadata: null,
            tags: [],
            reactionCount: 0,
            mentionCount: 0,
            hasLinks: sql`${m.hasLinks} and ${m.category} = 'action'`,
            pinnedAt: null,
            pinnedById: null,
          })
          .where(among(m.id, ids))
          .returning({ id: m.id }),
      ofIds,
    ),
    removeTags: all(
      () => db.delete(messageTags).where(among(messageTags.messageId, ids)).returning({ id: messageTags.messageId }),
      ofIds,
    ),
    removeMentions: all(
      () => db.delete(mentions).where(among(mentions.messageId, ids)).returning({ id: mentions.messageId }),
      ofIds,
    ),
    removeReactions: all(
      () => db.delete(reactions).where(among(reactions.messageId, ids)).returning({ id: reactions.messageId }),
      ofIds,
    ),
    removeAttachments: all(
      () => db.delete(attachments).where(among(attachments.messageId, ids)).returning({ id: attachments.messageId }),
      ofIds,
    ),
    removeEdits: all(
      () => db.delete(edits).where(among(edits.messageId, ids)).returning({ id: edits.messageId }),
      ofIds,
    ),
    removeSaves: all(
      () => db.delete(saves).where(among(saves.messageId, ids)).returning({ id: saves.messageId }),
      ofIds,
    ),
    loosenFiles: all(
      () => db.update(files).set({ messageId: null }).where(among(files.messageId, ids)).returning({ key: files.key }),
      ofIds,
    ),
    removeCalls: all(
      () => db.delete(t.calls).where(among(t.calls.messageId, ids)).returning({ id: t.calls.messageId }),
      ofIds,
    ),
    removeCallParticipants: all(
      () =>
        db
          .delete(t.callParticipants)
          .where(among(t.callParticipants.messageId, ids))
          .returning({ id: t.callParticipants.messageId }),
      ofIds,
    ),
    /** The newest message before one that is no reply and not gone for good. */
    lastBefore: one(
      () =>
        db
          .select({ id: m.id })
          .from(m)
          .where(
            and(eq(m.conversationId, ph('conversation')), lt(m.id, ph('id')), isNull(m.parentId), sql`not ${m.purged}`),
          )
          .orderBy(desc(m.id))
          .limit(1),
      (conversation: number, id: number) => ({ conversation, id }),
    ),
    setLastMessage: one(
      () =>
        db
          .update(c)
          .set({ lastMessageId: sql`${ph('lastMessageId')}` })
          .where(eq(c.id, ph('id')))
          .returning({ id: c.id }),
      (id: number, lastMessageId: number) => ({ id, lastMessageId }),
    ),
  };
});

/**
 * Takes from messages all that they hold but their place: content, attachments, edits, reactions, mentions, tags, words, pins and
 * saves. An action keeps its text. Files of theirs that Parley keeps become loose. Whether they are deleted is for the caller to say.
 */
export async function eraseMessages(tx: Handle, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const store = eraseStore(tx);
  await store.empty(ids);
  await store.removeTags(ids);
  await store.removeMentions(ids);
  await store.removeReactions(ids);
  await store.removeAttachments(ids);
  await store.removeEdits(ids);
  await store.removeSaves(ids);
  await store.loosenFiles(ids);
  await tx.putWords(ids.map((id) => ({ id, words: [] })));
}

/**
 * Takes messages of one conversation out of every answer, for good: of each a row without content keeps the place, with a hash of
 * its `muid`. Those that are gone already are passed over. Callers come with a few hundred at a time.
 */
export async function purgeMessages(
  tx: Handle,
  conversation: Pick<Conversation, 'id'>,
  ids: readonly number[],
): Promise<void> {
  const messages = (await messageStore(tx).byIds(ids)).filter(({ purged }) => !purged);
  if (messages.length === 0) return;
  const purged = messages.map(({ id }) => id);
  await eraseMessages(tx, purged);
  const store = eraseStore(tx);
  await store.removeCallParticipants(purged);
  await store.removeCalls(purged);
  const at = now();
  const gone = { purged: true, text: null, action: null, actionOnId: null, oldScope: null, newScope: null };
  const rows = messages.map(({ id, muid, deletedAt }) => ({
    ...gone,
    id,
    muid: muid === null ? null : fingerprintOf(muid),
    deletedAt: deletedAt ?? at,
  }));
  await tx.updateMany(tx.t.messages, ['id'], rows);
  await takeReplies(
    tx,
    messages.flatMap(({ parentId }) => parentId ?? []),
  );
  const { lastMessageId } = must(await placeStore(tx).byId(conversation.id));
  if (!purged.includes(lastMessageId)) return;
  const last = await store.lastBefore(conversation.id, lastMessageId);
  await store.setLastMessage(conversation.id, last?.id ?? 0);
}

/** Lowers the number of replies of these parents, each by as often as it is named. */
async function takeReplies(tx: Handle, parentIds: readonly number[]): Promise<void> {
  if (parentIds.length === 0) return;
  const fewer = Map.groupBy(parentIds, (id) => id);
  const parents = await messageStore(tx).byIds([...fewer.keys()]);
  const rows = parents.map(({ id, replyCount }) => ({ id, replyCount: replyCount - (fewer.get(id)?.length ?? 0) }));
  await tx.updateMany(tx.t.messages, ['id'], rows);
}

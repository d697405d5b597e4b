import { and, eq, gt, placeholder as ph, sql } from 'drizzle-orm';
import { type Handle, store } from '../store/handle.ts';
import { BATCH } from './batch.ts';

const CONVERSATIONS = 500;

/** A message, and where it is. */
export interface Trace {
  readonly id: number;
  readonly conversationId: number;
}

/** Where a user has left traces. What is asked for a page at a time begins after an id, 0 for the first. */
export const tracesStore = store(({ db, t, all, sql: { among } }) => {
  const { messages: m, conversations: c, participants: p, reactions, mentions } = t;
  const traced = { id: m.id, conversationId: m.conversationId };
  const kept = sql`not ${m.purged}`;
  const ofUser = (userId: number) => ({ userId });
  const afterOf = (userId: number, after: number) => ({ userId, after });
  const wrote = db
    .select({ id: m.id })
    .from(m)
    .where(and(eq(m.conversationId, c.id), eq(m.senderId, ph('userId'))));
  return {
    participating: all(
      () =>
        db
          .select({ id: p.conversationId, key: p.conversationId })
          .from(p)
          .where(and(eq(p.userId, ph('userId')), gt(p.conversationId, ph('after'))))
          .orderBy(p.conversationId)
          .limit(CONVERSATIONS),
      afterOf,
    ),
    /** Conversations of groups, and whether the user has written there: an import knows of writers who take no part. */
    groups: all(
      () =>
        db
          .select({
            id: c.id,
            key: sql<number>`${c.groupId}`.mapWith(Number).as('key'),
            wrote: sql<boolean>`exists ${wrote}`.mapWith(Boolean).as('wrote'),
          })
          .from(c)
          .where(gt(c.groupId, ph('after')))
          .orderBy(c.groupId)
          .limit(CONVERSATIONS),
      afterOf,
    ),
    /** Some of the messages that the user has in a conversation. */
    written: all(
      () =>
        db
          .select({ ...traced, category: m.category })
          .from(m)
          .where(
            and(eq(m.conversationId, ph('conversationId')), eq(m.senderId, ph('userId')), gt(m.id, ph('after')), kept),
          )
          .orderBy(m.id)
          .limit(BATCH),
      (conversationId: number, userId: number, after: number) => ({ conversationId, userId, after }),
    ),
    /** Some of the actions that were done on the user. */
    actionsOn: all(
      () =>
        db
          .select(traced)
          .from(m)
          .where(and(eq(m.actionOnId, ph('userId')), gt(m.id, ph('after')), kept))
          .orderBy(m.id)
          .limit(BATCH),
      afterOf,
    ),
    /** Some of the messages that the user has reacted to. */
    reactedTo: all(() => {
      const some = db
        .selectDistinct({ id: reactions.messageId })
        .from(reactions)
        .where(eq(reactions.userId, ph('userId')))
        .limit(BATCH);
      return db.select(traced).from(m).where(sql`${m.id} in ${some}`);
    }, ofUser),
    /** Some of the messages that mention the user. */
    mentionedIn: all(
      () =>
        db
          .select({ id: mentions.messageId, conversationId: mentions.conversationId })
          .from(mentions)
          .where(eq(mentions.userId, ph('userId')))
          .limit(BATCH),
      ofUser,
    ),
    removeReactions: all(
      () =>
        db
          .delete(reactions)
          .where(and(eq(reactions.userId, ph('userId')), among(reactions.messageId, ph('ids'))))
          .returning({ messageId: reactions.messageId, reaction: reactions.reaction }),
      (userId: number, ids: readonly number[]) => ({ userId, ids }),
    ),
    removeMentions: all(
      () =>
        db
          .delete(mentions)
          .where(and(eq(mentions.userId, ph('userId')), among(mentions.messageId, ph('ids'))))
          .returning({ messageId: mentions.messageId }),
      (userId: number, ids: readonly number[]) => ({ userId, ids }),
    ),
  };
});

/** All conversations that a user has ever taken part or written in, each at least once. */
export async function* conversationsOf(handle: Handle, userId: number): AsyncGenerator<number> {
  const { participating, groups } = tracesStore(handle);
  for await (const { id } of every((after) => participating(userId, after))) yield id;
  for await (const { id, wrote } of every((after) => groups(userId, after))) if (wrote) yield id;
}

async function* every<Row extends { key: number }>(page: (after: number) => Row[] | Promise<Row[]>) {
  for (let rows = await page(0); rows.length > 0; rows = await page(rows.at(-1)?.key ?? 0)) yield* rows;
}

import { and, eq, gt, placeholder as ph, sql } from 'drizzle-orm';
import { NAMELESS, removedConversations } from '../conversations/removed-store.ts';
import { groupStore } from '../groups/store.ts';
import { purgeMessages } from '../messages/erase-store.ts';
import { type Handle, must, store } from '../store/handle.ts';
import { sortKey } from '../users/user.ts';
import { BATCH } from './batch.ts';

/** A deleted group of which something is left. */
export interface Remains {
  readonly groupId: number;
  readonly conversationId: number;
}

/** Of so many people all marks go in one write. */
const MARKERS = 20;

const groupsStore = store((handle) => {
  const { db, t, all } = handle;
  const { conversations: c, participants: p, marks, messages: m } = t;
  const ofConversation = (conversationId: number) => ({ conversationId });
  const left = and(eq(p.conversationId, ph('conversationId')), sql`not ${p.active}`);
  const marked = eq(marks.conversationId, ph('conversationId'));
  return {
    unfinished: all(
      () =>
        db
          .select({ groupId: sql<number>`${c.groupId}`.mapWith(Number).as('group_id'), conversationId: c.id })
          .from(c)
          .where(sql`${c.id} in ${removedConversations(handle)}`),
      () => ({}),
    ),
    removeParticipants: all(() => {
      const some = db.select({ id: p.userId }).from(p).where(left).limit(BATCH);
      return db
        .delete(p)
        .where(and(left, sql`${p.userId} in ${some}`))
        .returning({ id: p.userId });
    }, ofConversation),
    /** All marks of a few of those who have any. */
    removeMarks: all(() => {
      const some = db.selectDistinct({ id: marks.userId }).from(marks).where(marked).limit(MARKERS);
      return db
        .delete(marks)
        .where(and(marked, sql`${marks.userId} in ${some}`))
        .returning({ id: marks.userId });
    }, ofConversation),
    messages: all(
      () =>
        db
          .select({ id: m.id })
          .from(m)
          .where(and(eq(m.conversationId, ph('conversationId')), gt(m.id, ph('after')), sql`not ${m.purged}`))
          .orderBy(m.id)
          .limit(BATCH),
      (conversationId: number, after: number) => ({ conversationId, after }),
    ),
  };
});

/** Deleted groups of which something is left. */
export const unfinishedGroups = async (handle: Handle): Promise<Remains[]> => groupsStore(handle).unfinished();

/** Removes some of what members had in a deleted group's conversation; whether there was any. */
export async function removeStandings(tx: Handle, { conversationId }: Remains): Promise<boolean> {
  const participants = await groupsStore(tx).removeParticipants(conversationId);
  const marks = await groupsStore(tx).removeMarks(conversationId);
  return participants.length + marks.length > 0;
}

/** Purges some of a deleted group's messages, those after an id. Gives the last one's; undefined where there are no more. */
export async function removeSome(tx: Handle, { conversationId }: Remains, after: number): Promise<number | undefined> {
  const ids = (await groupsStore(tx).messages(conversationId, after)).map(({ id }) => id);
  await purgeMessages(tx, { id: conversationId }, ids);
  return ids.at(-1);
}

/** Takes from a deleted group's row what it said of itself. */
export async function forgetGroup(tx: Handle, { groupId }: Remains): Promise<void> {
  const { guid } = must(await groupStore(tx).byId(groupId));
  const said = { name: NAMELESS, sortKey: sortKey(NAMELESS, guid), description: null, icon: null, metadata: null };
  await tx.updateMany(tx.t.groups, ['id'], [{ id: groupId, ...said, tags: [] }]);
}

import { and, getTableColumns as columnsOf, eq, isNull, max, placeholder as ph, sql } from 'drizzle-orm';
import { store } from '../store/handle.ts';

export const importStore = store(({ db, t, all, one, sql: { among, pairs } }) => {
  const { messages: m, participants: p, memberships, bans, calls, conversations: c } = t;
  const numbers = pairs(ph('pairs'), 'number');
  const texts = pairs(ph('pairs'), 'text');
  const ofPairs = (list: readonly (readonly [number, number | string])[]) => ({ pairs: list });
  const ofUids = (uids: readonly string[]) => ({ uids });
  const ofIds = (ids: readonly number[]) => ({ ids });
  return {
    /** Who these are, and with all that is known of them. */
    peopleByUid: all(
      () =>
        db
          .select({ id: t.users.id, uid: t.users.uid, name: t.users.name, sortKey: t.users.sortKey })
          .from(t.users)
          .where(among(t.users.uid, ph('uids'))),
      ofUids,
    ),
    usersByUid: all(
      () =>
        db
          .select()
          .from(t.users)
          .where(among(t.users.uid, ph('uids'))),
      ofUids,
    ),
    groupsByGuid: all(
      () =>
        db
          .select()
          .from(t.groups)
          .where(among(t.groups.guid, ph('guids'))),
      (guids: readonly string[]) => ({ guids }),
    ),
    conversationsOfGroups: all(
      () =>
        db
          .select()
          .from(c)
          .where(among(c.groupId, ph('ids'))),
      ofIds,
    ),
    conversationsOfPairs: all(
      () =>
        db
          .select(columnsOf(c))
          .from(numbers.table)
          .innerJoin(c, and(eq(c.userA, numbers.first), eq(c.userB, numbers.second))),
      ofPairs,
    ),
    /** By user and conversation. */
    participants: all(
      () =>
        db
          .select(columnsOf(p))
          .from(numbers.table)
          .innerJoin(p, and(eq(p.userId, numbers.first), eq(p.conversationId, numbers.second))),
      ofPairs,
    ),
    /** By group and user. */
    members: all(
      () =>
        db
          .select(columnsOf(memberships))
          .from(numbers.table)
          .innerJoin(
            memberships,
            and(
              eq(memberships.groupId, numbers.first),
              eq(memberships.userId, numbers.second),
              isNull(memberships.toPosition),
            ),
          ),
      ofPairs,
    ),
    bans: all(
      () =>
        db
          .select(columnsOf(bans))
          .from(numbers.table)
          .innerJoin(bans, and(eq(bans.groupId, numbers.first), eq(bans.userId, numbers.second))),
      ofPairs,
    ),
    messages: all(
      () =>
        db
          .select()
          .from(m)
          .where(among(m.id, ph('ids'))),
      ofIds,
    ),
    refs: all(
      () =>
        db
          .select({
            id: m.id,
            conversationId: m.conversationId,
            parentId: m.parentId,
            category: m.category,
            type: m.type,
            deletedAt: m.deletedAt,
            url: m.url,
            pinnedAt: m.pinnedAt,
            pinnedById: m.pinnedById,
          })
          .from(m)
          .where(among(m.id, ph('ids'))),
      ofIds,
    ),
    /** Which of these senders' `muid`s are taken. */
    muids: all(
      () =>
        db
          .select({ id: m.id, senderId: m.senderId, muid: m.muid })
          .from(texts.table)
          .innerJoin(m, and(eq(m.senderId, texts.first), eq(m.muid, texts.second))),
      ofPairs,
    ),
    sessions: all(
      () =>
        db
          .select({ id: calls.messageId, sessionId: calls.sessionId })
          .from(calls)
          .where(among(calls.sessionId, ph('sessions'))),
      (sessions: readonly string[]) => ({ sessions }),
    ),
    lastPosition: one(
      () => db.select({ position: max(t.events.position) }).from(t.events),
      () => ({}),
    ),
    /** Says again how many reactions each of these messages has. */
    countReactions: all(
      () =>
        db
          .update(m)
          .set({ reactionCount: sql`(select count(*) from ${t.reactions} where ${t.reactions.messageId} = ${m.id})` })
          .where(among(m.id, ph('ids')))
          .returning({ id: m.id }),
      ofIds,
    ),
    setEpoch: one(
      () =>
        db
          .update(t.meta)
          .set({ value: ph('epoch') as never })
          .where(eq(t.meta.name, 'epoch'))
          .returning(),
      (epoch: string) => ({ epoch }),
    ),
  };
});

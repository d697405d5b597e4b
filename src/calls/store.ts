import { and, desc, eq, exists, getTableColumns, isNotNull, isNull, ne, placeholder as ph, sql } from 'drizzle-orm';
import { store } from '../store/handle.ts';

export const callStore = store(({ db, t, sql: { among }, one, all }) => {
  const { calls, callParticipants: taking, users, participants: p } = t;
  const columns = getTableColumns(calls);
  const isLive = sql`${calls.status} in ('initiated', 'ongoing')`; // word for word as the index has it
  const isNotOverdue = sql`(${calls.status} = 'ongoing' or coalesce(${calls.ringsUntil}, 0) >= ${ph('at')})`;
  const isIn = and(isNotNull(taking.joinedAt), isNull(taking.leftAt));
  return {
    byMessages: all(
      () =>
        db
          .select()
          .from(calls)
          .where(among(calls.messageId, ph('ids'))),
      (ids: readonly number[]) => ({ ids }),
    ),
    bySession: one(
      () =>
        db
          .select()
          .from(calls)
          .where(eq(calls.sessionId, ph('sessionId'))),
      (sessionId: string) => ({ sessionId }),
    ),
    /** The call that a user is in at a time, if any: they have joined and not left it, and it rings or goes on. */
    active: one(
      () =>
        db
          .select(columns)
          .from(taking)
          .innerJoin(calls, eq(calls.messageId, taking.messageId))
          .where(and(eq(taking.userId, ph('userId')), isIn, isLive, isNotOverdue))
          .orderBy(desc(calls.messageId))
          .limit(1),
      (userId: number, at: number) => ({ userId, at }),
    ),
    /** The newest of the calls that ring for a user at a time: of those that are calling them, or a group of theirs. */
    ringing: one(
      () =>
        db
          .select(columns)
          .from(calls)
          .where(
            and(
              isLive,
              eq(calls.status, sql`'initiated'`),
              isNotOverdue,
              ne(calls.initiatorId, ph('userId')),
              exists(
                db
                  .select({ id: p.userId })
                  .from(p)
                  .where(and(eq(p.userId, ph('userId')), eq(p.conversationId, calls.conversationId), p.active)),
              ),
            ),
          )
          .orderBy(desc(sql`${calls.messageId} + 0`)) // or else SQLite would read all calls there ever were, from the newest on
          .limit(1),
      (userId: number, at: number) => ({ userId, at }),
    ),
    /** The calls of a conversation that are not over. */
    liveIn: all(
      () =>
        db
          .select()
          .from(calls)
          .where(and(eq(calls.conversationId, ph('conversationId')), isLive))
          .orderBy(calls.messageId),
      (conversationId: number) => ({ conversationId }),
    ),
    /** The conversations in which a user has a call that is not over: they call, are called by one, or are in a group's. */
    conversationsOfLive: all(
      () =>
        db
          .selectDistinct({ id: calls.conversationId })
          .from(taking)
          .innerJoin(calls, eq(calls.messageId, taking.messageId))
          .where(and(eq(taking.userId, ph('userId')), isLive)),
      (userId: number) => ({ userId }),
    ),
    /** When each call that rings is to end. */
    ringsUntil: all(
      () =>
        db
          .select({ messageId: calls.messageId, conversationId: calls.conversationId, ringsUntil: calls.ringsUntil })
          .from(calls)
          .where(and(isLive, eq(calls.status, sql`'initiated'`))),
      () => ({}),
    ),
    /** Who is in each call that goes on; null for one that nobody is in. */
    inOngoing: all(
      () =>
        db
          .select({ messageId: calls.messageId, conversationId: calls.conversationId, userId: taking.userId })
          .from(calls)
          .leftJoin(taking, and(eq(taking.messageId, calls.messageId), isIn))
          .where(and(isLive, eq(calls.status, sql`'ongoing'`))),
      () => ({}),
    ),
    part: one(
      () =>
        db
          .select()
          .from(taking)
          .where(and(eq(taking.messageId, ph('messageId')), eq(taking.userId, ph('userId')))),
      (messageId: number, userId: number) => ({ messageId, userId }),
    ),
    /** Somebody who is in a call, other than this user. */
    otherIn: one(
      () =>
        db
          .select({ userId: taking.userId })
          .from(taking)
          .where(and(eq(taking.messageId, ph('messageId')), ne(taking.userId, ph('userId')), isIn))
          .limit(1),
      (messageId: number, userId: number) => ({ messageId, userId }),
    ),
    /** Lets everybody leave who is in a call. */
    emptied: all(
      () =>
        db
          .update(taking)
          .set({ leftAt: sql`${ph('at')}` })
          .where(and(eq(taking.messageId, ph('messageId')), isIn))
          .returning({ userId: taking.userId }),
      (messageId: number, at: number) => ({ messageId, at }),
    ),
    /** Who has taken part in these calls, each call's by name. */
    participantsOf: all(
      () =>
        db
          .select({ messageId: taking.messageId, userId: taking.userId })
          .from(taking)
          .innerJoin(users, eq(users.id, taking.userId))
          .where(and(among(taking.messageId, ph('ids')), isNotNull(taking.joinedAt)))
          .orderBy(taking.messageId, users.sortKey),
      (ids: readonly number[]) => ({ ids }),
    ),
    /** Of these calls, those that a user is called by, or has taken part in. */
    involving: all(
      () =>
        db
          .select({ id: taking.messageId })
          .from(taking)
          .where(and(eq(taking.userId, ph('userId')), among(taking.messageId, ph('ids')))),
      (userId: number, ids: readonly number[]) => ({ userId, ids }),
    ),
  };
});

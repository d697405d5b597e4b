import { and, desc, eq, getTableColumns, inArray, isNotNull, isNull, placeholder as ph } from 'drizzle-orm';
import { store } from '../store/handle.ts';

export const callStore = store(({ db, t, sql: { among }, one, all }) => {
  const { calls, callParticipants: taking, users } = t;
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
    /** The call that a user is in now, if any: it rings or goes on, and they have joined it and not left. */
    active: one(
      () =>
        db
          .select(getTableColumns(calls))
          .from(taking)
          .innerJoin(calls, eq(calls.messageId, taking.messageId))
          .where(
            and(
              eq(taking.userId, ph('userId')),
              isNotNull(taking.joinedAt),
              isNull(taking.leftAt),
              inArray(calls.status, ['initiated', 'ongoing']),
            ),
          )
          .orderBy(desc(calls.messageId))
          .limit(1),
      (userId: number) => ({ userId }),
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

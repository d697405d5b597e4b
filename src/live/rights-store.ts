import { and, eq, gt, gte, isNotNull, isNull, ne, or, placeholder as ph, sql } from 'drizzle-orm';
import { comparePlaces, type Place } from '../events/cursor.ts';
import { store } from '../store/handle.ts';

/**
 * A stretch of the log in which a user belongs to a group: after `from`, up to `to`; null where that is still to come. The transactions
 * are null where the log no longer holds the events: they were before all that it does.
 */
export interface Belonging {
  readonly groupId: number;
  readonly guid: string;
  readonly fromXid: number | null;
  readonly from: number;
  readonly toXid: number | null;
  readonly to: number | null;
}

/** Whether it holds at a place of the log, and so for what comes after it. */
export const holdsAt = (one: Belonging, place: Place): boolean =>
  comparePlaces({ xid: one.fromXid ?? 0, position: one.from }, place) <= 0 && !isOverAt(one, place);

/** Whether it has ended by a place of the log. */
export const isOverAt = ({ toXid, to }: Belonging, place: Place): boolean =>
  to !== null && comparePlaces({ xid: toXid ?? 0, position: to }, place) <= 0;

/** Who may hear what, and see what they hear of. */
export const rightsStore = store(({ db, t, sql: dialect, all, one }) => {
  const { memberships, groups, participants: p, messages: m, conversations: c, users, events } = t;
  /** The transaction of the event at a position. */
  const xidAt = (position: typeof memberships.fromPosition | typeof memberships.toPosition) =>
    sql<number | null>`(select ${events.xid} from ${events} where ${events.position} = ${position})`.mapWith(
      events.xid,
    );
  const readable = () =>
    db
      .select({ id: m.id })
      .from(m)
      .innerJoin(p, and(eq(p.conversationId, m.conversationId), eq(p.userId, ph('userId')), p.active));
  const isReadable = sql`${m.id} > ${p.clearedUpTo} and not ${m.purged}`;
  return {
    /** A user's memberships, also those that have ended, with the guids of their groups. */
    memberships: all(
      () =>
        db
          .select({
            groupId: memberships.groupId,
            guid: groups.guid,
            fromXid: xidAt(memberships.fromPosition).as('from_xid'),
            from: memberships.fromPosition,
            toXid: xidAt(memberships.toPosition).as('to_xid'),
            to: memberships.toPosition,
          })
          .from(memberships)
          .innerJoin(groups, eq(groups.id, memberships.groupId))
          .where(eq(memberships.userId, ph('userId'))),
      (userId: number) => ({ userId }),
    ),
    /** Those of the users who can't sign in any more, or whose tokens were revoked since a time, in seconds. */
    doubtfulAmong: all(
      () =>
        db
          .select({ id: users.id })
          .from(users)
          .where(
            and(
              dialect.among(users.id, ph('ids')),
              or(isNotNull(users.deactivatedAt), isNotNull(users.deletedAt), gt(users.tokensRevokedAt, ph('since'))),
            ),
          ),
      (ids: readonly number[], since: number) => ({ ids, since }),
    ),
    /** Everybody else with whom a user has a conversation of two. */
    partners: all(
      () => {
        const partner = (mine: typeof c.userA, other: typeof c.userA) =>
          db
            .select({ id: sql`${other}` })
            .from(c)
            .where(and(eq(mine, ph('userId')), isNotNull(c.userA)));
        return db
          .select({ id: users.id, uid: users.uid })
          .from(users)
          .where(
            and(
              ne(users.id, ph('userId')),
              sql`(${users.id} in ${partner(c.userA, c.userB)} or ${users.id} in ${partner(c.userB, c.userA)})`,
            ),
          );
      },
      (userId: number) => ({ userId }),
    ),
    /** The user's membership of a group that holds now, if there is one. */
    membershipOf: one(
      () =>
        db
          .select({ from: memberships.fromPosition })
          .from(memberships)
          .where(
            and(
              eq(memberships.groupId, ph('groupId')),
              eq(memberships.userId, ph('userId')),
              isNull(memberships.toPosition),
            ),
          ),
      (userId: number, groupId: number) => ({ userId, groupId }),
    ),
    /** Those of the users who are members of a group now. */
    membersAmong: all(
      () =>
        db
          .select({ userId: memberships.userId })
          .from(memberships)
          .innerJoin(groups, eq(groups.id, memberships.groupId))
          .where(
            and(
              eq(groups.guid, ph('guid')),
              isNull(memberships.toPosition),
              dialect.among(memberships.userId, ph('userIds')),
            ),
          ),
      (guid: string, userIds: readonly number[]) => ({ guid, userIds }),
    ),
    /** A conversation's messages after one that the user may read. */
    messagesAfter: all(
      () =>
        readable()
          .where(and(eq(m.conversationId, ph('conversationId')), gt(m.id, ph('after')), isReadable))
          .orderBy(m.id)
          .limit(ph('limit')),
      (userId: number, conversationId: number, after: number, limit: number) => ({
        userId,
        conversationId,
        after,
        limit,
      }),
    ),
    /** Those of the messages that the user may read. */
    readableAmong: all(
      () => readable().where(and(dialect.among(m.id, ph('ids')), isReadable)),
      (userId: number, ids: readonly number[]) => ({ userId, ids }),
    ),
    /** The newest of all messages. */
    newest: one(
      () => db.select({ id: sql<number>`max(${m.id})`.mapWith(m.id) }).from(m),
      () => ({}),
    ),
    /** Who has deleted a conversation for themself up to a message, or further. */
    clearedBeyond: all(
      () =>
        db
          .select({ userId: p.userId })
          .from(p)
          .where(
            and(eq(p.conversationId, ph('conversationId')), gt(p.clearedUpTo, 0), gte(p.clearedUpTo, ph('messageId'))),
          ),
      (conversationId: number, messageId: number) => ({ conversationId, messageId }),
    ),
    /** A user's standing in these conversations: a row for each that they have ever been in. */
    participantIn: all(
      () =>
        db
          .select({ conversationId: p.conversationId, active: p.active, clearedUpTo: p.clearedUpTo })
          .from(p)
          .where(and(eq(p.userId, ph('userId')), dialect.among(p.conversationId, ph('conversationIds')))),
      (userId: number, conversationIds: readonly number[]) => ({ userId, conversationIds }),
    ),
    participant: one(
      () =>
        db
          .select({ active: p.active, clearedUpTo: p.clearedUpTo })
          .from(p)
          .where(and(eq(p.userId, ph('userId')), eq(p.conversationId, ph('conversationId')))),
      (userId: number, conversationId: number) => ({ userId, conversationId }),
    ),
  };
});

import { and, getTableColumns as columnsOf, eq, gt, isNotNull, ne, or, placeholder as ph, sql } from 'drizzle-orm';
import { store } from '../store/handle.ts';
import { PAGE } from './export-pages.ts';

const ofIds = (ids: readonly number[]) => ({ ids });

export const standingsStore = store(({ db, t, all, one, sql: { among } }) => {
  const { conversations: c, participants: p, marks, messages: m, users } = t;
  const inConversation = (conversation: number) => ({ conversation });
  const set = or(
    ne(p.clearedUpTo, 0),
    isNotNull(p.pinnedAt),
    isNotNull(p.mutedUntil),
    sql`cast(${p.tags} as text) <> '[]'`,
  );
  const elsewhere = or(ne(p.readUpTo, ph('end')), ne(p.readMark, ph('end')), ne(p.deliveredMark, ph('end')));
  return {
    conversationsById: all(
      () =>
        db
          .select()
          .from(c)
          .where(among(c.id, ph('ids'))),
      ofIds,
    ),
    conversationsOfGroups: all(
      () =>
        db
          .select()
          .from(c)
          .where(among(c.groupId, ph('ids'))),
      ofIds,
    ),
    /** Those between one of these users, whose uid comes first, and another. */
    conversationsOfUsers: all(
      () =>
        db
          .select({ ...columnsOf(c), other: users.uid })
          .from(c)
          .innerJoin(users, eq(users.id, c.userB))
          .where(among(c.userA, ph('ids'))),
      ofIds,
    ),
    /** The last message that was not purged. */
    newest: one(
      () =>
        db
          .select({ id: m.id })
          .from(m)
          .where(and(eq(m.conversationId, ph('conversation')), eq(m.purged, sql`false`)))
          .orderBy(sql`${m.id} desc`)
          .limit(1),
      inConversation,
    ),
    /** Who has marks; 0 stands for all members. */
    markers: all(
      () =>
        db
          .selectDistinct({ id: marks.userId })
          .from(marks)
          .where(eq(marks.conversationId, ph('conversation'))),
      inConversation,
    ),
    marks: all(
      () =>
        db
          .select({ kind: marks.kind, upTo: marks.upTo, at: marks.at })
          .from(marks)
          .where(
            and(
              eq(marks.conversationId, ph('conversation')),
              eq(marks.userId, ph('user')),
              sql`${marks.kind} = ${ph('kind')}`,
              gt(marks.upTo, ph('after')),
            ),
          )
          .orderBy(marks.upTo)
          .limit(PAGE),
      (conversation: number, user: number, kind: 'delivered' | 'read', key: number) => ({
        conversation,
        user,
        kind,
        after: key,
      }),
    ),
    /** Those for whom a conversation stands otherwise than an import would leave it, by uid. */
    participants: all(
      () =>
        db
          .select({ ...columnsOf(p), uid: users.uid })
          .from(p)
          .innerJoin(users, eq(users.id, p.userId))
          .where(and(eq(p.conversationId, ph('conversation')), or(set, and(p.active, elsewhere))))
          .orderBy(users.uid),
      (conversation: number, end: number) => ({ conversation, end }),
    ),
  };
});

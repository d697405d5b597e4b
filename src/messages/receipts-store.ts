import { and, count, eq, gte, isNull, ne, placeholder as ph, sql } from 'drizzle-orm';
import { type Awaitable, andThen } from '../awaitable.ts';
import { type Handle, store } from '../store/handle.ts';
import { type Bounds, type Page, paged, type Range } from '../store/keyset.ts';
import type { Message, Receipt } from './message.ts';

/** So many receivers of one message are put in order by name; more are met soon enough on the way through all members. */
const FEW = 500;

/** Receipts, from the marks: a message's are those of the first mark that covers it. */
export const receiptsStore = store((handle) => {
  const { db, t, one, all } = handle;
  const { messages: m, conversations: c, participants: p, memberships, users } = t;
  const { among } = handle.sql;
  const { firstRead, firstDelivered } = firsts(handle);

  const receiver = sql`case when ${c.groupId} is not null then 0 when ${c.userA} = ${m.senderId} then ${c.userB} else ${c.userA} end`;
  const delivered = firstDelivered(p.conversationId, p.userId, ph('id'));
  const here = and(eq(p.conversationId, ph('conversation')), p.active);
  const receipt = {
    userId: p.userId,
    deliveredAt: delivered.as('delivered_at'),
    readAt: firstRead(p.conversationId, p.userId, ph('id')).as('read_at'),
  };
  const reached = and(
    here,
    gte(p.deliveredMark, ph('id')),
    ne(p.userId, ph('sender')),
    sql`${delivered} is not null`, // who an import put at the end has no mark
  );
  const params = ({ id, conversationId, senderId }: Message) => ({
    id,
    conversation: conversationId,
    sender: senderId,
  });
  const byName = (by: Parameters<typeof paged>[1]['by'], build: Parameters<typeof paged<[Message], Receipt>>[2]) =>
    paged(handle, { by, order: 'ascending', kind: 'string' }, build, params);

  const countReached = one(
    () => {
      const some = db
        .select({ id: p.userId })
        .from(p)
        .where(and(here, gte(p.deliveredMark, ph('id'))))
        .limit(FEW + 1);
      return db.select({ n: count() }).from(some.as('some'));
    },
    (message: Message) => params(message),
  );
  const listFew = byName(users.sortKey, ({ within, orderBy, limit }: Bounds) =>
    db
      .select({ ...receipt, sortKey: users.sortKey })
      .from(p)
      .innerJoin(users, eq(users.id, p.userId))
      .where(and(reached, ...within))
      .orderBy(orderBy)
      .limit(limit),
  );
  const listMany = byName(memberships.sortKey, ({ within, orderBy, limit }: Bounds) => {
    const group = db
      .select({ id: c.groupId })
      .from(c)
      .where(eq(c.id, ph('conversation')));
    return db
      .select({ ...receipt, sortKey: memberships.sortKey })
      .from(memberships)
      .innerJoin(p, eq(p.userId, memberships.userId))
      .where(and(eq(memberships.groupId, sql`${group}`), isNull(memberships.toPosition), reached, ...within))
      .orderBy(orderBy)
      .limit(limit);
  });

  return {
    receiptsOf: all(
      () =>
        db
          .select({
            id: m.id,
            deliveredAt: firstDelivered(m.conversationId, receiver, m.id).as('delivered_at'),
            readAt: firstRead(m.conversationId, receiver, m.id).as('read_at'),
            deliveredToMeAt: firstDelivered(m.conversationId, ph('viewer'), m.id).as('delivered_to_me_at'),
            readByMeAt: firstRead(m.conversationId, ph('viewer'), m.id).as('read_by_me_at'),
          })
          .from(m)
          .innerJoin(c, eq(c.id, m.conversationId))
          .where(among(m.id, ph('ids'))),
      (viewer: number, ids: readonly number[]) => ({ viewer, ids }),
    ),
    /** Whom a message has reached, by name: at a cost that does not grow with the group. */
    listReceipts: (range: Range, message: Message): Awaitable<Page<Receipt>> =>
      andThen(countReached(message), (row) => ((row?.n ?? 0) > FEW ? listMany : listFew)(range, message)),
  };
});

function firsts({ db, t: { messages: m, participants: p, marks } }: Handle) {
  const firstMark = (
    conversation: typeof m.conversationId | typeof p.conversationId,
    user: unknown,
    kind: string,
    id: unknown,
  ) => {
    const covering = and(
      eq(marks.conversationId, conversation),
      sql`${marks.userId} = ${user}`,
      sql`${marks.kind} = ${sql.raw(`'${kind}'`)}`,
      sql`${marks.upTo} >= ${id}`,
    );
    const first = db.select({ at: marks.at }).from(marks).where(covering).orderBy(marks.upTo).limit(1);
    return sql<number | null>`${first}`.mapWith(Number);
  };
  type Of = Parameters<typeof firstMark>;
  const firstRead = (conversation: Of[0], user: Of[1], id: Of[3]) => firstMark(conversation, user, 'read', id);
  return {
    firstRead,
    /** What is read is delivered: whichever mark came first. */
    firstDelivered(conversation: Of[0], user: Of[1], id: Of[3]) {
      const [delivered, read] = [firstMark(conversation, user, 'delivered', id), firstRead(conversation, user, id)];
      const first = sql`(select min(at) from (select ${delivered} as at union all select ${read}) as firsts)`;
      return sql<number | null>`${first}`.mapWith(Number);
    },
  };
}

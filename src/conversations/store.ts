import { and, count, eq, gt, isNotNull, isNull, ne, placeholder as ph, type SQL, sql } from 'drizzle-orm';
import { type Handle, store } from '../store/handle.ts';
import { type Condition, pagedBy, type Range } from '../store/keyset.ts';
import { placeStore } from './place-store.ts';

/** Which of a user's conversations a list holds; what is left out does not matter. `search` is folded. */
export interface ConversationFilter {
  readonly type?: 'user' | 'group' | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly unreadOnly?: boolean | undefined;
  readonly search?: string | undefined;
}

export const conversationStore = store((handle) => {
  const { db, t, one, all } = handle;
  const { among } = handle.sql;
  const { conversations: c, participants: p, groups } = t;
  const { place, view } = columns(handle);
  const { unread, mentioned } = counts(handle);

  const views = () => db.select(view).from(p).innerJoin(c, eq(c.id, p.conversationId));
  const mine = eq(p.userId, ph('userId'));

  return {
    byId: placeStore(handle).byId,
    byIds: all(
      () =>
        db
          .select()
          .from(c)
          .where(among(c.id, ph('ids'))),
      (ids: readonly number[]) => ({ ids }),
    ),
    /** The conversation, where it is one of a deleted group. */
    removed: one(
      () =>
        db
          .select({ id: c.id })
          .from(c)
          .innerJoin(groups, eq(groups.id, c.groupId))
          .where(and(eq(c.id, ph('id')), isNotNull(groups.deletedAt))),
      (id: number) => ({ id }),
    ),
    view: one(
      () => views().where(and(mine, eq(p.conversationId, ph('id')))),
      (userId: number, id: number) => ({ userId, id }),
    ),
    viewsAmong: all(
      () => views().where(and(mine, among(p.conversationId, ph('ids')))),
      (userId: number, ids: readonly number[]) => ({ userId, ids }),
    ),
    /** A user's views of these groups' conversations. */
    viewsOfGroups: all(
      () => views().where(and(mine, among(c.groupId, ph('groupIds')))),
      (userId: number, groupIds: readonly number[]) => ({ userId, groupIds }),
    ),
    /** A user's views of their conversations with these users. */
    viewsWithUsers: all(
      () => {
        const ofPair = (one: typeof c.userA, other: typeof c.userA) =>
          db
            .select({ id: c.id })
            .from(c)
            .where(and(eq(one, ph('userId')), among(other, ph('userIds'))));
        const pairs = sql`${ofPair(c.userA, c.userB)} or ${c.id} in ${ofPair(c.userB, c.userA)}`;
        return views().where(and(mine, sql`(${c.id} in ${pairs})`));
      },
      (userId: number, userIds: readonly number[]) => ({ userId, userIds }),
    ),
    /** The user's unread count in each of these conversations. */
    unreadAmong: all(
      () =>
        db
          .select({ id: c.id, unread: unread.as('unread') })
          .from(p)
          .innerJoin(c, eq(c.id, p.conversationId))
          .where(and(mine, among(p.conversationId, ph('ids')))),
      (userId: number, ids: readonly number[]) => ({ userId, ids }),
    ),
    unreadOf: one(
      () =>
        db
          .select({ id: c.id, unread: unread.as('unread') })
          .from(p)
          .innerJoin(c, eq(c.id, p.conversationId))
          .where(and(mine, eq(p.conversationId, ph('id')))),
      (userId: number, id: number) => ({ userId, id }),
    ),
    /** How many unread messages of each of these conversations mention the user. */
    mentionsAmong: all(
      () =>
        db
          .select({ id: p.conversationId, unread: mentioned.as('unread') })
          .from(p)
          .where(and(mine, among(p.conversationId, ph('ids')))),
      (userId: number, ids: readonly number[]) => ({ userId, ids }),
    ),
    /** The user's unread count over all conversations of the types (`user`, `group`) named. */
    unreadTotal: one(
      () =>
        db
          .select({ unread: sql<number>`coalesce(sum(${unread}), 0)`.mapWith(Number).as('unread') })
          .from(p)
          .innerJoin(c, eq(c.id, p.conversationId))
          .where(and(mine, p.active, gt(c.counted, p.readCounted), among(typeOf(c.groupId), ph('types')))),
      (userId: number, types: readonly string[]) => ({ userId, types }),
    ),
    /** Where the conversations that a user belongs to stand in their list; `shown` says whether they do. */
    places: all(
      () =>
        db
          .select({ id: c.id, place: place.as('place'), shown: shown(handle).as('shown') })
          .from(p)
          .innerJoin(c, eq(c.id, p.conversationId))
          .where(and(mine, p.active)),
      (userId: number) => ({ userId }),
    ),
    /** The user's conversations that fit the filter, newest first. */
    list: (userId: number, filter: ConversationFilter, range: Range) =>
      pagedBy(
        handle,
        'conversations',
        { by: place, order: 'descending', kind: 'number' },
        range,
        conditions(handle, userId, filter, unread),
        (where, { orderBy, limit }) =>
          views()
            .where(and(...where))
            .orderBy(orderBy)
            .limit(limit),
      ),
  };
});

/** Whether anything was written since the participant cleared the conversation. */
const shown = ({ t: { conversations: c, participants: p } }: Handle) =>
  sql<boolean>`(${p.clearedUpTo} = 0 or ${c.lastId} > ${p.clearedUpTo})`.mapWith(Boolean);

const typeOf = (groupId: Handle['t']['conversations']['groupId']) =>
  sql`case when ${groupId} is null then 'user' else 'group' end`;

/** What a View is made of. */
function columns({ t: { conversations: c, participants: p } }: Handle) {
  const place = sql<number>`case when ${c.lastMessageId} > 0 then ${c.lastMessageId} else -${c.id} end`.mapWith(Number);
  const shared = {
    id: c.id,
    groupId: c.groupId,
    userA: c.userA,
    userB: c.userB,
    counted: c.counted,
    lastId: c.lastId,
    lastMessageId: c.lastMessageId,
    updatedAt: c.updatedAt,
  };
  const own = {
    userId: p.userId,
    active: p.active,
    readUpTo: p.readUpTo,
    readCounted: p.readCounted,
    readMark: p.readMark,
    deliveredMark: p.deliveredMark,
    clearedUpTo: p.clearedUpTo,
    tags: p.tags,
    pinnedAt: p.pinnedAt,
    mutedUntil: p.mutedUntil,
    viewUpdatedAt: p.updatedAt,
  };
  return { place, view: { ...shared, ...own, place: place.as('place') } };
}

/**
 * What is unread, by arithmetic: of all that counts after the read mark, not the participant's own, and not what was deleted.
 * Each is counted on an index, from the mark on.
 */
function counts({ db, t: { conversations: c, participants: p, messages: m, mentions } }: Handle) {
  const after = and(eq(m.conversationId, p.conversationId), gt(m.id, p.readUpTo), m.counts);
  const n = { n: count() };
  const own = db
    .select(n)
    .from(m)
    .where(and(after, eq(m.senderId, p.userId)));
  const deleted = db
    .select(n)
    .from(m)
    .where(and(after, isNotNull(m.deletedAt), ne(m.senderId, p.userId)));
  const ofUser = and(
    eq(mentions.userId, p.userId),
    eq(mentions.conversationId, p.conversationId),
    gt(mentions.messageId, p.readUpTo),
  );
  const shown = and(m.counts, isNull(m.deletedAt), ne(m.senderId, p.userId));
  const mentioned = db.select(n).from(mentions).innerJoin(m, eq(m.id, mentions.messageId)).where(and(ofUser, shown));
  return {
    unread: sql<number>`${c.counted} - ${p.readCounted} - ${own} - ${deleted}`.mapWith(Number),
    mentioned: sql<number>`${mentioned}`.mapWith(Number),
  };
}

function conditions(handle: Handle, userId: number, filter: ConversationFilter, unread: SQL): Condition[] {
  const { conversations: c, participants: p, users, groups } = handle.t;
  const { contains, overlaps } = handle.sql;
  const { type, tags, unreadOnly, search } = filter;
  const mine = () => sql`${eq(p.userId, ph('userId'))} and ${p.active} and ${shown(handle)}`;
  const made: Condition[] = [{ name: 'shown', where: mine, params: { userId } }];
  if (type) made.push({ name: type, where: () => (type === 'group' ? isNotNull(c.groupId) : isNull(c.groupId)) });
  if (tags) made.push({ name: 'tags', where: () => overlaps(p.tags, ph('tags')), params: { tags } });
  if (unreadOnly) made.push({ name: 'unread', where: () => sql`${c.counted} > ${p.readCounted} and ${unread} > 0` });
  if (search) {
    const { db } = handle;
    const where = () => {
      const group = db
        .select({ id: groups.id })
        .from(groups)
        .where(contains(groups.sortKey, ph('search')));
      const other = sql`case when ${c.userA} = ${p.userId} then ${c.userB} else ${c.userA} end`;
      const ofOther = and(sql`${users.id} = ${other}`, contains(users.sortKey, ph('search')));
      const user = db.select({ id: users.id }).from(users).where(ofOther);
      return sql`(${c.groupId} in ${group} or exists ${user})`;
    };
    made.push({ name: 'search', where, params: { search } });
  }
  return made;
}

import { and, count, eq, isNull, placeholder as ph, sql } from 'drizzle-orm';
import { store } from '../store/handle.ts';
import { type Condition, paged, pagedBy, type Range } from '../store/keyset.ts';
import type { Scope } from './group.ts';

/** Which groups a list holds; what is left out does not matter. `search` is folded, users are row ids. */
export interface GroupFilter {
  readonly search?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly seenBy?: number | undefined;
  readonly joinedBy?: number | undefined;
}

/** Which members a list holds; what is left out does not matter. `search` is folded, users are row ids. */
export interface MemberFilter {
  readonly search?: string | undefined;
  readonly scopes?: readonly Scope[] | undefined;
  readonly ids?: readonly number[] | undefined;
  readonly notIds?: readonly number[] | undefined;
}

export const groupStore = store((handle) => {
  const { db, t, one, all } = handle;
  const { among, contains, overlaps } = handle.sql;
  const { groups, memberships, bans } = t;
  const groupsByName = { by: groups.sortKey, order: 'ascending', kind: 'string' } as const;
  const membersByName = { by: memberships.sortKey, order: 'ascending', kind: 'string' } as const;
  const bansByName = { by: bans.sortKey, order: 'ascending', kind: 'string' } as const;
  const current = isNull(memberships.toPosition);
  const groupsOf = (user: string) =>
    db
      .select({ id: memberships.groupId })
      .from(memberships)
      .where(and(eq(memberships.userId, ph(user)), current));

  function groupConditions({ search, tags, seenBy, joinedBy }: GroupFilter): Condition[] {
    const made: Condition[] = [];
    if (search) made.push({ name: 'search', where: () => contains(groups.sortKey, ph('search')), params: { search } });
    if (tags) made.push({ name: 'tags', where: () => overlaps(groups.tags, ph('tags')), params: { tags } });
    if (seenBy !== undefined) {
      const where = () => sql`(${groups.type} <> 'private' or ${groups.id} in ${groupsOf('seenBy')})`;
      made.push({ name: 'seen', where, params: { seenBy } });
    } else made.push({ name: 'kept', where: () => isNull(groups.deletedAt) }); // which are private, and without members
    if (joinedBy !== undefined) {
      made.push({ name: 'joined', where: () => sql`${groups.id} in ${groupsOf('joinedBy')}`, params: { joinedBy } });
    }
    return made;
  }

  function memberConditions(groupId: number, { search, scopes, ids, notIds }: MemberFilter): Condition[] {
    const { sortKey, scope, userId } = memberships;
    const made: Condition[] = [
      { name: 'of', where: () => sql`${eq(memberships.groupId, ph('groupId'))} and ${current}`, params: { groupId } },
    ];
    if (search) made.push({ name: 'search', where: () => contains(sortKey, ph('search')), params: { search } });
    if (scopes) made.push({ name: 'scopes', where: () => among(scope, ph('scopes')), params: { scopes } });
    if (ids) made.push({ name: 'ids', where: () => among(userId, ph('ids')), params: { ids } });
    if (notIds) made.push({ name: 'not', where: () => sql`not ${among(userId, ph('notIds'))}`, params: { notIds } });
    return made;
  }

  return {
    byId: one(
      () =>
        db
          .select()
          .from(groups)
          .where(eq(groups.id, ph('id'))),
      (id: number) => ({ id }),
    ),
    byIds: all(
      () =>
        db
          .select()
          .from(groups)
          .where(among(groups.id, ph('ids'))),
      (ids: readonly number[]) => ({ ids }),
    ),
    /** The group with this guid, unless it is deleted. */
    byGuid: one(
      () =>
        db
          .select()
          .from(groups)
          .where(and(eq(groups.guid, ph('guid')), isNull(groups.deletedAt))),
      (guid: string) => ({ guid }),
    ),
    membership: one(
      () =>
        db
          .select()
          .from(memberships)
          .where(and(eq(memberships.groupId, ph('groupId')), eq(memberships.userId, ph('userId')), current)),
      (groupId: number, userId: number) => ({ groupId, userId }),
    ),
    /** A user's memberships of these groups. */
    membershipsAmong: all(
      () =>
        db
          .select()
          .from(memberships)
          .where(and(eq(memberships.userId, ph('userId')), among(memberships.groupId, ph('groupIds')), current)),
      (userId: number, groupIds: readonly number[]) => ({ userId, groupIds }),
    ),
    ban: one(
      () =>
        db
          .select()
          .from(bans)
          .where(and(eq(bans.groupId, ph('groupId')), eq(bans.userId, ph('userId')))),
      (groupId: number, userId: number) => ({ groupId, userId }),
    ),
    /** How many of these users are members of the group. */
    countAmong: one(
      () =>
        db
          .select({ n: count() })
          .from(memberships)
          .where(and(eq(memberships.groupId, ph('groupId')), among(memberships.userId, ph('ids')), current)),
      (groupId: number, ids: readonly number[]) => ({ groupId, ids }),
    ),
    /** The groups that fit the filter, by name. */
    list: (filter: GroupFilter, range: Range) =>
      pagedBy(handle, 'groups', groupsByName, range, groupConditions(filter), (where, { orderBy, limit }) =>
        db
          .select()
          .from(groups)
          .where(and(...where))
          .orderBy(orderBy)
          .limit(limit),
      ),
    /** A group's members that fit the filter, by name. */
    listMembers: (groupId: number, filter: MemberFilter, range: Range) =>
      pagedBy(handle, 'members', membersByName, range, memberConditions(groupId, filter), (where, { orderBy, limit }) =>
        db
          .select()
          .from(memberships)
          .where(and(...where))
          .orderBy(orderBy)
          .limit(limit),
      ),
    /** Who is banned from a group, by name; `search` is folded, and empty for all. */
    listBanned: paged(
      handle,
      bansByName,
      ({ within, orderBy, limit }) =>
        db
          .select()
          .from(bans)
          .where(and(eq(bans.groupId, ph('groupId')), contains(bans.sortKey, ph('search')), ...within))
          .orderBy(orderBy)
          .limit(limit),
      (groupId: number, search: string) => ({ groupId, search }),
    ),
  };
});

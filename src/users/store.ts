import { and, eq, getTableColumns, isNull, placeholder as ph, sql } from 'drizzle-orm';
import { store } from '../store/handle.ts';
import { type Condition, paged, pagedBy, type Range } from '../store/keyset.ts';

/** Which users a list holds; what is left out does not matter. Texts are folded, ids are rows'. */
export interface UserFilter {
  readonly search?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly ids?: readonly number[] | undefined;
  readonly notIds?: readonly number[] | undefined;
  readonly notBlockedBy?: number | undefined;
  readonly withDeactivated: boolean;
}

export const userStore = store((handle) => {
  const { db, t, one, all } = handle;
  const { among, contains, overlaps } = handle.sql;
  const { users, blocks } = t;
  const byName = { by: users.sortKey, order: 'ascending', kind: 'string' } as const;

  function conditions(filter: UserFilter): Condition[] {
    const { search, roles, tags, ids, notIds, notBlockedBy } = filter;
    const made: Condition[] = [{ name: 'kept', where: () => isNull(users.deletedAt) }];
    if (!filter.withDeactivated) made.push({ name: 'active', where: () => isNull(users.deactivatedAt) });
    if (search) made.push({ name: 'search', where: () => contains(users.sortKey, ph('search')), params: { search } });
    if (roles) made.push({ name: 'roles', where: () => among(users.role, ph('roles')), params: { roles } });
    if (tags) made.push({ name: 'tags', where: () => overlaps(users.tags, ph('tags')), params: { tags } });
    if (ids) made.push({ name: 'ids', where: () => among(users.id, ph('ids')), params: { ids } });
    if (notIds) made.push({ name: 'not', where: () => sql`not ${among(users.id, ph('notIds'))}`, params: { notIds } });
    if (notBlockedBy !== undefined) {
      const blocked = db
        .select({ id: blocks.blockedId })
        .from(blocks)
        .where(eq(blocks.blockerId, ph('blocker')));
      made.push({
        name: 'unblocked',
        where: () => sql`${users.id} not in ${blocked}`,
        params: { blocker: notBlockedBy },
      });
    }
    return made;
  }

  return {
    byId: one(
      () =>
        db
          .select()
          .from(users)
          .where(eq(users.id, ph('id'))),
      (id: number) => ({ id }),
    ),
    byIds: all(
      () =>
        db
          .select()
          .from(users)
          .where(among(users.id, ph('ids'))),
      (ids: readonly number[]) => ({ ids }),
    ),
    byUid: one(
      () =>
        db
          .select()
          .from(users)
          .where(eq(users.uid, ph('uid'))),
      (uid: string) => ({ uid }),
    ),
    byUids: all(
      () =>
        db
          .select()
          .from(users)
          .where(among(users.uid, ph('uids'))),
      (uids: readonly string[]) => ({ uids }),
    ),
    /** Of these users, those whom the blocker has blocked. */
    blockedAmong: all(
      () =>
        db
          .select({ id: blocks.blockedId })
          .from(blocks)
          .where(and(eq(blocks.blockerId, ph('blocker')), among(blocks.blockedId, ph('ids')))),
      (blocker: number, ids: readonly number[]) => ({ blocker, ids }),
    ),
    /** Of these users, those who have blocked the user. */
    blockersAmong: all(
      () =>
        db
          .select({ id: blocks.blockerId })
          .from(blocks)
          .where(and(eq(blocks.blockedId, ph('blocked')), among(blocks.blockerId, ph('ids')))),
      (blocked: number, ids: readonly number[]) => ({ blocked, ids }),
    ),
    /** Those whom the blocker has blocked, by name; `search` is folded, and empty for all. */
    listBlocked: paged(
      handle,
      byName,
      ({ within, orderBy, limit }) =>
        db
          .select(getTableColumns(users))
          .from(blocks)
          .innerJoin(users, eq(users.id, blocks.blockedId))
          .where(and(eq(blocks.blockerId, ph('blocker')), contains(users.sortKey, ph('search')), ...within))
          .orderBy(orderBy)
          .limit(limit),
      (blocker: number, search: string) => ({ blocker, search }),
    ),
    /** The users that fit the filter, by name. */
    list: (filter: UserFilter, range: Range) =>
      pagedBy(handle, 'users', byName, range, conditions(filter), (where, { orderBy, limit }) =>
        db
          .select()
          .from(users)
          .where(and(...where))
          .orderBy(orderBy)
          .limit(limit),
      ),
  };
});

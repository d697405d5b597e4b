import { store } from '../store/handle.ts';
import { keyedBy, through, throughAll } from '../store/memory.ts';
import type { Group, Membership } from './group.ts';
import { groupStore } from './store.ts';

const BYTES = 4_000_000;

/** Groups, their rows and who belongs to them from memory where this process keeps any. */
export const keptGroups = store((handle) => {
  const { memory, t } = handle;
  const { groups, memberships: m } = t;
  const store = groupStore(handle);
  if (!memory) return { ...store, kept: undefined };
  const byId = memory.rows<number, Group>(groups.id, BYTES);
  const byGuid = memory.rows<string, Group>(groups.guid, BYTES);
  const memberships = memory.cache<string, Membership>(BYTES);
  const keyOf = (groupId: number, userId: number) => `${groupId} ${userId}`;
  const membershipsOf = (userId: number) => keyedBy(memberships, (groupId: number) => keyOf(groupId, userId));
  memory.onChange({ on: ['update', 'delete'], gives: [m.groupId, m.userId] }, (groupId: number, userId: number) =>
    memberships.delete(keyOf(groupId, userId)),
  );
  return {
    ...store,
    /** The row in memory. */
    kept: byId.get,
    byId: through(byId, store.byId),
    byIds: throughAll(byId, ({ id }) => id, store.byIds, store.byId),
    byGuid: through(byGuid, store.byGuid),
    membership: (groupId: number, userId: number) =>
      through(membershipsOf(userId), (id) => store.membership(id, userId))(groupId),
    membershipsAmong: (userId: number, groupIds: readonly number[]) =>
      throughAll(
        membershipsOf(userId),
        ({ groupId }) => groupId,
        (ids) => store.membershipsAmong(userId, ids),
        (id) => store.membership(id, userId),
      )(groupIds),
  };
});

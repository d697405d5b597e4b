import { eq, placeholder as ph, sql } from 'drizzle-orm';
import type { Awaitable } from '../awaitable.ts';
import { forgottenGuid, type Group } from '../groups/group.ts';
import { type Handle, store } from '../store/handle.ts';
import { sortKey } from '../users/user.ts';

type NewGroup = Omit<Group, 'id' | 'membersCount' | 'updatedAt' | 'deletedAt'>;

const groupWritingStore = store(({ db, t: { groups }, one }) => ({
  add: one(
    () =>
      db
        .insert(groups)
        .values({
          guid: ph('guid'),
          sortKey: ph('sortKey'),
          name: ph('name'),
          type: ph('type') as never,
          passwordHash: ph('passwordHash'),
          description: ph('description'),
          icon: ph('icon'),
          metadata: ph('metadata'),
          tags: ph('tags'),
          ownerId: ph('ownerId'),
          createdAt: ph('createdAt'),
        })
        .returning(),
    (group: NewGroup) => ({ ...group }),
  ),
  remove: one(
    () =>
      db
        .update(groups)
        .set({
          guid: sql`${ph('guid')}`,
          sortKey: sql`${ph('sortKey')}`,
          type: 'private',
          passwordHash: null,
          membersCount: 0,
          deletedAt: sql`${ph('at')}`,
        })
        .where(eq(groups.id, ph('id')))
        .returning({ id: groups.id }),
    (group: Group, at: number) => ({ id: group.id, ...forgotten(group), at }),
  ),
}));

/** Keeps a new group without members. */
export const addGroup = (tx: Handle, group: NewGroup): Awaitable<Group | undefined> => groupWritingStore(tx).add(group);

/** Writes what differs in a group's row, and gives it. */
export async function changeGroup(tx: Handle, group: Group, changes: Partial<Group>): Promise<Group> {
  await tx.updateMany(tx.t.groups, ['id'], [{ ...changes, id: group.id }]);
  return { ...group, ...changes };
}

/** Frees a group's guid and hides what is left of its row. */
export async function removeGroup(tx: Handle, group: Group, at: number): Promise<void> {
  await groupWritingStore(tx).remove(group, at);
}

/** A guid that nobody can give, and a place in lists that nothing else has. */
function forgotten(group: Group) {
  const guid = forgottenGuid(group);
  return { guid, sortKey: sortKey(group.name, guid) };
}

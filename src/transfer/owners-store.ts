import { and, getTableColumns as columnsOf, eq, isNull, notExists, placeholder as ph } from 'drizzle-orm';
import { type Handle, store } from '../store/handle.ts';
import { AT_THE_END } from './conversations.ts';
import { importStore } from './import-store.ts';

const ownersStore = store(({ db, t, all, sql: { among } }) => {
  const { groups, memberships: m, bans, users, conversations: c } = t;
  const member = db
    .select({ id: m.id })
    .from(m)
    .where(and(eq(m.groupId, groups.id), eq(m.userId, groups.ownerId), isNull(m.toPosition)));
  const ban = db
    .select({ id: bans.userId })
    .from(bans)
    .where(and(eq(bans.groupId, groups.id), eq(bans.userId, groups.ownerId)));
  return {
    /** Of these conversations, those with a group to which its owner, who is not deleted, does not belong. */
    withoutOwner: all(
      () =>
        db
          .select({ group: columnsOf(groups), conversationId: c.id, sortKey: users.sortKey })
          .from(c)
          .innerJoin(groups, eq(groups.id, c.groupId))
          .innerJoin(users, eq(users.id, groups.ownerId))
          .where(and(among(c.id, ph('ids')), isNull(users.deletedAt), notExists(member), notExists(ban))),
      (ids: readonly number[]) => ({ ids }),
    ),
  };
});

/** Makes the owners of groups that an import brought their admins, where no line told of them as members, or banned them. */
export async function addOwners(tx: Handle, conversationIds: readonly number[]): Promise<void> {
  const found = await ownersStore(tx).withoutOwner(conversationIds);
  if (found.length === 0) return;
  const fromPosition = (await importStore(tx).lastPosition())?.position ?? 0;
  const memberships = found.map(({ group, sortKey }) => ({
    groupId: group.id,
    userId: group.ownerId,
    sortKey,
    scope: 'admin' as const,
    joinedAt: group.createdAt,
    fromPosition,
  }));
  await tx.insertMany(tx.t.memberships, memberships);
  const counts = found.map(({ group }) => ({ id: group.id, membersCount: group.membersCount + 1 }));
  await tx.updateMany(tx.t.groups, ['id'], counts);
  const standings = found.map(({ group, conversationId }) => ({ userId: group.ownerId, conversationId, active: true }));
  await tx.insertMissing(
    tx.t.participants,
    standings.map((standing) => ({ ...standing, tags: [] })),
  );
  await tx.updateMany(
    tx.t.participants,
    ['userId', 'conversationId'],
    standings.map((standing) => ({ ...standing, readUpTo: AT_THE_END })),
  );
}

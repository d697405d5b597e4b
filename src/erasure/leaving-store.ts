import { and, eq, isNull, placeholder as ph } from 'drizzle-orm';
import { groupStore } from '../groups/store.ts';
import { endMembership, findHeir, removeBan } from '../membership/member-store.ts';
import { handOver } from '../membership/owner-store.ts';
import { enterRoom, tellOfMember } from '../membership/room-store.ts';
import { type Handle, must, store } from '../store/handle.ts';
import { userStore } from '../users/store.ts';
import type { User } from '../users/user.ts';
import { KEY } from '../viewer.ts';
import { BATCH } from './batch.ts';

const leavingStore = store(({ db, t: { memberships: m, bans }, all }) => {
  const ofUser = (userId: number) => ({ userId });
  return {
    memberOf: all(
      () =>
        db
          .select({ groupId: m.groupId })
          .from(m)
          .where(and(eq(m.userId, ph('userId')), isNull(m.toPosition)))
          .limit(BATCH),
      ofUser,
    ),
    bannedFrom: all(
      () =>
        db
          .select({ groupId: bans.groupId })
          .from(bans)
          .where(eq(bans.userId, ph('userId')))
          .limit(BATCH),
      ofUser,
    ),
  };
});

/** Some of the groups that a user is a member of, or banned from. */
export async function groupsOf(handle: Handle, userId: number): Promise<number[]> {
  const { memberOf, bannedFrom } = leavingStore(handle);
  const groups = [...(await memberOf(userId)), ...(await bannedFrom(userId))];
  return groups.map(({ groupId }) => groupId);
}

/**
 * Ends a deleted user's membership of a group, or their ban, and tells the members. A group of theirs passes to the admin who has
 * been there longest, else to a moderator, else to a participant; with nobody left it stays theirs.
 */
export async function leaveGroup(tx: Handle, user: User, groupId: number, at: number): Promise<void> {
  const { byId, ban, membership } = groupStore(tx);
  const group = must(await byId(groupId));
  const mine = await membership(groupId, user.id);
  if (!mine && !(await ban(groupId, user.id))) return;
  const room = await enterRoom(tx, KEY, group);
  const position = await tellOfMember(tx, room, user, at);
  if (!mine) return removeBan(tx, room, user);
  await endMembership(tx, room, mine, position);
  const heir = group.ownerId === user.id ? await findHeir(tx, room.group) : undefined;
  if (heir) await handOver(tx, room, heir, must(await userStore(tx).byId(heir.userId)), at);
}

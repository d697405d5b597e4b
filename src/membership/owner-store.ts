import { ChatError } from '../errors.ts';
import type { Membership, Scope } from '../groups/group.ts';
import { type Handle, must } from '../store/handle.ts';
import { userStore } from '../users/store.ts';
import type { User } from '../users/user.ts';
import { changeGroup } from './group-store.ts';
import { beginMembership, findHeir, setScope } from './member-store.ts';
import { type Room, tellOfMember, tellUpdated } from './room-store.ts';

/**
 * Makes a user a member as `beginMembership` does; of a group without members, which it comes to be only when its last one, the owner,
 * is deleted, they become the owner.
 */
export async function comeIn(
  tx: Handle,
  room: Room,
  user: User,
  scope: Scope,
  position: number,
  at: number,
): Promise<Membership> {
  if (room.group.membersCount > 0) return beginMembership(tx, room, user, scope, position);
  const membership = await beginMembership(tx, room, user, 'admin', position);
  await handOver(tx, room, membership, user, at);
  return membership;
}

/**
 * Makes a member the owner, and admin, and tells the group. Their row need not be held: where they are being deleted, their membership
 * is yet to be ended, alone in the group as this is, and the group then goes on to the next one.
 */
export async function handOver(tx: Handle, room: Room, membership: Membership, user: User, at: number): Promise<void> {
  if (membership.scope !== 'admin') {
    await setScope(tx, membership, 'admin');
    await tellOfMember(tx, room, user, at);
  }
  room.group = await changeGroup(tx, room.group, { ownerId: user.id, updatedAt: at });
  if (room.viewer.kind === 'key') room.actor = user;
  await tellUpdated(tx, room, at);
}

/**
 * Where a user owns the group, hands it to the one who is next: of the admins who has been there longest, else of the moderators, else
 * of the participants. Throws ERR_OWNER_CANNOT_LEAVE where nobody is left.
 */
export async function dethrone(tx: Handle, room: Room, userId: number, at: number): Promise<void> {
  if (room.group.ownerId !== userId) return;
  const heir = await findHeir(tx, room.group);
  if (!heir) throw new ChatError('ERR_OWNER_CANNOT_LEAVE', 'The group would have no owner: nobody else is a member.');
  await handOver(tx, room, heir, must(await userStore(tx).byId(heir.userId)), at);
}

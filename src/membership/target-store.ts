import { ChatError } from '../errors.ts';
import type { Membership } from '../groups/group.ts';
import { groupStore } from '../groups/store.ts';
import { badField } from '../input.ts';
import type { Handle } from '../store/handle.ts';
import { userStore } from '../users/store.ts';
import { isFound, type User } from '../users/user.ts';
import type { Room } from './room-store.ts';

/** To whom something is done, and what they are in the group. */
export interface Target {
  readonly user: User;
  readonly membership: Membership | undefined;
  readonly isBanned: boolean;
}

/** The user with this uid. Throws ERR_UID_NOT_FOUND where the viewer can't find them, and they stand in no list of the group either. */
export async function getTarget(tx: Handle, { viewer, group }: Room, uid: string): Promise<Target> {
  const user = await userStore(tx).byUid(uid);
  const membership = user && (await groupStore(tx).membership(group.id, user.id));
  const ban = user && (await groupStore(tx).ban(group.id, user.id));
  if (user && (membership || ban || isFound(user, viewer.kind === 'key'))) {
    return { user, membership, isBanned: ban !== undefined };
  }
  throw badField('uid', `is "${uid}": there is no user with this uid`, 'ERR_UID_NOT_FOUND');
}

/** The same of a member. Throws ERR_NOT_A_MEMBER for anybody else. */
export async function getMember(tx: Handle, room: Room, uid: string): Promise<Target & { membership: Membership }> {
  const { membership, ...target } = await getTarget(tx, room, uid);
  if (membership) return { ...target, membership };
  throw new ChatError('ERR_NOT_A_MEMBER', `\`uid\`: "${uid}" is not a member of the group.`);
}

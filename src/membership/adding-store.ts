import type { ErrorCode } from '../errors.ts';
import type { Scope } from '../groups/group.ts';
import { groupStore } from '../groups/store.ts';
import type { Handle } from '../store/handle.ts';
import { userStore } from '../users/store.ts';
import { isFound, type User } from '../users/user.ts';
import { highestScopes, type MemberResult, type Wanted } from './member-result.ts';
import { comeIn } from './owner-store.ts';
import { act, type Room, readUpToOwn } from './room-store.ts';

/** Adds people to a group, each with an Action and a result of their own, in the order in which they are first named. */
export async function addMembers(
  tx: Handle,
  room: Room,
  wanted: readonly Wanted[],
  at: number,
): Promise<MemberResult[]> {
  const before = room.conversation;
  const results: MemberResult[] = [];
  const scopes = highestScopes(wanted);
  await tx.hold(tx.t.users.uid, [...scopes.keys()]);
  for (const [uid, scope] of scopes) {
    const user = await userStore(tx).byUid(uid);
    const code = await refusalOf(tx, room, user);
    results.push(code || !user ? refused(uid, code) : await add(tx, room, user, scope, at));
  }
  await readUpToOwn(tx, room, before);
  return results;
}

async function add(tx: Handle, room: Room, on: User, scope: Scope, at: number): Promise<MemberResult> {
  const { action, position } = await act(tx, room, { action: 'added', on }, at);
  const membership = await comeIn(tx, room, on, scope, position, at);
  return { uid: on.uid, membership, action, code: null };
}

const refused = (uid: string, code: ErrorCode | null): MemberResult => ({ uid, membership: null, action: null, code });

async function refusalOf(tx: Handle, { viewer, group }: Room, user: User | undefined): Promise<ErrorCode | null> {
  if (!user || !isFound(user, viewer.kind === 'key')) return 'ERR_UID_NOT_FOUND';
  const { membership, ban } = groupStore(tx);
  if (await membership(group.id, user.id)) return 'ERR_ALREADY_JOINED';
  return (await ban(group.id, user.id)) ? 'ERR_BANNED_GROUPMEMBER' : null;
}

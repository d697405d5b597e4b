import { now } from '../clock.ts';
import { ChatError } from '../errors.ts';
import type { Membership, Scope } from '../groups/group.ts';
import {
  check,
  checkJoined,
  checkNotOwner,
  checkOther,
  type GroupRight,
  rightToChange,
  rightToRemove,
} from '../groups/policy.ts';
import type { Message } from '../messages/message.ts';
import type { Database, Handle } from '../store/handle.ts';
import { byOf, requireViewer, type Viewer } from '../viewer.ts';
import { addMembers } from './adding-store.ts';
import type { MemberResult, Wanted } from './member-result.ts';
import { addBan, endMembership, removeBan, setScope } from './member-store.ts';
import { dethrone } from './owner-store.ts';
import { act, inRoom, type Room, readUpToOwn } from './room-store.ts';
import { getMember, getTarget, type Target } from './target-store.ts';

/** Whom something is done to, and in which group. */
export interface Aim {
  readonly guid: string;
  readonly uid: string;
}

/**
 * What is done to others' memberships. All of it throws the code of who may not, ERR_GROUP_NO_SELF_ACTION, ERR_UID_NOT_FOUND, and
 * ERR_GUID_NOT_FOUND where the viewer can't see the group.
 */
export function createMembers({ db }: { db: Database }) {
  /** Ends a membership, after what `before` has to see and do. An owner's goes to the next one first: see `dethrone`. */
  const remove = (
    viewer: Viewer | undefined,
    { guid, uid }: Aim,
    deed: 'kicked' | 'banned',
    also: (tx: Handle, room: Room, target: Target, at: number) => Promise<void>,
  ): Promise<Message> => {
    const known = requireViewer(viewer);
    return inRoom(db, known, guid, async (tx, room) => {
      checkActs(room, uid, 'kick, ban and unban participants');
      const at = now();
      const { conversation: before, group } = room;
      if (deed === 'banned') {
        await tx.hold(tx.t.users.uid, [uid]);
        requireNotBanned(await getTarget(tx, room, uid));
      }
      const target = await getMember(tx, room, uid);
      check(known, rightToRemove(target.membership.scope), room.mine?.scope);
      checkNotOwner(known, group, target.user.id);
      await dethrone(tx, room, target.user.id, at);
      const { action, position } = await act(tx, room, { action: deed, on: target.user }, at);
      await endMembership(tx, room, target.membership, position);
      await also(tx, room, target, at);
      await readUpToOwn(tx, room, before);
      return action;
    });
  };

  return {
    /** Makes others members, each with a result of their own. */
    async add(
      viewer: Viewer | undefined,
      { guid, members }: { guid: string; members: readonly Wanted[] },
    ): Promise<MemberResult[]> {
      const known = requireViewer(viewer);
      return inRoom(db, known, guid, async (tx, room) => {
        check(known, 'add members', room.mine?.scope);
        return addMembers(tx, room, members, now());
      });
    },

    /** Ends a membership. Throws ERR_NOT_A_MEMBER where there is none. */
    kick: async (viewer: Viewer | undefined, aim: Aim): Promise<Message> =>
      remove(viewer, aim, 'kicked', async () => {}),

    /** Ends a membership for as long as the ban lasts. Throws ERR_ALREADY_BANNED, and ERR_NOT_A_MEMBER for who isn't one. */
    ban: async (viewer: Viewer | undefined, aim: Aim): Promise<Message> =>
      remove(viewer, aim, 'banned', (tx, room, { user }, at) => addBan(tx, room, user, at, byOf(room.viewer))),

    /** Lets somebody come back who was banned. Throws ERR_NOT_A_BANNED_USER. */
    async unban(viewer: Viewer | undefined, { guid, uid }: Aim): Promise<Message> {
      const known = requireViewer(viewer);
      return inRoom(db, known, guid, async (tx, room) => {
        checkActs(room, uid, 'kick, ban and unban participants');
        const { user, isBanned } = await getTarget(tx, room, uid);
        if (!isBanned) throw new ChatError('ERR_NOT_A_BANNED_USER', `\`uid\`: "${uid}" is not banned from the group.`);
        const before = room.conversation;
        await removeBan(tx, room, user);
        const { action } = await act(tx, room, { action: 'unbanned', on: user }, now());
        await readUpToOwn(tx, room, before);
        return action;
      });
    },

    /** Gives a member another scope. Throws ERR_NOT_A_MEMBER, and ERR_SAME_SCOPE. */
    async changeScope(
      viewer: Viewer | undefined,
      { guid, uid, scope }: Aim & { scope: Scope },
    ): Promise<{ membership: Membership; action: Message }> {
      const known = requireViewer(viewer);
      return inRoom(db, known, guid, async (tx, room) => {
        checkActs(room, uid, 'make participants moderators');
        const { user, membership } = await getMember(tx, room, uid);
        if (membership.scope === scope)
          throw new ChatError('ERR_SAME_SCOPE', `\`scope\`: "${uid}" is ${scope} already.`);
        check(known, rightToChange(membership.scope, scope), room.mine?.scope);
        checkNotOwner(known, room.group, user.id);
        const at = now();
        const before = room.conversation;
        await dethrone(tx, room, user.id, at);
        const deed = { action: 'scopeChanged', on: user, oldScope: membership.scope, newScope: scope } as const;
        const { action } = await act(tx, room, deed, at);
        const changed = await setScope(tx, membership, scope);
        await readUpToOwn(tx, room, before);
        return { membership: changed, action };
      });
    },
  };
}

export type Members = ReturnType<typeof createMembers>;

/** Refuses who may do none of this to anybody, whoever has that uid. */
function checkActs({ viewer, mine }: Room, uid: string, least: GroupRight): void {
  checkJoined(viewer, mine?.scope);
  checkOther(viewer, uid);
  check(viewer, least, mine?.scope);
}

function requireNotBanned({ user, isBanned }: Target): void {
  if (isBanned) throw new ChatError('ERR_ALREADY_BANNED', `\`uid\`: "${user.uid}" is banned from the group already.`);
}

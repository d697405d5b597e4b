import { isDeepStrictEqual } from 'node:util';
import { closeCalls } from '../calls/ending-store.ts';
import { now } from '../clock.ts';
import { appendEvent } from '../events/append-store.ts';
import { groupTopic } from '../events/event.ts';
import type { Group } from '../groups/group.ts';
import { hashPassword, isPassword } from '../groups/password.ts';
import { check, checkJoined, checkOther, checkOwner } from '../groups/policy.ts';
import { type EntranceInput, type GroupProfileInput, readGroupProfile, takesPassword } from '../groups/profile.ts';
import type { Database } from '../store/handle.ts';
import { sortKey } from '../users/user.ts';
import { byOf, requireViewer, type Viewer } from '../viewer.ts';
import { changeGroup, removeGroup } from './group-store.ts';
import { endMemberships } from './member-store.ts';
import { handOver } from './owner-store.ts';
import { inRoom, lookIntoRoom, tellUpdated } from './room-store.ts';
import { getMember } from './target-store.ts';

/** What is to change of a group: what is left out stays as it is, null takes it away. */
export interface GroupChanges extends GroupProfileInput, EntranceInput {
  readonly guid: string;
}

/** Changes what groups are, hands them over, and deletes them; `onDeleted` is called after each time. */
export function createGoverning({ db, onDeleted }: { db: Database; onDeleted: () => void }) {
  /** The hash of a group's new password; undefined where it keeps the one that it has. */
  async function newHash(viewer: Viewer, { guid, type, password }: GroupChanges): Promise<string | undefined> {
    const { group, mine } = await lookIntoRoom(db, viewer, guid);
    check(viewer, 'update the group', mine?.scope);
    if (!password || !takesPassword(group, { type, password })) return undefined;
    if (group.passwordHash !== null && (await isPassword(password, group.passwordHash))) return undefined;
    return hashPassword(password);
  }

  return {
    /**
     * Changes a group. Throws ERR_EMPTY_GROUP_PASS where it comes to need a password and has none, what `readGroupProfile` throws, and
     * the code of who may not.
     */
    async update(viewer: Viewer | undefined, input: GroupChanges): Promise<Group> {
      const known = requireViewer(viewer);
      const profile = readGroupProfile(input);
      const hash = await newHash(known, input);
      return inRoom(db, known, input.guid, async (tx, room) => {
        const { group, mine } = room;
        check(known, 'update the group', mine?.scope);
        const type = input.type ?? group.type;
        takesPassword(group, input);
        const key = sortKey(profile.name ?? group.name, group.guid);
        const passwordHash = type === 'password' ? (hash ?? group.passwordHash) : null;
        const wanted: Partial<Group> = { ...profile, sortKey: key, type, passwordHash };
        const different = Object.entries(wanted).filter(
          ([field, value]) => !isDeepStrictEqual(value, group[field as keyof Group]),
        );
        if (different.length === 0) return group;
        const at = now();
        room.group = await changeGroup(tx, group, { ...Object.fromEntries(different), updatedAt: at });
        await tellUpdated(tx, room, at);
        return room.group;
      });
    },

    /**
     * Makes another member the owner, and admin; who was it stays admin. Throws ERR_GROUP_NO_CLEARANCE for who isn't the owner,
     * ERR_GROUP_NO_SELF_ACTION, ERR_UID_NOT_FOUND and ERR_NOT_A_MEMBER.
     */
    async transfer(viewer: Viewer | undefined, { guid, uid }: { guid: string; uid: string }): Promise<Group> {
      const known = requireViewer(viewer);
      return inRoom(db, known, guid, async (tx, room) => {
        checkJoined(known, room.mine?.scope);
        checkOther(known, uid);
        checkOwner(known, room.group);
        const { user, membership } = await getMember(tx, room, uid);
        if (user.id !== room.group.ownerId) await handOver(tx, room, membership, user, now());
        return room.group;
      });
    },

    /**
     * Deletes a group: from then on it is there for nobody, and its guid is free. What was written in it is left in the database for
     * whoever erases it. Gives the guid. Throws the code of who may not.
     */
    async delete(viewer: Viewer | undefined, guid: string): Promise<string> {
      const known = requireViewer(viewer);
      await inRoom(db, known, guid, async (tx, room) => {
        const { group, conversation, mine } = room;
        check(known, 'delete the group', mine?.scope);
        const at = now();
        await closeCalls(tx, conversation, at);
        const position = await appendEvent(tx, {
          kind: 'GROUP_DELETED',
          at,
          byId: byOf(known),
          conversationId: conversation.id,
          details: { guid },
          topics: [groupTopic(guid)],
        });
        await endMemberships(tx, room, position);
        await removeGroup(tx, group, at);
      });
      onDeleted();
      return guid;
    },
  };
}

export type Governing = ReturnType<typeof createGoverning>;

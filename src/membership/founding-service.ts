import { randomUUID } from 'node:crypto';
import { now } from '../clock.ts';
import { placeStore } from '../conversations/place-store.ts';
import { ChatError } from '../errors.ts';
import type { Group } from '../groups/group.ts';
import { hashPassword } from '../groups/password.ts';
import { type EntranceInput, type GroupProfileInput, readGroupProfile, takesPassword } from '../groups/profile.ts';
import { groupStore } from '../groups/store.ts';
import { badField } from '../input.ts';
import { type Database, type Handle, must } from '../store/handle.ts';
import { holdUser, holdViewer } from '../users/found-store.ts';
import { ID_PATTERN, sortKey, type User } from '../users/user.ts';
import { requireViewer, type Viewer } from '../viewer.ts';
import { addMembers } from './adding-store.ts';
import { addGroup } from './group-store.ts';
import type { MemberResult, Wanted } from './member-result.ts';
import { beginMembership } from './member-store.ts';
import { type Room, tellOfMember } from './room-store.ts';

/** A group that is to be made; `guid` left out stands for a random one, and null for what is left out everywhere. */
export interface NewGroup extends GroupProfileInput, EntranceInput {
  readonly guid?: string | null | undefined;
  readonly name: string;
  readonly type: Group['type'];
  /** Whose it is: needed by an API key, as a user makes their own. */
  readonly owner?: string | null | undefined;
  readonly members?: readonly Wanted[] | null | undefined;
}

/** Makes groups, each with its conversation, its owner and its first members. */
export function createFounding({ db }: { db: Database }) {
  return {
    /**
     * Makes a group. Throws ERR_GUID_ALREADY_EXISTS, ERR_EMPTY_GROUP_PASS, ERR_UID_NOT_FOUND for the owner, AUTH_ERR_NO_ACCESS where a
     * user makes one for somebody else or is deleted meanwhile, and what `readGroupProfile` throws; each of the members has a result of
     * their own.
     */
    async create(viewer: Viewer | undefined, input: NewGroup): Promise<{ group: Group; members: MemberResult[] }> {
      const known = requireViewer(viewer);
      const owner = requireOwner(known, input.owner ?? undefined);
      const guid = input.guid ?? randomUUID();
      if (!ID_PATTERN.test(guid)) throw badField('guid', 'must be 1 to 100 of a-z 0-9 _ -');
      const { name, type, password, tags } = input;
      const profile = readGroupProfile({ ...input, tags: tags ?? [] });
      const hasPassword = takesPassword({ type, passwordHash: null }, { type, password: password ?? '' });
      const passwordHash = hasPassword ? await hashPassword(password ?? '') : null;
      return db.write(`guid:${guid}`, async (tx) => {
        const at = now();
        const ownedBy = known.kind === 'user' ? await holdViewer(tx, known) : await holdUser(tx, known, owner);
        if (await groupStore(tx).byGuid(guid)) {
          throw badField('guid', `is taken: there is a group "${guid}"`, 'ERR_GUID_ALREADY_EXISTS');
        }
        const row = { ...NOTHING, ...profile, guid, name, sortKey: sortKey(name, guid), type, passwordHash };
        const group = must(await addGroup(tx, { ...row, ownerId: ownedBy.id, createdAt: at }));
        return fill(tx, known, group, ownedBy, input.members ?? [], at);
      });
    },
  };
}

export type Founding = ReturnType<typeof createFounding>;

const NOTHING = { description: null, icon: null, metadata: null, tags: [] };

/** The uid of whose the group will be. */
function requireOwner(viewer: Viewer, owner: string | undefined): string {
  if (viewer.kind === 'key') {
    if (owner === undefined) throw badField('owner', 'is missing: an API key says whose the group is');
    return owner;
  }
  if (owner === undefined || owner === viewer.uid) return viewer.uid;
  throw new ChatError('AUTH_ERR_NO_ACCESS', '`owner`: only an API key makes groups for others; leave it out.');
}

/** Makes the conversation of a new group, the owner its admin, and adds the members. */
async function fill(
  tx: Handle,
  viewer: Viewer,
  group: Group,
  owner: User,
  members: readonly Wanted[],
  at: number,
): Promise<{ group: Group; members: MemberResult[] }> {
  const conversation = must(await placeStore(tx).add({ groupId: group.id, userA: null, userB: null }, at));
  const room: Room = { viewer, mine: undefined, actor: owner, group, conversation };
  await beginMembership(tx, room, owner, 'admin', await tellOfMember(tx, room, owner, at));
  const results = await addMembers(tx, room, members, at);
  return { group: room.group, members: results };
}

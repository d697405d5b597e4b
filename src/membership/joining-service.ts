import { now } from '../clock.ts';
import { ChatError } from '../errors.ts';
import type { Group, Membership } from '../groups/group.ts';
import { isPassword } from '../groups/password.ts';
import { checkJoined, checkMayLeave } from '../groups/policy.ts';
import { groupStore } from '../groups/store.ts';
import { badField } from '../input.ts';
import type { Message } from '../messages/message.ts';
import type { Database, Handle } from '../store/handle.ts';
import { holdViewer } from '../users/found-store.ts';
import { requireUser, type UserViewer, type Viewer } from '../viewer.ts';
import { createGuesses } from './guesses.ts';
import { endMembership } from './member-store.ts';
import { comeIn } from './owner-store.ts';
import { act, inRoom, lookIntoRoom, type Room } from './room-store.ts';

/** Lets users come into groups by themselves, and go. */
export function createJoining({ db }: { db: Database }) {
  const guesses = createGuesses();

  /** The hash of the group's password, which the user has guessed; undefined where it has none. */
  async function guess(user: UserViewer, guid: string, password: string | null | undefined) {
    const room = await lookIntoRoom(db, user, guid);
    await checkMayJoin(db.read, user, room);
    if (room.group.type !== 'password') return undefined;
    if (!password) throw badField('password', 'is missing: the group has one', 'ERR_EMPTY_GROUP_PASS');
    const { id, passwordHash } = room.group;
    await guesses.begin(user.id, id);
    if (passwordHash === null || !(await isPassword(password, passwordHash))) throw wrongPassword();
    await guesses.right(user.id, id);
    return passwordHash;
  }

  return {
    /**
     * Makes the viewer a member. Throws ERR_ALREADY_JOINED, ERR_BANNED_GROUPMEMBER, ERR_EMPTY_GROUP_PASS, ERR_WRONG_GROUP_PASS, and
     * ERR_TOO_MANY_REQUESTS after too many of the latter; AUTH_ERR_NO_ACCESS for who is deleted meanwhile.
     */
    async join(
      viewer: Viewer | undefined,
      { guid, password }: { guid: string; password?: string | null | undefined },
    ): Promise<Moved> {
      const user = requireUser(viewer);
      const guessed = await guess(user, guid, password);
      return inRoom(db, user, guid, async (tx, room) => {
        await checkMayJoin(tx, user, room);
        if (room.group.type === 'password' && room.group.passwordHash !== guessed) throw wrongPassword(); // changed meanwhile
        room.actor = await holdViewer(tx, user);
        const at = now();
        const { action, position } = await act(tx, room, { action: 'joined' }, at);
        await comeIn(tx, room, room.actor, 'participant', position, at);
        return { group: room.group, action };
      });
    },

    /** Ends the viewer's membership. Throws ERR_GROUP_NOT_JOINED, and ERR_OWNER_CANNOT_LEAVE. */
    async leave(viewer: Viewer | undefined, guid: string): Promise<Moved> {
      const user = requireUser(viewer);
      return inRoom(db, user, guid, async (tx, room) => {
        const mine = requireJoined(room);
        checkMayLeave(room.group, user.id);
        const { action, position } = await act(tx, room, { action: 'left' }, now());
        await endMembership(tx, room, mine, position);
        return { group: room.group, action };
      });
    },
  };
}

export type Joining = ReturnType<typeof createJoining>;

/** The group that somebody came into, or left, and the Action that tells of it. */
interface Moved {
  readonly group: Group;
  readonly action: Message;
}

async function checkMayJoin(handle: Handle, user: UserViewer, { group, mine }: Room): Promise<void> {
  if (mine) throw new ChatError('ERR_ALREADY_JOINED', `You are a member of the group "${group.guid}" already.`);
  if (!(await groupStore(handle).ban(group.id, user.id))) return;
  throw new ChatError('ERR_BANNED_GROUPMEMBER', `You are banned from the group "${group.guid}".`);
}

function requireJoined({ viewer, mine }: Room): Membership {
  checkJoined(viewer, mine?.scope);
  return mine as Membership;
}

const wrongPassword = (): ChatError => badField('password', 'is not the group’s', 'ERR_WRONG_GROUP_PASS');

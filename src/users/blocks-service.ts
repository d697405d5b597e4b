import { now } from '../clock.ts';
import { ChatError } from '../errors.ts';
import { appendEvent } from '../events/append-store.ts';
import { userTopic } from '../events/event.ts';
import type { Database, Handle } from '../store/handle.ts';
import type { UserViewer, Viewer } from '../viewer.ts';
import { getUser, holdUser, holdViewer } from './found-store.ts';
import { check } from './policy.ts';
import { eachUid, type UserResult } from './result.ts';
import { userStore } from './store.ts';
import { pairScope, type User } from './user.ts';
import { userWritingStore } from './writing-store.ts';

interface Options {
  readonly db: Database;
  /** Ends a call between two of whom one blocks the other. */
  readonly endCallsBetween: (tx: Handle, blocker: UserViewer, blocked: User, at: number) => Promise<void>;
}

/** Who does not want to hear from whom. */
export function createBlocks({ db, endCallsBetween }: Options) {
  async function blockOne(viewer: UserViewer, uid: string): Promise<User> {
    if (uid === viewer.uid)
      throw new ChatError('ERR_CANNOT_BLOCK_SELF', '`uids` holds your own: nobody blocks themselves.');
    const { id } = await getUser(db.read, viewer, uid);
    return db.write(pairScope(viewer.id, id), async (tx) => {
      // A deletion ends the blocks that there are: both are held, so that this one is among them, or refused.
      await holdViewer(tx, viewer);
      const other = await holdUser(tx, viewer, uid);
      if (!(await userWritingStore(tx).addBlock(viewer.id, id, now()))) return other;
      await tell(tx, 'USER_BLOCKED', viewer, other);
      await endCallsBetween(tx, viewer, other, now());
      return other;
    });
  }

  /** Also of somebody who has been deactivated or deleted meanwhile: they are still listed among those whom the viewer has blocked. */
  async function unblockOne(viewer: UserViewer, uid: string): Promise<User> {
    const known = await userStore(db.read).byUid(uid);
    if (!known) return getUser(db.read, viewer, uid);
    return db.write(pairScope(viewer.id, known.id), async (tx) => {
      const removed = await userWritingStore(tx).removeBlock(viewer.id, known.id);
      if (!removed) return getUser(tx, viewer, uid);
      await tell(tx, 'USER_UNBLOCKED', viewer, known);
      return known;
    });
  }

  return {
    /** The viewer and these no longer write to each other. Each uid has its own result: ERR_UID_NOT_FOUND, ERR_CANNOT_BLOCK_SELF. */
    async block(viewer: Viewer | undefined, uids: readonly string[]): Promise<UserResult[]> {
      const user = check(viewer, 'block and unblock users');
      return eachUid(uids, (uid) => blockOne(user, uid));
    },

    /** Takes blocks back. Each uid has its own result: ERR_UID_NOT_FOUND. */
    async unblock(viewer: Viewer | undefined, uids: readonly string[]): Promise<UserResult[]> {
      const user = check(viewer, 'block and unblock users');
      return eachUid(uids, (uid) => unblockOne(user, uid));
    },
  };
}

/** A block is its maker's business alone. */
async function tell(tx: Handle, kind: 'USER_BLOCKED' | 'USER_UNBLOCKED', viewer: UserViewer, other: User) {
  await appendEvent(tx, { kind, at: now(), byId: viewer.id, userId: other.id, topics: [userTopic(viewer.uid)] });
}

import { now } from '../clock.ts';
import { type Conversation, groupScope, scopeOf } from '../conversations/conversation.ts';
import { placeStore } from '../conversations/place-store.ts';
import { badField } from '../input.ts';
import { type Database, type Handle, must } from '../store/handle.ts';
import { isGone } from '../users/gone-store.ts';
import { check } from '../users/policy.ts';
import { userStore } from '../users/store.ts';
import { type User, userScope } from '../users/user.ts';
import type { Viewer } from '../viewer.ts';
import { groupsOf, leaveGroup } from './leaving-store.ts';
import { type Extent, findPending, listPending, putPending, removePending } from './pending-store.ts';
import { clearProfile, endBlocks, forgetUid, removePrivate } from './profile-store.ts';
import { type Removal, removeMentions, removeMessages, removeReactions, retellActions } from './removing-store.ts';
import { conversationsOf, type Trace, tracesStore } from './traces-store.ts';
import type { Work } from './work.ts';

interface Options {
  readonly db: Database;
  readonly work: Work;
  /** Takes a user out of all calls. */
  readonly leaveCalls: (userId: number) => Promise<void>;
}

/** How people are deleted: at once for all to see, then what they leave behind, in many small writes. */
export function createPeopleErasure({ db, work, leaveCalls }: Options) {
  const traces = tracesStore(db.read);

  /** A write of its own, with the user as they are then. */
  async function write(userId: number, job: (tx: Handle, user: User) => Promise<unknown>, scope = userScope(userId)) {
    await work.pause();
    return db.write(scope, async (tx) => job(tx, must(await userStore(tx).byId(userId))));
  }

  async function writeWhile(userId: number, job: (tx: Handle, user: User) => Promise<boolean>): Promise<void> {
    while (await write(userId, job));
  }

  /** A write for each of the conversations that messages are in. */
  async function inConversations(found: readonly Trace[], removal: Removal): Promise<void> {
    for (const [conversationId, messages] of Map.groupBy(found, (trace) => trace.conversationId)) {
      await inConversation(conversationId, async (tx, conversation) => {
        const ids = messages.map(({ id }) => id);
        await removal(tx, conversation, ids, now());
      });
    }
  }

  async function inConversation(id: number, job: (tx: Handle, conversation: Conversation) => Promise<void>) {
    await work.pause();
    const conversation = must(await placeStore(db.read).byId(id));
    await db.write(scopeOf(conversation), async (tx) => job(tx, must(await placeStore(tx).byId(id))));
  }

  async function leaveGroups(userId: number): Promise<void> {
    for (let groups = await groupsOf(db.read, userId); groups.length > 0; groups = await groupsOf(db.read, userId)) {
      for (const group of groups) {
        await write(userId, (tx, user) => leaveGroup(tx, user, group, now()), groupScope(group));
      }
    }
  }

  /** Tells the actions by and on the user anew; where everything goes, their messages go on the way. */
  async function goThroughMessages(userId: number, extent: Extent): Promise<void> {
    const done = new Set<number>();
    for await (const conversationId of conversationsOf(db.read, userId)) {
      if (done.has(conversationId)) continue;
      done.add(conversationId);
      for await (const page of pages((after) => traces.written(conversationId, userId, after))) {
        const actions = page.filter(({ category }) => category === 'action');
        await inConversations(actions, retellActions);
        if (extent === 'profile') continue;
        const own = page.filter(({ category }) => category !== 'action');
        await inConversations(own, removeMessages);
      }
    }
    for await (const page of pages((after) => traces.actionsOn(userId, after))) {
      await inConversations(page, retellActions);
    }
  }

  async function removeTraces(userId: number): Promise<void> {
    for (let found = await traces.reactedTo(userId); found.length > 0; found = await traces.reactedTo(userId)) {
      await inConversations(found, removeReactions(userId));
    }
    for (let found = await traces.mentionedIn(userId); found.length > 0; found = await traces.mentionedIn(userId)) {
      await inConversations(found, removeMentions(userId));
    }
    await writeWhile(userId, removePrivate);
  }

  async function* pages<Row extends Trace>(list: (after: number) => Row[] | Promise<Row[]>): AsyncGenerator<Row[]> {
    for (let rows = await list(0); rows.length > 0; rows = await list(rows.at(-1)?.id ?? 0)) {
      yield rows;
      await work.pause();
    }
  }

  /** Removes what is left of a user whose deletion has begun. */
  async function finish(userId: number): Promise<void> {
    const extent = await findPending(db.read, userId);
    if (!extent) return;
    await leaveCalls(userId);
    await leaveGroups(userId);
    await writeWhile(userId, (tx) => endBlocks(tx, userId, now()));
    await goThroughMessages(userId, extent);
    if (extent === 'everything') await removeTraces(userId);
    await write(userId, async (tx, user) => {
      if ((await findPending(tx, userId)) !== extent) return;
      if (extent === 'everything') await forgetUid(tx, user, now());
      await removePending(tx, userId);
    });
  }

  const finishOnce = (userId: number): Promise<void> => work.run(`user ${userId}`, () => finish(userId));

  return {
    /**
     * Deletes a user, for API keys: nobody finds them from then on, and what they wrote is by "Deleted user"; with `permanent` it
     * goes too, and so does the uid. Who is deleted already stays so. Answers when all is done; what a stop of the server breaks off
     * is finished at its next start. Throws ERR_UID_NOT_FOUND for a uid that nobody ever had.
     */
    async delete(viewer: Viewer | undefined, uid: string, permanent: boolean): Promise<void> {
      check(viewer, 'delete users');
      const found = await userStore(db.read).byUid(uid);
      if (!found) {
        if (await isGone(db.read, uid)) return;
        throw badField('uid', `is "${uid}": there is no user with this uid`, 'ERR_UID_NOT_FOUND');
      }
      await db.write(userScope(found.id), async (tx) => {
        const user = must(await userStore(tx).byId(found.id));
        if (user.deletedAt === null) await clearProfile(tx, user, now());
        if (permanent) await putPending(tx, user.id, 'everything');
        else if (user.deletedAt === null) await putPending(tx, user.id, 'profile');
      });
      while (await findPending(db.read, found.id)) await finishOnce(found.id);
    },

    /** Finishes the deletions that a stop of the server broke off. */
    async resume(): Promise<void> {
      for (const userId of await listPending(db.read)) await finishOnce(userId);
    },
  };
}

export type PeopleErasure = ReturnType<typeof createPeopleErasure>;

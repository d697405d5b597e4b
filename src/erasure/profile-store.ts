import { randomBytes } from 'node:crypto';
import { and, eq, isNotNull, ne, placeholder as ph, sql } from 'drizzle-orm';
import { authStore } from '../auth/store.ts';
import { appendEvent, appendEvents } from '../events/append-store.ts';
import { userTopic } from '../events/event.ts';
import { type Handle, store } from '../store/handle.ts';
import { rememberGone } from '../users/gone-store.ts';
import { NO_PROFILE } from '../users/profile.ts';
import { resort } from '../users/resort-store.ts';
import { sortKey, type User } from '../users/user.ts';
import { BATCH } from './batch.ts';

const NAME = 'Deleted user';
const RANDOM_UID = /^deleted-[0-9a-f]{24}$/;

const profileStore = store(({ db, t, all, sql: { among } }) => {
  const { blocks, users, participants: p, conversations: c, eventTopics, saves } = t;
  const ofUser = (userId: number) => ({ userId });
  const uidOf = (id: typeof c.userA) => sql`(select ${users.uid} from ${users} where ${users.id} = ${id})`;
  /** Of the conversations with a user on this side, those whose uids are in the wrong order, put right. */
  const swap = (side: typeof c.userA) =>
    all(
      () =>
        db
          .update(c)
          .set({ userA: sql`${c.userB}`, userB: sql`${c.userA}` })
          .where(and(eq(side, ph('userId')), isNotNull(c.userA), sql`${uidOf(c.userA)} > ${uidOf(c.userB)}`))
          .returning({ id: c.id }),
      ofUser,
    );
  return {
    removeOwnBlocks: all(
      () =>
        db
          .delete(blocks)
          .where(eq(blocks.blockerId, ph('userId')))
          .returning({ id: blocks.blockedId }),
      ofUser,
    ),
    /** Some of those who have blocked the user. */
    blockers: all(
      () =>
        db
          .select({ id: users.id, uid: users.uid })
          .from(blocks)
          .innerJoin(users, eq(users.id, blocks.blockerId))
          .where(eq(blocks.blockedId, ph('userId')))
          .limit(BATCH),
      ofUser,
    ),
    removeBlocks: all(
      () =>
        db
          .delete(blocks)
          .where(and(eq(blocks.blockedId, ph('userId')), among(blocks.blockerId, ph('ids'))))
          .returning({ id: blocks.blockerId }),
      (userId: number, ids: readonly number[]) => ({ userId, ids }),
    ),
    clearSettings: all(
      () =>
        db
          .update(p)
          .set({ tags: [], pinnedAt: null, mutedUntil: null })
          .where(eq(p.userId, ph('userId')))
          .returning({ id: p.userId }),
      ofUser,
    ),
    removeSaves: all(() => {
      const some = db
        .select({ id: saves.messageId })
        .from(saves)
        .where(eq(saves.userId, ph('userId')))
        .limit(BATCH);
      return db
        .delete(saves)
        .where(and(eq(saves.userId, ph('userId')), sql`${saves.messageId} in ${some}`))
        .returning({ id: saves.messageId });
    }, ofUser),
    removeTopics: all(
      () => {
        const some = db
          .select({ position: eventTopics.position })
          .from(eventTopics)
          .where(eq(eventTopics.topic, ph('topic')))
          .limit(BATCH);
        return db
          .delete(eventTopics)
          .where(and(eq(eventTopics.topic, ph('topic')), sql`${eventTopics.position} in ${some}`))
          .returning({ position: eventTopics.position });
      },
      (topic: string) => ({ topic }),
    ),
    swapFirst: swap(c.userA),
    swapSecond: swap(c.userB),
    /** The conversations that the user has with others, and with whom. */
    partners: all(
      () =>
        db
          .select({ conversationId: c.id, uid: users.uid })
          .from(p)
          .innerJoin(c, eq(c.id, p.conversationId))
          .innerJoin(users, sql`${users.id} = case when ${c.userA} = ${p.userId} then ${c.userB} else ${c.userA} end`)
          .where(and(eq(p.userId, ph('userId')), ne(users.id, p.userId))),
      ofUser,
    ),
  };
});

/** Takes from a user who is to be deleted what they showed of themself, and their tokens. Their devices are told. */
export async function clearProfile(tx: Handle, { id, uid }: User, at: number): Promise<void> {
  const row: Omit<User, 'uid' | 'createdAt'> = {
    ...NO_PROFILE,
    id,
    name: NAME,
    sortKey: sortKey(NAME, uid),
    lastActiveAt: null,
    updatedAt: at,
    deactivatedAt: null,
    deletedAt: at,
    tokensRevokedAt: at,
  };
  await tx.updateMany(tx.t.users, ['id'], [row]);
  await resort(tx, [id]);
  await authStore(tx).deleteTokensOf(id);
  await profileStore(tx).removeOwnBlocks(id);
  await appendEvent(tx, { kind: 'USER_UPDATED', at, byId: null, userId: id, topics: [userTopic(uid)] });
}

/** Ends some of the blocks of a user, and tells who had blocked them; whether there were any. */
export async function endBlocks(tx: Handle, userId: number, at: number): Promise<boolean> {
  const blockers = await profileStore(tx).blockers(userId);
  if (blockers.length === 0) return false;
  const ids = blockers.map(({ id }) => id);
  await profileStore(tx).removeBlocks(userId, ids);
  await appendEvents(
    tx,
    blockers.map(({ uid }) => ({ kind: 'USER_UNBLOCKED', at, byId: null, userId, topics: [userTopic(uid)] })),
  );
  return true;
}

/** Removes some of what a user kept for themself alone; whether there was any. */
export async function removePrivate(tx: Handle, { id, uid }: User): Promise<boolean> {
  const saves = await profileStore(tx).removeSaves(id);
  const topics = await profileStore(tx).removeTopics(userTopic(uid));
  return saves.length + topics.length > 0;
}

/** Gives a deleted user a random uid and takes their settings of conversations, and tells those who have a conversation with them that it has another name now. */
export async function forgetUid(tx: Handle, { id, uid, name }: User, at: number): Promise<void> {
  if (RANDOM_UID.test(uid)) return;
  const random = `deleted-${randomBytes(12).toString('hex')}`;
  const { clearSettings, swapFirst, swapSecond, partners } = profileStore(tx);
  await tx.updateMany(tx.t.users, ['id'], [{ id, uid: random, sortKey: sortKey(name, random) }]);
  await resort(tx, [id]);
  await clearSettings(id);
  await swapFirst(id);
  await swapSecond(id);
  await rememberGone(tx, uid);
  const told = await partners(id);
  await appendEvents(
    tx,
    told.map(({ conversationId, uid: partner }) => ({
      kind: 'CONVERSATION_UPDATED',
      at,
      byId: null,
      conversationId,
      topics: [userTopic(partner)],
    })),
  );
}

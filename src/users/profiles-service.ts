import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { now } from '../clock.ts';
import { appendEvent } from '../events/append-store.ts';
import { userTopic } from '../events/event.ts';
import { badField } from '../input.ts';
import { type Database, type Handle, must } from '../store/handle.ts';
import { KEY, type Viewer } from '../viewer.ts';
import { getUser } from './found-store.ts';
import { check } from './policy.ts';
import { type ProfileInput, readProfile } from './profile.ts';
import { resort } from './resort-store.ts';
import { eachUid, type UserResult } from './result.ts';
import { userStore } from './store.ts';
import { ID_PATTERN, sortKey, type User, userScope } from './user.ts';
import { userWritingStore } from './writing-store.ts';

/** Who is to be made; `uid` null or left out stands for a random one. */
export interface NewProfile extends ProfileInput {
  readonly uid?: string | null | undefined;
  readonly name: string;
}

interface Options {
  readonly db: Database;
  /** Takes a user out of all calls. */
  readonly leaveCalls: (userId: number) => Promise<void>;
}

/** How people come, change, rest and come back. */
export function createProfiles({ db, leaveCalls }: Options) {
  /** Runs the job on a user who is there, alone among all that changes them. */
  async function withUser(viewer: Viewer, uid: string, job: (tx: Handle, user: User) => Promise<User>): Promise<User> {
    const { id } = await getUser(db.read, viewer, uid);
    return db.write(userScope(id), async (tx) => job(tx, await getUser(tx, viewer, uid)));
  }

  async function updateProfile(viewer: Viewer, uid: string, input: ProfileInput): Promise<User> {
    const profile = readProfile(input);
    return withUser(viewer, uid, async (tx, user) => {
      const key = sortKey(profile.name ?? user.name, uid);
      const updated = await change(tx, viewer, user, { ...profile, sortKey: key });
      if (key !== user.sortKey) await resort(tx, [user.id]);
      return updated;
    });
  }

  return {
    /**
     * Makes a user; `also` adds what belongs to them in the same transaction, and gives the answer. Throws ERR_UID_ALREADY_EXISTS, for
     * the uid of a deleted user too, and what `readProfile` throws.
     */
    async create<T>(
      viewer: Viewer | undefined,
      { uid: given, name, ...input }: NewProfile,
      also: (tx: Handle, user: User) => Promise<T>,
    ): Promise<T> {
      check(viewer, 'create users');
      const uid = given ?? randomUUID();
      if (!ID_PATTERN.test(uid)) throw badField('uid', 'must be 1 to 100 of a-z 0-9 _ -');
      const user = { ...readProfile({ name, ...input }), uid, name, createdAt: now() };
      return db.write(`uid:${uid}`, async (tx) => {
        if (await userStore(tx).byUid(uid)) {
          throw badField('uid', `is taken: there is or was a user "${uid}"`, 'ERR_UID_ALREADY_EXISTS');
        }
        return also(tx, must(await userWritingStore(tx).add(user)));
      });
    },

    /** Changes anybody's profile. Throws ERR_UID_NOT_FOUND, and what `readProfile` throws. */
    async update(viewer: Viewer | undefined, { uid, ...input }: ProfileInput & { uid: string }): Promise<User> {
      check(viewer, 'update any user');
      return updateProfile(KEY, uid, input);
    },

    /** Changes the viewer's own profile. Throws what `readProfile` throws. */
    async updateOwn(
      viewer: Viewer | undefined,
      input: Omit<ProfileInput, 'role' | 'email' | 'credits' | 'tags'>,
    ): Promise<User> {
      const user = check(viewer, 'update their own profile');
      return updateProfile(user, user.uid, input);
    },

    /** Lets users rest: they can't sign in, and are found by API keys alone; what they wrote stays. Each has a result of their own. */
    async deactivate(viewer: Viewer | undefined, uids: readonly string[]): Promise<UserResult[]> {
      check(viewer, 'deactivate and reactivate users');
      return eachUid(uids, async (uid) => {
        const user = await withUser(KEY, uid, (tx, user) =>
          change(tx, KEY, user, { deactivatedAt: user.deactivatedAt ?? now() }),
        );
        await leaveCalls(user.id);
        return user;
      });
    },

    /** Takes deactivations back. Each user has a result of their own. */
    async reactivate(viewer: Viewer | undefined, uids: readonly string[]): Promise<UserResult[]> {
      check(viewer, 'deactivate and reactivate users');
      return eachUid(uids, (uid) => withUser(KEY, uid, (tx, user) => change(tx, KEY, user, { deactivatedAt: null })));
    },
  };
}

export type Profiles = ReturnType<typeof createProfiles>;

/** Writes the user's row where a change makes it another, and tells their devices. */
async function change(tx: Handle, viewer: Viewer, user: User, changes: Partial<User>): Promise<User> {
  const changed = { ...user, ...changes };
  if (isDeepStrictEqual(changed, user)) return user;
  const updated = { ...changed, updatedAt: now() };
  const { uid, createdAt, lastActiveAt, deletedAt, tokensRevokedAt, ...row } = updated; // which change otherwise, or never
  await tx.updateMany(tx.t.users, ['id'], [row]);
  await appendEvent(tx, {
    kind: 'USER_UPDATED',
    at: updated.updatedAt,
    byId: viewer.kind === 'key' ? null : viewer.id,
    userId: user.id,
    topics: [userTopic(uid)],
  });
  return updated;
}

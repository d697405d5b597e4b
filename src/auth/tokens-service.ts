import { now } from '../clock.ts';
import { ChatError } from '../errors.ts';
import type { Passing } from '../events/passing.ts';
import { badField } from '../input.ts';
import type { Database, Handle } from '../store/handle.ts';
import { getUser } from '../users/found-store.ts';
import { check } from '../users/policy.ts';
import type { NewProfile, Profiles } from '../users/profiles-service.ts';
import { type User, userScope } from '../users/user.ts';
import { KEY, type Viewer } from '../viewer.ts';
import { fingerprint, makeToken } from './credential.ts';
import { authStore } from './store.ts';

/** A token that was just made: its text is known only now. */
export interface NewToken {
  readonly authToken: string;
  /** Seconds since 1970; null for a token that never expires. */
  readonly expiresAt: number | null;
  readonly user: User;
}

/** User tokens: how they come and go. */
export function createTokens({ db, profiles, passing }: { db: Database; profiles: Profiles; passing: Passing }) {
  return {
    /** Makes a user, and a token for them where one is asked for. Throws what making a user throws. */
    createUser(
      viewer: Viewer | undefined,
      { withAuthToken, ...profile }: NewProfile & { withAuthToken?: boolean | null | undefined },
    ): Promise<{ user: User; authToken: string | null }> {
      return profiles.create(viewer, profile, async (tx, user) => ({
        user,
        authToken: withAuthToken ? await addToken(tx, user, now(), null) : null,
      }));
    },

    /**
     * Makes a token for a user, for so many seconds or for good. Throws ERR_UID_NOT_FOUND, AUTH_ERR_NO_ACCESS for a deactivated
     * user, who could not sign in with it, and ERR_BAD_REQUEST for the time.
     */
    async create(
      viewer: Viewer | undefined,
      { uid, expiresIn = null }: { uid: string; expiresIn?: number | null | undefined },
    ): Promise<NewToken> {
      check(viewer, 'make and revoke tokens');
      const at = now();
      const expiresAt = expiresIn === null ? null : at + expiresIn;
      if (expiresIn !== null && !(expiresIn > 0 && Number.isSafeInteger(expiresAt))) {
        throw badField('expiresIn', 'must be a whole number of seconds, 1 or more');
      }
      const { id } = await getUser(db.read, KEY, uid);
      return db.write(userScope(id), async (tx) => {
        const user = await getUser(tx, KEY, uid);
        if (user.deactivatedAt !== null) {
          throw new ChatError('AUTH_ERR_NO_ACCESS', `The user "${uid}" is deactivated: reactivate them first.`);
        }
        await authStore(tx).deleteExpiredOf(id, at);
        return { user, authToken: await addToken(tx, user, at, expiresAt), expiresAt };
      });
    },

    /** Ends all of a user's tokens, JWTs issued until now included; gives how many there were here. Throws ERR_UID_NOT_FOUND. */
    async revoke(viewer: Viewer | undefined, uid: string): Promise<number> {
      check(viewer, 'make and revoke tokens');
      const { id } = await getUser(db.read, KEY, uid);
      const count = await db.write(userScope(id), async (tx) => {
        await authStore(tx).refuseIssuedUntil(id, now());
        const ended = await authStore(tx).deleteTokensOf(id);
        return ended.length;
      });
      passing.publish({ kind: 'ACCESS_REVOKED', at: now(), topics: [], userId: id });
      return count;
    },
  };
}

export type Tokens = ReturnType<typeof createTokens>;

async function addToken(tx: Handle, user: User, createdAt: number, expiresAt: number | null): Promise<string> {
  const authToken = makeToken();
  await authStore(tx).addToken({ hash: fingerprint(authToken), userId: user.id, createdAt, expiresAt });
  return authToken;
}

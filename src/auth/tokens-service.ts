import { now } from '../clock.ts';
import { ChatError } from '../errors.ts';
import type { Database } from '../store/handle.ts';
import type { Users } from '../users/service.ts';
import { fingerprint, makeToken } from './credential.ts';
import { authStore } from './store.ts';

/** A token that was just made: its text is known only now. */
export interface NewToken {
  readonly authToken: string;
  /** Seconds since 1970; null for a token that never expires. */
  readonly expiresAt: number | null;
}

/** User tokens: how they come and go. */
export function createTokens({ db, users }: { db: Database; users: Users }) {
  async function idOfUser(uid: string): Promise<number> {
    const user = await users.find({ kind: 'key' }, uid);
    if (user) return user.id;
    throw new ChatError('ERR_UID_NOT_FOUND', `There is no user with the uid "${uid}".`);
  }

  return {
    /** Makes a token for a user, for so many seconds or for good. Throws ERR_UID_NOT_FOUND, or ERR_BAD_REQUEST for the time. */
    async create(uid: string, expiresIn?: number): Promise<NewToken> {
      const createdAt = now();
      const expiresAt = expiresIn === undefined ? null : createdAt + expiresIn;
      if (expiresIn !== undefined && !(expiresIn > 0 && Number.isSafeInteger(expiresAt))) {
        throw new ChatError('ERR_BAD_REQUEST', '`expiresIn` must be a whole number of seconds, 1 or more.');
      }
      const userId = await idOfUser(uid);
      const authToken = makeToken();
      const hash = fingerprint(authToken);
      await db.write(`user:${userId}`, (tx) => authStore(tx).addToken({ hash, userId, createdAt, expiresAt }));
      return { authToken, expiresAt };
    },

    /** Ends all of a user's tokens, JWTs issued until now included; gives how many there were here. Throws ERR_UID_NOT_FOUND. */
    async revoke(uid: string): Promise<number> {
      const userId = await idOfUser(uid);
      return db.write(`user:${userId}`, async (tx) => {
        await authStore(tx).refuseIssuedUntil(userId, now());
        const ended = await authStore(tx).deleteTokensOf(userId);
        return ended.length;
      });
    },
  };
}

export type Tokens = ReturnType<typeof createTokens>;

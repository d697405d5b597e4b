import { and, eq, lte, placeholder as ph, sql } from 'drizzle-orm';
import { store } from '../store/handle.ts';

/** User tokens and API keys; a hash is the secret's `fingerprint`. */
export const authStore = store(({ db, t, one, all }) => {
  const { authTokens, apiKeys, users } = t;
  return {
    /** The token and whose it is. */
    tokenByHash: one(
      () =>
        db
          .select({
            tokenId: authTokens.id,
            expiresAt: authTokens.expiresAt,
            id: users.id,
            uid: users.uid,
            deactivatedAt: users.deactivatedAt,
            deletedAt: users.deletedAt,
          })
          .from(authTokens)
          .innerJoin(users, eq(users.id, authTokens.userId))
          .where(eq(authTokens.hash, ph('hash'))),
      (hash: string) => ({ hash }),
    ),
    addToken: one(
      () =>
        db
          .insert(authTokens)
          .values({ hash: ph('hash'), userId: ph('userId'), createdAt: ph('createdAt'), expiresAt: ph('expiresAt') })
          .returning({ id: authTokens.id }),
      (token: { hash: string; userId: number; createdAt: number; expiresAt: number | null }) => token,
    ),
    deleteTokensOf: all(
      () =>
        db
          .delete(authTokens)
          .where(eq(authTokens.userId, ph('userId')))
          .returning({ id: authTokens.id }),
      (userId: number) => ({ userId }),
    ),
    /** Removes those of a user's tokens that hold no longer at a time, in seconds. */
    deleteExpiredOf: all(
      () =>
        db
          .delete(authTokens)
          .where(and(eq(authTokens.userId, ph('userId')), lte(authTokens.expiresAt, ph('at'))))
          .returning({ id: authTokens.id }),
      (userId: number, at: number) => ({ userId, at }),
    ),
    /** From now on the user's JWTs issued until `at`, in seconds, are refused. */
    refuseIssuedUntil: all(
      () =>
        db
          .update(users)
          .set({ tokensRevokedAt: sql`${ph('at')}` })
          .where(eq(users.id, ph('userId')))
          .returning({ id: users.id }),
      (userId: number, at: number) => ({ userId, at }),
    ),
    keyByHash: one(
      () =>
        db
          .select({ id: apiKeys.id })
          .from(apiKeys)
          .where(eq(apiKeys.hash, ph('hash'))),
      (hash: string) => ({ hash }),
    ),
  };
});

import { atHand } from '../awaitable.ts';
import { store } from '../store/handle.ts';
import { keptUsers } from '../users/kept-store.ts';
import { authStore } from './store.ts';

const BYTES = 4_000_000;

interface Token {
  readonly tokenId: number;
  readonly expiresAt: number | null;
  readonly userId: number;
}

/** The token of a hash and whose it is, from memory where this process keeps any: from when it was revoked on there is none. */
export const keptTokens = store((handle) => {
  const { memory, t } = handle;
  const { tokenByHash } = authStore(handle);
  if (!memory) return tokenByHash;
  const tokens = memory.rows<string, Token>(t.authTokens.hash, BYTES);
  const users = keptUsers(handle);
  return (hash: string): ReturnType<typeof tokenByHash> => {
    const kept = tokens.get(hash);
    const user = kept && atHand(users.byId(kept.userId));
    if (kept && user) {
      const { id, uid, deactivatedAt, deletedAt } = user;
      return { tokenId: kept.tokenId, expiresAt: kept.expiresAt, id, uid, deactivatedAt, deletedAt };
    }
    const found = atHand(tokenByHash(hash));
    if (found) tokens.set(hash, { tokenId: found.tokenId, expiresAt: found.expiresAt, userId: found.id });
    return found;
  };
});

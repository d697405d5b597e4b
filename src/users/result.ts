import { ChatError, type ErrorCode } from '../errors.ts';
import type { User } from './user.ts';

/** What became of one of several users: the user, or the code of why not. */
export interface UserResult {
  readonly uid: string;
  readonly user: User | null;
  readonly code: ErrorCode | null;
}

/** Does the same to several users, each for themself: one refusal does not fail the others. A uid that is given twice counts once. */
export function eachUid(uids: readonly string[], one: (uid: string) => Promise<User>): Promise<UserResult[]> {
  return Promise.all(
    [...new Set(uids)].map(async (uid) => {
      try {
        return { uid, user: await one(uid), code: null };
      } catch (error) {
        if (error instanceof ChatError) return { uid, user: null, code: error.code };
        throw error;
      }
    }),
  );
}

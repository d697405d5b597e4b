import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { ChatError } from '../errors.ts';

const SECONDS = 15 * 60;
const WRONG_OF_USER_MAX = 5;
const WRONG_OF_GROUP_MAX = 1_000; // more than people mistype, fewer than a search with many accounts takes

/**
 * Counts wrong guesses at groups' passwords: 5 of a user at a group, and 1,000 of everybody at it, in 15 minutes are the most. Kept in
 * this process alone.
 */
export function createGuesses() {
  const ofUser = new RateLimiterMemory({ points: WRONG_OF_USER_MAX, duration: SECONDS });
  const ofGroup = new RateLimiterMemory({ points: WRONG_OF_GROUP_MAX, duration: SECONDS });
  const keyOf = (userId: number, groupId: number) => `${groupId}:${userId}`;

  return {
    /** Counts a guess, which is wrong until it proves right. Throws ERR_TOO_MANY_REQUESTS where there have been too many. */
    async begin(userId: number, groupId: number): Promise<void> {
      try {
        await ofUser.consume(keyOf(userId, groupId));
        await ofGroup.consume(groupId);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        throw new ChatError(
          'ERR_TOO_MANY_REQUESTS',
          `\`password\` was guessed wrong too often: ${WRONG_OF_USER_MAX} times in ${SECONDS / 60} minutes are the most. Try again in ${Math.ceil(error.msBeforeNext / 1000)} seconds.`,
        );
      }
    },

    /** Forgets a user's guesses, of which the last was right. */
    async right(userId: number, groupId: number): Promise<void> {
      await ofUser.delete(keyOf(userId, groupId));
      await ofGroup.reward(groupId);
    },
  };
}

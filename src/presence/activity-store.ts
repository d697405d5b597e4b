import { and, eq, isNull, placeholder as ph, sql } from 'drizzle-orm';
import { store } from '../store/handle.ts';

export const activityStore = store(({ db, t: { users }, all, sql: { pairs } }) => {
  const seen = pairs(ph('seen'), 'number');
  return {
    /** Says of users, by their row ids, when they were last active; what is known of a later time stays, and who is deleted is left alone. */
    write: all(
      () =>
        db
          .update(users)
          .set({ lastActiveAt: seen.second })
          .from(seen.table)
          .where(
            and(
              eq(users.id, seen.first),
              isNull(users.deletedAt),
              sql`coalesce(${users.lastActiveAt}, 0) < ${seen.second}`,
            ),
          )
          .returning({ id: users.id }),
      (list: readonly (readonly [userId: number, at: number])[]) => ({ seen: list }),
    ),
  };
});

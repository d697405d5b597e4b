import { and, eq, placeholder as ph, sql } from 'drizzle-orm';
import { store } from '../store/handle.ts';

/** Who gave which reaction to a message. */
export const reactionsStore = store(({ db, t: { reactions }, one }) => {
  const { messageId, reaction } = reactions;
  const of = sql`from ${reactions} where ${messageId} = ${ph('messageId')}`;
  // From each reaction to the next on the index, however many gave it.
  const different = sql`(with recursive kind(name) as (
      select min(${reaction}) ${of}
      union all select (select min(${reaction}) ${of} and ${reaction} > kind.name) from kind where kind.name is not null)
    select count(name) as count from kind) as different`;
  return {
    /** Gives nothing where the user had given it already. */
    add: one(
      () =>
        db
          .insert(reactions)
          .values({ messageId: ph('messageId'), reaction: ph('reaction'), userId: ph('userId'), at: ph('at') })
          .onConflictDoNothing()
          .returning({ at: reactions.at }),
      (message: number, name: string, userId: number, at: number) => ({
        messageId: message,
        reaction: name,
        userId,
        at,
      }),
    ),
    /** Gives nothing where the user had not given it. */
    remove: one(
      () =>
        db
          .delete(reactions)
          .where(and(eq(messageId, ph('messageId')), eq(reaction, ph('reaction')), eq(reactions.userId, ph('userId'))))
          .returning({ at: reactions.at }),
      (message: number, name: string, userId: number) => ({ messageId: message, reaction: name, userId }),
    ),
    /** Somebody who gave the reaction. */
    anyOf: one(
      () =>
        db
          .select({ userId: reactions.userId })
          .from(reactions)
          .where(and(eq(messageId, ph('messageId')), eq(reaction, ph('reaction'))))
          .limit(1),
      (message: number, name: string) => ({ messageId: message, reaction: name }),
    ),
    /** How many different reactions a message has. */
    countDifferent: one(
      () => db.select({ count: sql<number>`count`.mapWith(Number).as('count') }).from(different),
      (message: number) => ({ messageId: message }),
    ),
  };
});

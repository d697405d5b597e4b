import { and, count, eq, gt, isNotNull, placeholder as ph } from 'drizzle-orm';
import { store } from '../store/handle.ts';

/** What is pinned in a conversation, and what users have saved. */
export const keepingStore = store(({ db, t: { messages: m, saves, participants: p }, one }) => ({
  countPinned: one(
    () =>
      db
        .select({ count: count() })
        .from(m)
        .where(and(eq(m.conversationId, ph('conversationId')), isNotNull(m.pinnedAt))),
    (conversationId: number) => ({ conversationId }),
  ),
  countSaved: one(
    () =>
      db
        .select({ count: count() })
        .from(saves)
        .where(eq(saves.userId, ph('userId'))),
    (userId: number) => ({ userId }),
  ),
  /** How many of those that the user may still read. */
  countReadableSaved: one(
    () =>
      db
        .select({ count: count() })
        .from(saves)
        .innerJoin(m, eq(m.id, saves.messageId))
        .innerJoin(p, and(eq(p.userId, saves.userId), eq(p.conversationId, m.conversationId)))
        .where(and(eq(saves.userId, ph('userId')), p.active, gt(m.id, p.clearedUpTo))),
    (userId: number) => ({ userId }),
  ),
  saved: one(
    () =>
      db
        .select()
        .from(saves)
        .where(and(eq(saves.userId, ph('userId')), eq(saves.messageId, ph('messageId')))),
    (userId: number, messageId: number) => ({ userId, messageId }),
  ),
  save: one(
    () =>
      db
        .insert(saves)
        .values({ userId: ph('userId'), messageId: ph('messageId'), savedAt: ph('at') })
        .returning({ at: saves.savedAt }),
    (userId: number, messageId: number, at: number) => ({ userId, messageId, at }),
  ),
  /** Gives nothing where it was not saved. */
  unsave: one(
    () =>
      db
        .delete(saves)
        .where(and(eq(saves.userId, ph('userId')), eq(saves.messageId, ph('messageId'))))
        .returning({ at: saves.savedAt }),
    (userId: number, messageId: number) => ({ userId, messageId }),
  ),
}));

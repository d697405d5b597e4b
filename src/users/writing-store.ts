import { and, eq, placeholder as ph } from 'drizzle-orm';
import { store } from '../store/handle.ts';
import { NO_PROFILE, type Profile } from './profile.ts';
import { sortKey } from './user.ts';

/** A user who is to be made. */
export type NewUser = Partial<Profile> & { readonly uid: string; readonly name: string; readonly createdAt: number };

export const userWritingStore = store(({ db, t: { users, blocks }, one }) => ({
  add: one(
    () =>
      db
        .insert(users)
        .values({
          uid: ph('uid'),
          sortKey: ph('sortKey'),
          name: ph('name'),
          avatar: ph('avatar'),
          link: ph('link'),
          role: ph('role'),
          email: ph('email'),
          credits: ph('credits'),
          statusMessage: ph('statusMessage'),
          metadata: ph('metadata'),
          tags: ph('tags'),
          createdAt: ph('createdAt'),
        })
        .returning(),
    (user: NewUser) => ({ ...NO_PROFILE, ...user, sortKey: sortKey(user.name, user.uid) }),
  ),
  addBlock: one(
    () =>
      db
        .insert(blocks)
        .values({ blockerId: ph('blocker'), blockedId: ph('blocked'), at: ph('at') })
        .onConflictDoNothing()
        .returning(),
    (blocker: number, blocked: number, at: number) => ({ blocker, blocked, at }),
  ),
  removeBlock: one(
    () =>
      db
        .delete(blocks)
        .where(and(eq(blocks.blockerId, ph('blocker')), eq(blocks.blockedId, ph('blocked'))))
        .returning(),
    (blocker: number, blocked: number) => ({ blocker, blocked }),
  ),
}));

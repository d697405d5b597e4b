import { placeholder as ph, sql } from 'drizzle-orm';
import { type Handle, store } from '../store/handle.ts';

const resortStore = store(({ db, t: { users, memberships, bans }, all, sql: { among } }) => {
  const ofIds = (ids: readonly number[]) => ({ ids });
  return {
    members: all(
      () =>
        db
          .update(memberships)
          .set({ sortKey: sql`(select ${users.sortKey} from ${users} where ${users.id} = ${memberships.userId})` })
          .where(among(memberships.userId, ph('ids')))
          .returning({ id: memberships.id }),
      ofIds,
    ),
    bans: all(
      () =>
        db
          .update(bans)
          .set({ sortKey: sql`(select ${users.sortKey} from ${users} where ${users.id} = ${bans.userId})` })
          .where(among(bans.userId, ph('ids')))
          .returning({ id: bans.userId }),
      ofIds,
    ),
  };
});

/** Gives the memberships and bans of users whose names have changed their new place in lists. */
export async function resort(tx: Handle, userIds: readonly number[]): Promise<void> {
  await resortStore(tx).members(userIds);
  await resortStore(tx).bans(userIds);
}

import { and, eq, gte, lt, placeholder as ph, sql } from 'drizzle-orm';
import { type Handle, store } from '../store/handle.ts';

/** How much of a user goes: all but what they wrote, or everything. */
export type Extent = 'profile' | 'everything';

const pendingStore = store(({ db, t: { meta }, one, all }) => ({
  put: one(
    () =>
      db
        .insert(meta)
        .values({ name: ph('name'), value: ph('value') })
        .onConflictDoUpdate({ target: meta.name, set: { value: sql`excluded.value` } })
        .returning(),
    (name: string, value: Extent) => ({ name, value }),
  ),
  find: one(
    () =>
      db
        .select()
        .from(meta)
        .where(eq(meta.name, ph('name'))),
    (name: string) => ({ name }),
  ),
  remove: one(
    () =>
      db
        .delete(meta)
        .where(eq(meta.name, ph('name')))
        .returning(),
    (name: string) => ({ name }),
  ),
  list: all(
    () =>
      db
        .select()
        .from(meta)
        .where(and(gte(meta.name, ph('from')), lt(meta.name, ph('to')))),
    () => ({ from: 'erasing:', to: 'erasing;' }),
  ),
}));

const nameOf = (userId: number): string => `erasing:${userId}`;

/** Keeps that a user's deletion has begun: whoever ends in the middle of it finishes it when they start again. */
export async function putPending(tx: Handle, userId: number, extent: Extent): Promise<void> {
  await pendingStore(tx).put(nameOf(userId), extent);
}

export async function findPending(handle: Handle, userId: number): Promise<Extent | undefined> {
  const row = await pendingStore(handle).find(nameOf(userId));
  return row?.value as Extent | undefined;
}

/** The deletion is done. */
export async function removePending(tx: Handle, userId: number): Promise<void> {
  await pendingStore(tx).remove(nameOf(userId));
}

/** The row ids of users whose deletion has begun. */
export async function listPending(handle: Handle): Promise<number[]> {
  const rows = await pendingStore(handle).list();
  return rows.map(({ name }) => Number(name.slice(nameOf(0).length - 1)));
}

import { hash } from 'node:crypto';
import { eq, placeholder as ph } from 'drizzle-orm';
import { type Awaitable, andThen } from '../awaitable.ts';
import { type Handle, store } from '../store/handle.ts';

const goneStore = store(({ db, t: { meta }, one }) => ({
  find: one(
    () =>
      db
        .select()
        .from(meta)
        .where(eq(meta.name, ph('name'))),
    (name: string) => ({ name }),
  ),
  add: one(
    () =>
      db
        .insert(meta)
        .values({ name: ph('name'), value: '' })
        .onConflictDoNothing()
        .returning(),
    (name: string) => ({ name }),
  ),
}));

/** Under what a uid is remembered whose row no longer has it: not the uid itself. */
const nameOf = (uid: string): string => `gone:${hash('sha256', uid, 'base64url')}`;

/** Whether this was the uid of somebody who was deleted for good: it comes back only where an API key gives it anew. */
export const isGone = (handle: Handle, uid: string): Awaitable<boolean> =>
  andThen(goneStore(handle).find(nameOf(uid)), (row) => row !== undefined);

/** Remembers the uid of somebody who is deleted for good. */
export async function rememberGone(tx: Handle, uid: string): Promise<void> {
  await goneStore(tx).add(nameOf(uid));
}

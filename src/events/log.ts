import { eq, max, placeholder as ph } from 'drizzle-orm';
import { type Awaitable, all, andThen } from '../awaitable.ts';
import { type Database, store } from '../store/handle.ts';

const logStore = store(({ db, t: { events, meta }, one }) => ({
  last: one(
    () => db.select({ position: max(events.position) }).from(events),
    () => ({}),
  ),
  meta: one(
    () =>
      db
        .select()
        .from(meta)
        .where(eq(meta.name, ph('name'))),
    (name: string) => ({ name }),
  ),
}));

/** The log of what happened, in order. */
export function createLog(db: Database) {
  const read = logStore(db.read);

  /** Where the log stands: the name of this log, and the position of its last event. Opaque to clients. */
  function readCursor(): Awaitable<string> {
    return andThen(all([read.meta('epoch'), read.last()]), ([epoch, last]) =>
      Buffer.from(`${epoch?.value}:${last?.position ?? 0}`).toString('base64url'),
    );
  }

  return {
    loaders() {
      let first: Awaitable<string> | undefined;
      /** The cursor as it was when it was first asked for in this request. */
      return { cursor: () => (first ??= readCursor()) };
    },
  };
}

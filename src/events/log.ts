import { eq, placeholder as ph } from 'drizzle-orm';
import { type Awaitable, all, andThen } from '../awaitable.ts';
import { type Database, must, store } from '../store/handle.ts';
import { BEGINNING, encodeCursor, type Place } from './cursor.ts';
import { lastPlace } from './feed-store.ts';

const logStore = store(({ db, t: { meta }, one }) => ({
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
  const { meta } = logStore(db.read);

  /** The name of this log: another one's cursors mean nothing here. It changes where a backup is restored, or history imported. */
  const epoch = (): Awaitable<string> => andThen(meta('epoch'), (row) => must(row).value);

  /** Where the log stands, as clients know it. */
  const readCursor = (): Awaitable<string> =>
    andThen(all([epoch(), lastPlace(db.read)]), ([name, place]) => encodeCursor(name, place));

  return {
    epoch,
    /** The last place that is no longer kept: a cursor from before it can't be resumed. */
    floor: (): Awaitable<Place> => andThen(meta('log_floor'), (row) => (row ? JSON.parse(row.value) : BEGINNING)),
    loaders() {
      let first: Awaitable<string> | undefined;
      /** The cursor as it was when it was first asked for in this request. */
      return { cursor: () => (first ??= readCursor()) };
    },
  };
}

export type Log = ReturnType<typeof createLog>;

import { placeholder as ph, sql } from 'drizzle-orm';
import { type Handle, store } from '../store/handle.ts';
import type { Place } from './cursor.ts';

/** How many events one write removes, so that the writes of others never wait long. */
const BATCH = 500;

const retentionStore = store(({ db, t: { events, eventTopics, meta }, sql: dialect, one, all }) => {
  const ofEvents = (positions: readonly number[]) => ({ positions });
  return {
    oldest: all(
      () =>
        db
          .select({ xid: events.xid, position: events.position, at: events.at })
          .from(events)
          .where(dialect.settled(events.xid))
          .orderBy(events.xid, events.position)
          .limit(ph('limit')),
      (limit: number) => ({ limit }),
    ),
    removeTopics: all(
      () =>
        db
          .delete(eventTopics)
          .where(dialect.among(eventTopics.position, ph('positions')))
          .returning({ position: eventTopics.position }),
      ofEvents,
    ),
    remove: all(
      () =>
        db
          .delete(events)
          .where(dialect.among(events.position, ph('positions')))
          .returning({ position: events.position }),
      ofEvents,
    ),
    setFloor: one(
      () =>
        db
          .insert(meta)
          .values({ name: 'log_floor', value: ph('value') })
          .onConflictDoUpdate({ target: meta.name, set: { value: sql`excluded.value` } })
          .returning(),
      ({ xid, position }: Place) => ({ value: JSON.stringify({ xid, position }) }),
    ),
  };
});

/**
 * Removes some of the events at the log's beginning that happened before a time, and keeps where the log begins now; whether there were
 * any. The last event that is settled always stays: by it one knows where the log stands.
 */
export async function removeSomeBefore(tx: Handle, time: number): Promise<boolean> {
  const { oldest, removeTopics, remove, setFloor } = retentionStore(tx);
  const kept = await oldest(BATCH + 1);
  const end = kept.findIndex(({ at }, n) => at >= time || n === kept.length - 1);
  const old = kept.slice(0, Math.max(0, end));
  const last = old.at(-1);
  if (!last) return false;
  const positions = old.map(({ position }) => position);
  await removeTopics(positions);
  await remove(positions);
  await setFloor(last);
  return true;
}

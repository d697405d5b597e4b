import { and, desc, eq, getTableColumns, placeholder as ph, sql } from 'drizzle-orm';
import { type Awaitable, andThen } from '../awaitable.ts';
import { type Handle, store } from '../store/handle.ts';
import type { events } from '../store/tables.sqlite.ts';
import { BEGINNING, type Place } from './cursor.ts';

/** An event as the log keeps it. */
export type LoggedEvent = typeof events.$inferSelect;

/** A stretch of the log in which a topic is heard: after one position, up to another. */
export interface Period {
  readonly topic: string;
  readonly from: number;
  readonly to: number;
}

export const feedStore = store(({ db, t: { events, eventTopics }, sql: dialect, one, all }) => {
  const settled = dialect.settled(events.xid);
  const periods = dialect.periods(ph('periods'));
  const after = (xid: unknown, position: unknown) => sql`(${xid}, ${position}) > (${ph('xid')}, ${ph('position')})`;
  const upTo = (xid: unknown, position: unknown) => sql`(${xid}, ${position}) <= (${ph('toXid')}, ${ph('toPosition')})`;
  return {
    last: one(
      () =>
        db
          .select({ xid: events.xid, position: events.position })
          .from(events)
          .where(settled)
          .orderBy(desc(events.xid), desc(events.position))
          .limit(1),
      () => ({}),
    ),
    first: one(
      () =>
        db
          .select({ xid: events.xid, position: events.position })
          .from(events)
          .orderBy(events.xid, events.position)
          .limit(1),
      () => ({}),
    ),
    /** What comes after a place, as far as no transaction that is still under way can come between. */
    since: all(
      () =>
        db
          .select()
          .from(events)
          .where(and(after(events.xid, events.position), settled))
          .orderBy(events.xid, events.position)
          .limit(ph('limit')),
      ({ xid, position }: Place, limit: number) => ({ xid, position, limit }),
    ),
    /** Whether anything was committed after a place, also what a transaction still under way may come before. */
    anySince: one(
      () => db.select({ position: events.position }).from(events).where(after(events.xid, events.position)).limit(1),
      ({ xid, position }: Place) => ({ xid, position }),
    ),
    /** The same, of those topics alone and no further than a place: each event once. */
    heard: all(
      () => {
        const heard = db
          .select({ position: eventTopics.position })
          .from(periods.table)
          .innerJoin(
            eventTopics,
            and(
              eq(eventTopics.topic, periods.topic),
              after(eventTopics.xid, eventTopics.position),
              upTo(eventTopics.xid, eventTopics.position),
              sql`${eventTopics.position} > ${periods.from}`,
              sql`${eventTopics.position} <= ${periods.to}`,
            ),
          );
        return db
          .select(getTableColumns(events))
          .from(events)
          .where(sql`${events.position} in ${heard}`)
          .orderBy(events.xid, events.position)
          .limit(ph('limit'));
      },
      (heard: readonly Period[], { xid, position }: Place, to: Place, limit: number) => ({
        periods: heard.map(({ topic, from, to: end }) => [topic, from, end]),
        xid,
        position,
        toXid: to.xid,
        toPosition: to.position,
        limit,
      }),
    ),
    topicsOf: all(
      () =>
        db
          .select({ position: eventTopics.position, topic: eventTopics.topic })
          .from(eventTopics)
          .where(dialect.among(eventTopics.position, ph('positions'))),
      (positions: readonly number[]) => ({ positions }),
    ),
  };
});

/** Where the log ends, as far as it is settled. */
export const lastPlace = (handle: Handle): Awaitable<Place> =>
  andThen(feedStore(handle).last(), (last) => last ?? BEGINNING);

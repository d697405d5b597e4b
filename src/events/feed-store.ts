import { and, desc, eq, placeholder as ph, sql } from 'drizzle-orm';
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
    /**
     * Of each topic, in its period, the places after one and up to another: so many at the most, each as JSON, `[xid,position]`, with
     * commas between. Read topic by topic, as what is left of a long log would be read anew for each page.
     */
    heard: all(
      () => {
        const first = db
          .select({ xid: eventTopics.xid, position: eventTopics.position })
          .from(eventTopics)
          .where(
            and(
              eq(eventTopics.topic, periods.topic),
              after(eventTopics.xid, eventTopics.position),
              upTo(eventTopics.xid, eventTopics.position),
              sql`${eventTopics.position} > ${periods.from}`,
              sql`${eventTopics.position} <= ${periods.to}`,
            ),
          )
          .orderBy(eventTopics.xid, eventTopics.position)
          .limit(ph('limit'))
          .as('first');
        const places = sql<string | null>`(select string_agg('[' || xid || ',' || position || ']', ',') from ${first})`;
        return db.select({ places }).from(periods.table);
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
    at: all(
      () =>
        db
          .select()
          .from(events)
          .where(dialect.among(events.position, ph('positions'))),
      (positions: readonly number[]) => ({ positions }),
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

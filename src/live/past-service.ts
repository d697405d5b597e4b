import { comparePlaces, type Place } from '../events/cursor.ts';
import { groupTopic, userTopic } from '../events/event.ts';
import { feedStore, type Period } from '../events/feed-store.ts';
import type { Log } from '../events/log.ts';
import { keptGuid } from '../groups/group.ts';
import type { Database } from '../store/handle.ts';
import type { UserViewer } from '../viewer.ts';
import { BriefMap } from './brief-map.ts';
import type { Occurrence } from './occurrence.ts';
import { occurrenceOf } from './pump-service.ts';
import { rightsStore } from './rights-store.ts';

const EVER = Number.MAX_SAFE_INTEGER;

/** What was told to users before, for those who come back: often many at once, after the same events. */
export function createPast({ db, log }: { db: Database; log: Log }) {
  const feed = feedStore(db.read);
  const rights = rightsStore(db.read);
  const read = new BriefMap<number, Occurrence>();

  /** The stretches of the log in which the user hears each of their topics. */
  async function periodsOf({ id, uid }: UserViewer): Promise<Period[]> {
    const memberships = await rights.memberships(id);
    const groups = memberships.map(({ guid, from, to }) => ({
      topic: groupTopic(keptGuid(guid)),
      from,
      to: to ?? EVER,
    }));
    return [{ topic: userTopic(uid), from: 0, to: EVER }, ...groups];
  }

  /** The events at these positions, in the order that these are in. */
  async function at(positions: readonly number[]): Promise<Occurrence[]> {
    const found = positions.map((position) => read.get(position));
    const missing = positions.filter((_, n) => !found[n]);
    if (missing.length === 0) return found as Occurrence[];
    const epoch = await log.epoch();
    const events = await feed.at(missing);
    const rest = new Map(events.map((event) => [event.position, occurrenceOf(event, [], epoch)]));
    for (const [position, occurrence] of rest) read.set(position, occurrence);
    return positions.flatMap((position, n) => found[n] ?? rest.get(position) ?? []);
  }

  return {
    /** The events after one place and up to another that the user was told of, in order: so many at the most. */
    async heardBy(user: UserViewer, after: Place, upTo: Place, limit: number): Promise<Occurrence[]> {
      const places = (await feed.heard(await periodsOf(user), after, upTo, limit))
        .flatMap(placesOf)
        .sort(comparePlaces);
      const positions = [...new Set(places.map(({ position }) => position))];
      return at(positions.slice(0, limit));
    },
  };
}

const placesOf = ({ places }: { readonly places: string | null }): Place[] =>
  JSON.parse(`[${places ?? ''}]`).map(([xid, position]: [number, number]) => ({ xid, position }));

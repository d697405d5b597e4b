import { andThen } from '../awaitable.ts';
import { now } from '../clock.ts';
import { ChatError } from '../errors.ts';
import { comparePlaces, decodeCursor, encodeCursor, type Place } from '../events/cursor.ts';
import { type EventKind, groupTopic, userTopic } from '../events/event.ts';
import { lastPlace } from '../events/feed-store.ts';
import type { Log } from '../events/log.ts';
import { keptGuid } from '../groups/group.ts';
import type { Database } from '../store/handle.ts';
import { requireUser, type UserViewer, type Viewer } from '../viewer.ts';
import { isKept, type Occurrence, type PassingKind } from './occurrence.ts';
import { createPast } from './past-service.ts';
import { holdsAt, rightsStore } from './rights-store.ts';
import { type Listening, Source } from './source.ts';

const EVENTS_AT_ONCE = 500;

/** What `events` can be asked for; null and left out mean the same. */
export interface EventQuery {
  readonly after?: string | null | undefined;
  readonly kinds?: readonly (EventKind | PassingKind | 'RESYNC_REQUIRED')[] | null | undefined;
}

/** The stream of all that concerns a user, from a cursor on. */
export function createEventStream({ db, log }: { db: Database; log: Log }) {
  const past = createPast({ db, log });
  const rights = rightsStore(db.read);

  /** What of the events the user may see today: who has left a group, or deleted a conversation, sees ids alone. */
  async function shown(user: UserViewer, occurrences: readonly Occurrence[]): Promise<Occurrence[]> {
    const ids = new Set(occurrences.flatMap(({ conversationId }) => conversationId ?? []));
    const rows = ids.size > 0 ? await rights.participantIn(user.id, [...ids]) : [];
    const standings = new Map(rows.map((row) => [row.conversationId, row]));
    return occurrences.map((one) => {
      if (one.conversationId === null) return one;
      const standing = standings.get(one.conversationId);
      if (!standing?.active) return { ...one, hidden: 'group' };
      const isCleared = one.messageId !== null && one.messageId <= standing.clearedUpTo;
      return isCleared ? { ...one, hidden: 'message' } : one;
    });
  }

  /** Where to go on from, or why that is not possible any more. Throws ERR_INVALID_CURSOR. */
  async function placeAfter(cursor: string): Promise<Place | string> {
    const place = decodeCursor(cursor);
    if (!place) throw new ChatError('ERR_INVALID_CURSOR', '`after` is no cursor of the log: give one from `cursor`.');
    if (place.epoch !== (await log.epoch()))
      return 'The cursor is of another log: a backup was restored, or history imported.';
    if (comparePlaces(place, await log.floor()) < 0) return 'The cursor is older than what is kept.';
    if (comparePlaces(place, await lastPlace(db.read)) > 0)
      return 'The cursor is newer than anything that has happened.';
    return place;
  }

  return {
    /**
     * All that concerns the user, in order, after the cursor where one is given. Where the log can't be resumed from there, the first
     * event is RESYNC_REQUIRED. Throws ERR_INVALID_CURSOR for what is no cursor.
     */
    async events(viewer: Viewer | undefined, { after, kinds }: EventQuery): Promise<Source> {
      const user = requireUser(viewer);
      const wanted = kinds ? new Set<string>([...kinds, 'RESYNC_REQUIRED']) : undefined;
      const from = after == null ? undefined : await placeAfter(after);
      return new Source({
        viewer: user,
        key: '',
        accepts: ({ kind }) => wanted?.has(kind) ?? true,
        topicsAt: (place) =>
          andThen(rights.memberships(user.id), (memberships) => [
            userTopic(user.uid),
            ...memberships.filter((one) => holdsAt(one, place)).map(({ guid }) => groupTopic(keptGuid(guid))),
          ]),
        knows: typeof from === 'object' ? (one) => isKept(one) && comparePlaces(one.place, from) <= 0 : undefined,
        catchUp: typeof from === 'string' ? resync(user, from) : from && replay(user, from),
        seen: (occurrences) => shown(user, occurrences),
      });
    },
  };

  function replay(user: UserViewer, from: Place): NonNullable<Listening['catchUp']> {
    let since = from;
    let readUpTo = from;
    return async (upTo, last) => {
      if (comparePlaces(upTo, readUpTo) <= 0) return [];
      if (last && comparePlaces(last.place, since) > 0) since = last.place;
      const events = await past.heardBy(user, since, upTo, EVENTS_AT_ONCE);
      if (comparePlaces(since, await log.floor()) < 0) {
        throw new ChatError(
          'ERR_INVALID_CURSOR',
          'What comes next is no longer kept: fetch anew, and follow from there.',
        );
      }
      since = events.at(-1)?.place ?? since;
      if (events.length < EVENTS_AT_ONCE) readUpTo = upTo;
      return events;
    };
  }

  function resync(user: UserViewer, reason: string): NonNullable<Listening['catchUp']> {
    let since: ReturnType<typeof replay> | undefined;
    return async (place, last) => {
      if (since) return since(place, last);
      since = replay(user, place);
      const cursor = encodeCursor(await log.epoch(), place);
      return [{ ...NOTHING, kind: 'RESYNC_REQUIRED', at: now(), details: { reason }, place, cursor }];
    };
  }
}

const NOTHING = {
  topics: [],
  byId: null,
  conversationId: null,
  messageId: null,
  userId: null,
  hidden: false,
} satisfies Partial<Occurrence>;

import { type Awaitable, andThen } from '../awaitable.ts';
import { comparePlaces, encodeCursor, type Place } from '../events/cursor.ts';
import { lastPlace } from '../events/feed-store.ts';
import type { Database } from '../store/handle.ts';
import type { Hub } from './hub.ts';
import type { Occurrence } from './occurrence.ts';
import { rightsStore } from './rights-store.ts';

const NOBODY: ReadonlySet<number> = new Set();

/** What passes by, told at the log's place of the moment. */
export interface Passing {
  readonly told: Omit<Occurrence, 'place' | 'cursor' | 'hidden'>;
  /** Who made it, and is not told of it. */
  readonly except?: number | undefined;
  /** The group whose members it is for. */
  readonly guid?: string | undefined;
}

/** Up to where the log is told; nowhere where nobody listens. */
interface Told {
  readonly epoch: string;
  readonly place: Place | undefined;
}

type IsMember = (userId: number) => boolean;

/** Tells what passes by to those who may hear of it now. */
export function createPassingBy({ db, hub }: { readonly db: Database; readonly hub: Hub }) {
  const rights = rightsStore(db.read);

  /** Who of those who hear of a group are its members now, where the event with which a membership ends may still wait to be told. */
  function isMemberNow(
    topics: readonly string[],
    guid: string | undefined,
    place: Place,
  ): Awaitable<IsMember | undefined> {
    if (guid === undefined) return undefined;
    return andThen(mayBeBehind(place), (isBehind) => (isBehind ? memberAmong(topics, guid) : undefined));
  }

  /** Whether anything has happened that is not told yet: on PostgreSQL something may have that is not to be seen. */
  function mayBeBehind(place: Place): Awaitable<boolean> {
    if (db.read.dialect === 'postgres') return true;
    return andThen(lastPlace(db.read), (last) => comparePlaces(last, place) > 0);
  }

  function memberAmong(topics: readonly string[], guid: string): Awaitable<IsMember> {
    const hearing = new Set(topics.flatMap((topic) => hub.listenersTo(topic)).map(({ userId }) => userId));
    const userIds = [...hearing].filter((userId) => userId !== undefined);
    if (userIds.length === 0) return () => false;
    return andThen(rights.membersAmong(guid, userIds), (rows) => {
      const members = new Set(rows.map(({ userId }) => userId));
      return (userId: number) => members.has(userId);
    });
  }

  return ({ told, except, guid }: Passing, { epoch, place }: Told): Awaitable<void> => {
    if (!place) return undefined;
    return andThen(isMemberNow(told.topics, guid, place), (isMember) => {
      const occurrence = { ...told, place, cursor: encodeCursor(epoch, place), hidden: false } as const;
      if (except === undefined && !isMember) return hub.publish(occurrence, NOBODY);
      const tells = (userId: number | undefined) =>
        userId === undefined || (userId !== except && (isMember?.(userId) ?? true));
      return hub.publish(occurrence, NOBODY, { tells });
    });
  };
}

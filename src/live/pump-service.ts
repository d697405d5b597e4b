import { type Awaitable, andThen } from '../awaitable.ts';
import { encodeCursor, type Place } from '../events/cursor.ts';
import { feedStore, type LoggedEvent, lastPlace } from '../events/feed-store.ts';
import type { Log } from '../events/log.ts';
import type { Database } from '../store/handle.ts';
import type { Hub, Listener } from './hub.ts';
import type { Occurrence } from './occurrence.ts';
import { createPassingBy, type Passing } from './passing-service.ts';
import { rightsStore } from './rights-store.ts';
import type { Sessions } from './sessions.ts';

const EVENTS_AT_ONCE = 200;
const UNSETTLED_MS = 10; // PostgreSQL: how long to wait where a transaction is still under way that an event may come before

/** Kinds of event about a message that was there before: who has deleted it for themself is not shown it again. */
const OF_OLD_MESSAGES: ReadonlySet<string> = new Set([
  'MESSAGE_EDITED',
  'MESSAGE_DELETED',
  'MESSAGE_PINNED',
  'MESSAGE_UNPINNED',
  'REACTION_ADDED',
  'REACTION_REMOVED',
  'CALL_UPDATED',
]);
const RETRY_MS = 1_000;
const NOBODY: ReadonlySet<number> = new Set();

interface Options {
  readonly db: Database;
  readonly log: Log;
  readonly hub: Hub;
  readonly sessions: Sessions;
  /** Hears of what kept the log from being read, which is tried again. */
  readonly report: (error: unknown) => void;
}

/**
 * Brings what happens from the log to the hub, in the order of the log and each once, as soon as it is committed. Between two
 * events it settles who may hear what: a membership that ends, ends with its event.
 */
export function createPump({ db, log, hub, sessions, report }: Options) {
  const feed = feedStore(db.read);
  const rights = rightsStore(db.read);
  const pass = createPassingBy({ db, hub });
  const passing: Passing[] = [];
  let epoch = '';
  let place: Place | undefined;
  let running = false;
  let telling: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  const stopListening = db.onCommit(wake);

  function wake() {
    again = true;
    if (running) return;
    running = true;
    run()
      .catch((error) => {
        report(error);
        wakeIn(RETRY_MS);
      })
      .finally(() => {
        running = false;
        if (again) wake();
      });
  }

  async function run() {
    again = false;
    for (;;) {
      for (let one = passing.shift(); one; one = passing.shift()) await pass(one, { epoch, place });
      if (!place || hub.size() + sessions.size() === 0) return skip();
      const events = await feed.since(place, EVENTS_AT_ONCE);
      if (events.length === 0 && passing.length === 0) break;
      const topics = await topicsOf(events);
      for (const event of events) {
        const done = tell(event, topics.get(event.position) ?? [], event !== events.at(-1));
        if (done instanceof Promise) await between(done);
      }
    }
    await waitForUnsettled();
  }

  /** Nobody joins the hub while an event is being told. */
  async function between(done: Promise<void>) {
    telling = done;
    await done.finally(() => {
      telling = undefined;
    });
  }

  /** Nobody listens: whoever comes next starts from where the log is then. */
  function skip() {
    place = undefined;
  }

  /** On PostgreSQL, what was committed behind a transaction that is still under way is told once that is over, which it may just be. */
  async function waitForUnsettled() {
    if (db.read.dialect === 'sqlite' || !place || timer) return;
    const { xid, position } = place;
    if (await feed.anySince({ xid, position })) wakeIn(UNSETTLED_MS);
  }

  function wakeIn(ms: number) {
    timer ??= setTimeout(() => {
      timer = undefined;
      wake();
    }, ms);
  }

  async function topicsOf(events: readonly LoggedEvent[]): Promise<Map<number, string[]>> {
    const found = new Map<number, string[]>();
    for (const { position, topic } of await feed.topicsOf(events.map((event) => event.position))) {
      found.set(position, [...(found.get(position) ?? []), topic]);
    }
    return found;
  }

  function tell(event: LoggedEvent, topics: readonly string[], more: boolean): Awaitable<void> {
    const next = { xid: event.xid, position: event.position };
    const occurrence = occurrenceOf(event, topics, epoch);
    return andThen(hiddenFrom(event), (hidden) =>
      andThen(hub.publish(occurrence, hidden, { more }), () => {
        place = next;
        return settle(occurrence);
      }),
    );
  }

  function hiddenFrom({ kind, conversationId, messageId }: LoggedEvent): Awaitable<ReadonlySet<number>> {
    if (!OF_OLD_MESSAGES.has(kind) || conversationId === null || messageId === null) return NOBODY;
    return andThen(rights.clearedBeyond(conversationId, messageId), (rows) =>
      rows.length === 0 ? NOBODY : new Set(rows.map(({ userId }) => userId)),
    );
  }

  /** After it, those whose rights it changed hear what they may. */
  function settle({ kind, userId, topics, place: at }: Occurrence): Awaitable<void> {
    if (kind === 'USER_UPDATED' && userId !== null) sessions.recheck(userId);
    if (kind === 'MEMBERSHIP_CHANGED' && userId !== null) return reconsider(hub.listenersOf(userId), at);
    if (kind !== 'GROUP_DELETED') return undefined;
    return reconsider(
      topics.flatMap((topic) => hub.listenersTo(topic)),
      at,
    );
  }

  function reconsider(listeners: readonly Listener[], at: Place): Awaitable<void> {
    hub.flush(); // what was told before is still theirs
    const work = listeners.map((listener) =>
      andThen(listener.reconsider(at), (topics) => {
        if (topics) hub.hear(listener, topics);
      }),
    );
    return work.some((done) => done instanceof Promise) ? Promise.all(work).then(() => {}) : undefined;
  }

  return {
    /**
     * Runs the job, which awaits nothing, while no event is being told, with the place of the last one that was: whoever joins the hub
     * in it hears all that comes after that place.
     */
    async at<T>(job: (place: Place) => T): Promise<T> {
      epoch ||= await log.epoch();
      if (!place) {
        const last = await lastPlace(db.read);
        place ??= last;
        wake(); // what was committed since then is told to whoever listens
      }
      while (telling) await telling;
      return job(place);
    },
    /** Tells what is not kept, after what is under way. */
    pass(occurrence: Passing): void {
      passing.push(occurrence);
      wake();
    },
    /** Looks for what other processes have added to the log, which nobody says. */
    look(): void {
      if (place && !timer) wake();
    },
    /** Where the log is another one by now, whose cursors go on from none of the old, all are to come back. */
    beginAnew(current: string): void {
      if (!epoch || current === epoch) return;
      epoch = current;
      hub.interruptAll();
    },
    stop() {
      stopListening();
      clearTimeout(timer);
    },
  };
}

export type Pump = ReturnType<typeof createPump>;

/** An event of the log, as it is told. */
export function occurrenceOf(event: LoggedEvent, topics: readonly string[], epoch: string): Occurrence {
  const { kind, at, byId, conversationId, messageId, userId, details, xid, position } = event;
  const place = { xid, position };
  return {
    kind: kind as Occurrence['kind'],
    at,
    place,
    cursor: encodeCursor(epoch, place),
    topics,
    byId,
    conversationId,
    messageId,
    userId,
    details,
    hidden: false,
  };
}

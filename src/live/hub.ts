import { type Awaitable, andThen } from '../awaitable.ts';
import type { Place } from '../events/cursor.ts';
import { Batch } from './batch.ts';
import type { Occurrence, Rendered } from './occurrence.ts';

const WINDOW_MS = 2; // what falls closer together than this leaves together

/** Subscriptions that show the same: one execution for all of them. */
export interface Share {
  accepts(occurrence: Occurrence): boolean;
  /** What they show of it; nothing where the database does not answer. Never throws: any other error is shown. */
  render(occurrence: Occurrence): Awaitable<Rendered | undefined>;
  /** The same, or what it was a moment ago: for those who catch up, many at a time, on the same events. */
  renderAgain(occurrence: Occurrence): Awaitable<Rendered | undefined>;
}

/** Takes results, in order. Others of the same share are sent the same batch. */
export interface Target {
  send(batch: Batch): void;
}

/** One subscription of one client. */
export interface Listener {
  readonly share: Share;
  readonly userId: number | undefined;
  /** Who takes its results now: the client's socket or stream itself where all of them are for it, as each step between costs time. */
  readonly target: Target;
  /** Who may hear what has changed: the topics to hear now, or nothing where it has left, or is not yet to hear any. */
  reconsider(place: Place): Awaitable<readonly string[] | undefined>;
  /** It can't be told what comes next, and is to come back for it. */
  interrupt(): void;
}

interface Item {
  readonly listeners: Iterable<Listener>;
  readonly result: Rendered;
}

/**
 * Who listens on this node, by topic. What is published reaches every listener in the order in which it was published; the first
 * result leaves at once, and those close behind it together.
 */
export function createHub() {
  const topics = new Map<string, Map<Share, Set<Listener>>>();
  const joined = new Map<Listener, readonly string[]>();
  const entering = new Set<Listener>(); // who hears nothing yet
  const ofUsers = new Map<number, Set<Listener>>();
  const pending = new Map<Share, Item[]>();
  let timer: NodeJS.Timeout | undefined;
  let flushed = 0;

  function add(listener: Listener, names: readonly string[]) {
    joined.set(listener, names);
    for (const name of names) {
      const shares = topics.get(name) ?? new Map<Share, Set<Listener>>();
      const listeners = shares.get(listener.share) ?? new Set<Listener>();
      topics.set(name, shares.set(listener.share, listeners.add(listener)));
    }
  }

  function remove(listener: Listener) {
    for (const name of joined.get(listener) ?? []) {
      const shares = topics.get(name);
      const listeners = shares?.get(listener.share);
      listeners?.delete(listener);
      if (listeners?.size === 0) shares?.delete(listener.share);
      if (shares?.size === 0) topics.delete(name);
    }
    joined.delete(listener);
  }

  function listenersOf({ topics: names }: Occurrence): Map<Share, Set<Listener>> {
    const [only, ...others] = names;
    if (only === undefined) return new Map();
    if (others.length === 0) return topics.get(only) ?? new Map();
    const found = new Map<Share, Set<Listener>>();
    for (const name of names) {
      for (const [share, listeners] of topics.get(name) ?? []) {
        const known = found.get(share);
        found.set(share, known ? known.union(listeners) : listeners);
      }
    }
    return found;
  }

  /** Takes in what is to be sent; at once where the result is there. Who can't be told of it is to be told of nothing after it. */
  function enqueue(share: Share, listeners: Iterable<Listener>, occurrence: Occurrence): Awaitable<void> {
    return andThen(share.render(occurrence), (result) => {
      if (!result) return interrupt(listeners);
      const items = pending.get(share) ?? [];
      items.push({ listeners, result });
      pending.set(share, items);
    });
  }

  function interrupt(listeners: Iterable<Listener>) {
    flush(); // what was told before is theirs
    for (const listener of [...listeners]) listener.interrupt();
  }

  function schedule(more: boolean) {
    const wait = more ? WINDOW_MS : WINDOW_MS - (performance.now() - flushed);
    if (wait <= 0 && !timer) flush();
    else timer ??= setTimeout(flush, wait);
  }

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    for (const [share, items] of pending) {
      pending.delete(share);
      for (let start = 0, end = 1; start < items.length; start = end, end += 1) {
        const { listeners } = items[start] as Item;
        while (end < items.length && items[end]?.listeners === listeners) end += 1;
        const batch = new Batch(items.slice(start, end).map(({ result }) => result));
        for (const { target } of listeners) target.send(batch);
      }
    }
    flushed = performance.now();
  }

  return {
    /** How many listeners there are. */
    size: () => joined.size,
    /** Takes a listener in, who hears nothing yet. */
    enter(listener: Listener): void {
      joined.set(listener, []);
      entering.add(listener);
      if (listener.userId === undefined) return;
      ofUsers.set(listener.userId, (ofUsers.get(listener.userId) ?? new Set()).add(listener));
    },
    /** Hears these topics, and no others, with what is published from now on. */
    hear(listener: Listener, names: readonly string[]): void {
      flush(); // what was published before is not for it, or still is
      entering.delete(listener);
      remove(listener);
      add(listener, names);
    },
    leave(listener: Listener): void {
      entering.delete(listener);
      remove(listener);
      if (listener.userId === undefined) return;
      const others = ofUsers.get(listener.userId);
      others?.delete(listener);
      if (others?.size === 0) ofUsers.delete(listener.userId);
    },
    /** Everybody who hears the topic, or may be about to. */
    listenersTo: (topic: string): Listener[] => [
      ...entering,
      ...[...(topics.get(topic)?.values() ?? [])].flatMap((listeners) => [...listeners]),
    ],
    /** Every listener of a user. */
    listenersOf: (userId: number): Listener[] => [...(ofUsers.get(userId) ?? [])],
    /**
     * Tells all who hear it, those whom it is hidden from without what they may not see. Done once every result is made; the next
     * occurrence is to wait for that. Where `more` are known to follow, it waits to leave with them. Where it is not for everybody who
     * hears its topics, `tells` says for whom it is.
     */
    publish(
      occurrence: Occurrence,
      hiddenFrom: ReadonlySet<number>,
      { tells, more = false }: { tells?: (userId: number | undefined) => boolean; more?: boolean } = {},
    ): Awaitable<void> {
      const work: Promise<void>[] = [];
      const take = (done: Awaitable<void>) => {
        if (done instanceof Promise) work.push(done);
      };
      for (const [share, listeners] of listenersOf(occurrence)) {
        if (!share.accepts(occurrence)) continue;
        if (hiddenFrom.size === 0 && !tells) {
          take(enqueue(share, listeners, occurrence));
          continue;
        }
        const told = [...listeners].filter(({ userId }) => !tells || tells(userId));
        const isBlind = ({ userId }: Listener) => userId !== undefined && hiddenFrom.has(userId);
        const blind = told.filter(isBlind);
        const seeing = blind.length === 0 ? told : told.filter((listener) => !isBlind(listener));
        if (seeing.length > 0) take(enqueue(share, seeing, occurrence));
        const hidden = { ...occurrence, hidden: 'message' } as const;
        if (blind.length > 0 && share.accepts(hidden)) take(enqueue(share, blind, hidden));
      }
      if (work.length > 0) return Promise.all(work).then(() => schedule(more));
      if (pending.size > 0) schedule(more);
      return undefined;
    },
    /** All are to come back. */
    interruptAll(): void {
      interrupt(joined.keys());
    },
    flush,
  };
}

export type Hub = ReturnType<typeof createHub>;

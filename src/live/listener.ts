import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Awaitable, andThen, orElse } from '../awaitable.ts';
import type { Place } from '../events/cursor.ts';
import { isOutage } from '../store/outage.ts';
import { Batch } from './batch.ts';
import type { Hub, Listener, Share, Target } from './hub.ts';
import { isKept, type Occurrence, type Rendered } from './occurrence.ts';
import type { Listening } from './source.ts';

const HELD_BYTES_MAX = 1024 * 1024;
const NOBODY: Target = { send() {} };
const SENT_BYTES = 64 * 1024; // of what happened before, how much is sent before looking whether there is room

/** Where a subscription's results go: a socket, or a stream of server-sent events. */
export interface Sink extends Target {
  /** Resolves once what was sent is on its way, so that more may follow. */
  room(): Awaitable<void>;
  /** Ends the subscription; with an error where it can't go on. */
  end(error?: Error): void;
  /** Breaks off the connection, in a way that says to come back. */
  interrupt(): void;
}

interface Live {
  readonly hub: Hub;
  readonly pump: { at<T>(job: (place: Place) => T): Promise<T> };
}

interface Hooks {
  /** What a subscription ends with when its right ends. */
  readonly refused: () => Error;
  /** Called once, when the subscription is over. */
  readonly over: () => void;
}

/**
 * Starts a subscription: first what happened before, where it asks for that, then what happens, with nothing between missed or
 * told twice. Gives what stops it.
 */
export function startListening(
  { hub, pump }: Live,
  share: Share,
  listening: Listening,
  sink: Sink,
  { refused, over }: Hooks,
): () => void {
  let state: 'joining' | 'held' | 'live' | 'over' = 'joining';
  let rights = 0; // how often they have changed
  let held: Occurrence[] = [];
  let heldBytes = 0;
  let dropped = false;
  let last: Occurrence | undefined; // of those held that were told: the log is read on from there
  let { knows } = listening;

  const gate: Target = {
    send(batch) {
      if (state === 'held') hold(batch.results);
      else if (state === 'live') send(newOf(batch.results), batch);
      open();
    },
  };
  const listener: Listener & { target: Target } = {
    share,
    userId: listening.viewer.kind === 'user' ? listening.viewer.id : undefined,
    target: gate,
    reconsider(place) {
      rights += 1;
      if (state === 'joining' || state === 'over') return undefined;
      const asked = orElse(() => listening.topicsAt(place), fail);
      return andThen(asked, (topics) => {
        if (!topics) end(refused());
        return isOver() ? undefined : topics;
      });
    },
    interrupt,
  };

  /** From then on that nothing is to be held or left out, the client is sent what all are. */
  function open() {
    if (state === 'live' && !knows) listener.target = sink;
  }

  /** Sends these results, with the bytes of the batch where they are all of it. */
  function send(results: readonly Rendered[], batch?: Batch) {
    if (results === batch?.results) sink.send(batch);
    else if (results.length > 0) sink.send(new Batch(results));
  }

  /** What of the results the client has not heard of yet. */
  function newOf(results: readonly Rendered[]): readonly Rendered[] {
    if (!knows) return results;
    const isKnown = knows;
    const news = results.filter(({ of }) => !isKnown(of));
    if (news.some(({ of }) => isKept(of))) knows = undefined; // nor of what comes after it
    return news.length === results.length ? results : news;
  }

  /** Holds what happens meanwhile; of a client that is slow to catch up nothing is held any more, and the log is read further. */
  function hold(results: readonly Rendered[]) {
    if (dropped) return;
    for (const { of, json } of results) {
      held.push(of);
      heldBytes += json.length;
    }
    dropped = heldBytes > HELD_BYTES_MAX;
    if (dropped) held = [];
  }

  /** What was held of which the client has not heard yet; it is held no longer. */
  function release(): readonly Occurrence[] {
    const released = held.filter((one) => !knows?.(one));
    [held, heldBytes] = [[], 0];
    last = released.findLast(isKept) ?? last;
    return released;
  }

  /** Nothing may be told after what could not be, or to who may no longer have a right to it. */
  function fail(error: unknown): undefined {
    if (isOutage(error)) interrupt();
    else end(error as Error);
  }

  function interrupt() {
    if (state === 'over') return;
    stop();
    sink.interrupt();
  }

  function end(error?: Error) {
    if (state === 'over') return;
    stop();
    sink.end(error);
  }

  function stop() {
    if (state === 'over') return;
    state = 'over';
    listener.target = NOBODY;
    hub.leave(listener);
    over();
  }

  async function start() {
    let upTo = await join();
    if (!upTo) return;
    for (;;) {
      const some = (await listening.catchUp?.(upTo, last)) ?? [];
      if (isOver()) return;
      if (some.length > 0) await tell(some);
      else if (dropped) upTo = await holdAgain();
      else if (held.length > 0) await tell(release());
      else break;
      if (isOver()) return;
    }
    state = 'live';
    open();
  }

  /** Tells of what happened before, as fast as the client reads: after each wait, what the viewer may see by then. */
  async function tell(some: readonly Occurrence[]) {
    for (let rest = some; rest.length > 0 && !isOver(); ) {
      const seen = (await listening.seen?.(rest)) ?? rest;
      if (isOver()) return;
      rest = seen.slice(await tellFirst(seen));
    }
  }

  /** Tells so many of the first as are sent at once, where there is room, and waits until there is for more. Gives how many it told. */
  async function tellFirst(some: readonly Occurrence[]): Promise<number> {
    const results: Rendered[] = [];
    let [count, bytes] = [0, 0];
    for (const one of some) {
      count += 1;
      if (share.accepts(one)) {
        const rendered = one.hidden ? share.render(one) : share.renderAgain(one);
        const result = rendered instanceof Promise ? await rendered : rendered; // a turn for each takes longer than the rest
        if (!result) interrupt();
        if (!result || isOver()) return count;
        results.push(result);
        bytes += result.json.length;
      }
      if (bytes >= SENT_BYTES) break;
    }
    const full = sink.room(); // others of the same client may have taken it meanwhile
    if (!full) send(results);
    await (full ?? sink.room());
    await nextTurn(); // others have their turn
    return full ? 0 : count;
  }

  /** Holds what happens from now on; gives the place up to which the log is to be read. */
  async function holdAgain(): Promise<Place> {
    return pump.at((place) => {
      hub.flush(); // what was published before is not to be held
      [dropped, heldBytes] = [false, 0];
      return place;
    });
  }

  /** Begins to hear, and holds what it hears; gives the place from which on it hears. */
  async function join(): Promise<Place | undefined> {
    for (;;) {
      const before = rights;
      const topics = await listening.topicsAt(await pump.at((place) => place));
      const joinedAt = await pump.at((place) => {
        if (isOver() || before !== rights || !topics) return undefined;
        state = listening.catchUp ? 'held' : 'live';
        hub.hear(listener, topics);
        return place;
      });
      if (joinedAt || isOver()) return joinedAt;
      if (before === rights) end(refused());
    }
  }

  const isOver = () => state === 'over';

  hub.enter(listener);
  start().catch(fail);
  return stop;
}

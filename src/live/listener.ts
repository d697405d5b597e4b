import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Awaitable, andThen } from '../awaitable.ts';
import type { Place } from '../events/cursor.ts';
import type { Frames, Hub, Listener, Share } from './hub.ts';
import type { Rendered } from './occurrence.ts';
import type { Listening } from './source.ts';

const HELD_BYTES_MAX = 1024 * 1024;

/** Where a subscription's results go: a socket, or a stream of server-sent events. */
export interface Sink {
  /** Sends results, in order; gives the frames that it made of them, where others can use them. */
  send(batch: readonly Rendered[], frames: Frames | undefined): Frames | undefined;
  /** Resolves once what was sent is on its way, so that more may follow. */
  room(): Awaitable<void>;
  /** Ends the subscription; with an error where it can't go on. */
  end(error?: Error): void;
}

interface Live {
  readonly hub: Hub;
  readonly pump: { place(): Promise<Place> };
}

interface Hooks {
  /** What a subscription ends with when its right ends. */
  readonly refused: () => Error;
  /** Called once, when the subscription is over. */
  readonly over: () => void;
}

/** A subscription can't be held back any longer while its client catches up: it is to come back with its last cursor. */
export class TooFarBehind extends Error {}

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
  const held: Rendered[] = [];
  let heldBytes = 0;

  const listener: Listener = {
    share,
    userId: listening.viewer.kind === 'user' ? listening.viewer.id : undefined,
    deliver(batch, frames) {
      if (state === 'live') return sink.send(batch, frames);
      if (state === 'held') hold(batch);
      return frames;
    },
    reconsider(place) {
      rights += 1;
      if (state === 'joining' || state === 'over') return undefined;
      return andThen(listening.topicsAt(place), (topics) => {
        if (!topics) end(refused());
        return topics;
      });
    },
  };

  function hold(batch: readonly Rendered[]) {
    held.push(...batch);
    heldBytes += batch.reduce((sum, { tail }) => sum + tail.length, 0);
    if (heldBytes > HELD_BYTES_MAX) end(new TooFarBehind());
  }

  function end(error?: Error) {
    if (state === 'over') return;
    stop();
    sink.end(error);
  }

  function stop() {
    if (state === 'over') return;
    state = 'over';
    hub.leave(listener);
    over();
  }

  async function start() {
    const joinedAt = await join();
    if (!joinedAt) return;
    for (;;) {
      const some = (await listening.catchUp?.(joinedAt)) ?? [];
      if (some.length === 0 || isOver()) break;
      const results: Rendered[] = [];
      for (const one of some) {
        if (share.accepts(one)) results.push(await (one.hidden ? share.render(one) : share.renderAgain(one)));
      }
      if (isOver()) return;
      sink.send(results, undefined);
      await sink.room();
      await nextTurn(); // others have their turn
    }
    if (isOver()) return;
    state = 'live';
    const told = listening.caughtUpTo?.() ?? 0;
    const rest = held.filter(({ messageId }) => told === 0 || messageId === null || messageId > told);
    if (rest.length > 0) sink.send(rest, undefined);
    held.length = 0;
  }

  /** Begins to hear, and holds what it hears; gives the place from which on it hears. */
  async function join(): Promise<Place | undefined> {
    for (;;) {
      const before = rights;
      const topics = await listening.topicsAt(await pump.place());
      const place = await pump.place();
      if (isOver()) return undefined;
      if (before !== rights) continue;
      if (!topics) {
        end(refused());
        return undefined;
      }
      state = listening.catchUp ? 'held' : 'live';
      hub.hear(listener, topics);
      return place;
    }
  }

  const isOver = () => state === 'over';

  hub.enter(listener);
  start().catch(end);
  return stop;
}

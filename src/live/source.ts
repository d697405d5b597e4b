import type { Awaitable } from '../awaitable.ts';
import type { Place } from '../events/cursor.ts';
import type { Viewer } from '../viewer.ts';
import type { Occurrence } from './occurrence.ts';

/** What a subscription listens to, once its viewer was found to be allowed. */
export interface Listening {
  readonly viewer: Viewer;
  /** What tells it from others of the same field and variables, where these mean something else for another viewer. */
  readonly key: string;
  accepts(occurrence: Occurrence): boolean;
  /** The topics to hear from this place of the log on; nothing where the viewer may no longer listen. */
  topicsAt(place: Place): Awaitable<readonly string[] | undefined>;
  /** What happened before, up to a place, to be told first: some at a time, until it gives nothing; all after `last`, where that was told. */
  readonly catchUp?: ((upTo: Place, last?: Occurrence) => Awaitable<readonly Occurrence[]>) | undefined;
  /** What of what happened before the viewer may see now: asked just before they are told, as that may end while they are slow to read. */
  readonly seen?: ((occurrences: readonly Occurrence[]) => Awaitable<readonly Occurrence[]>) | undefined;
  /**
   * Whether the client has heard of it already: from `catchUp`, or before it came. It is not told again. Of two events of the log, who
   * has not heard of the first has not heard of the second.
   */
  readonly knows?: ((occurrence: Occurrence) => boolean) | undefined;
}

/** What the resolver of a subscription's field gives. It is run by `subscribe` (http/subscribe.ts), which knows the hub. */
export class Source implements AsyncIterable<Occurrence> {
  readonly listening: Listening;
  constructor(listening: Listening) {
    this.listening = listening;
  }
  [Symbol.asyncIterator](): AsyncIterator<Occurrence> {
    throw new Error('only subscribe can run this');
  }
}

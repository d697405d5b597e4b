import type { ExecutionResult } from 'graphql';
import { type Sink, TooFarBehind } from '../live/listener.ts';
import type { Rendered } from '../live/occurrence.ts';

const QUEUED_BYTES_MAX = 1024 * 1024;
const ROOM_BYTES = 256 * 1024;

/** A result whose text is there already: Yoga's writer of server-sent events takes `stringify` where a result has it. */
type Shown = ExecutionResult & { stringify(): string };

/**
 * A subscription as an iterator, for server-sent events. Bounded: it ends with an error where its reader falls 1 MB behind. Its
 * `return` acts at once, which that of an async generator would not while it waits for an event.
 */
export function createStream(attach: (sink: Sink) => () => void): AsyncIterableIterator<ExecutionResult> {
  const queue: Rendered[] = [];
  let bytes = 0;
  let over: { readonly error?: Error | undefined } | undefined;
  let wanted: PromiseWithResolvers<IteratorResult<ExecutionResult>> | undefined;
  let roomy: PromiseWithResolvers<void> | undefined;

  let stop: (() => void) | undefined;
  const sink: Sink = {
    send(batch) {
      queue.push(...batch);
      bytes += batch.reduce((sum, { json }) => sum + json.length, 0);
      if (bytes > QUEUED_BYTES_MAX) finish(new TooFarBehind());
      settle();
      return undefined;
    },
    room() {
      if (bytes < ROOM_BYTES) return undefined;
      roomy ??= Promise.withResolvers();
      return roomy.promise;
    },
    end: finish,
  };

  function finish(error?: Error) {
    over ??= { error };
    roomy?.resolve();
    settle();
  }

  function settle() {
    if (!wanted) return;
    const result = queue.shift();
    if (result) {
      bytes -= result.json.length;
      wanted.resolve({ done: false, value: shown(result) });
    } else if (over?.error) wanted.reject(over.error);
    else if (over) wanted.resolve({ done: true, value: undefined });
    else return;
    wanted = undefined;
    if (bytes < ROOM_BYTES) roomy?.resolve();
    if (bytes < ROOM_BYTES) roomy = undefined;
  }

  const iterator: AsyncIterableIterator<ExecutionResult> = {
    next() {
      stop ??= attach(sink); // not before: what is never read must not listen
      wanted = Promise.withResolvers();
      const { promise } = wanted;
      settle();
      return promise;
    },
    async return() {
      stop?.();
      finish();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

const shown = ({ json }: Rendered): Shown => ({ stringify: () => json });

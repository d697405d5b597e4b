import type { ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import type { Sink } from '../live/listener.ts';

const QUEUED_BYTES_MAX = 1024 * 1024;
const ROOM_BYTES = 256 * 1024;

/** A result whose text is there already: Yoga's writer of server-sent events takes `stringify` where a result has it. */
type Shown = ExecutionResult & { stringify(): string };

interface Options {
  /** Starts sending results; gives what stops it. */
  readonly attach: (sink: Sink) => () => void;
  /** What the stream's reader is shown of an error that ends it. */
  readonly present: (error: Error) => ExecutionResult;
  /** Where the stream goes. It is destroyed where its reader falls 1 MB behind: they are to come back with their last cursor. */
  readonly response: ServerResponse;
}

interface Waiting {
  readonly text: string;
  readonly bytes: number;
}

/**
 * A subscription as an iterator, for server-sent events. Its `return` acts at once, which that of an async generator would not while
 * it waits for an event.
 */
export function createStream({ attach, present, response }: Options): AsyncIterableIterator<ExecutionResult> {
  const queue: Waiting[] = [];
  let bytes = 0;
  let over = false;
  let wanted: PromiseWithResolvers<IteratorResult<ExecutionResult>> | undefined;
  let roomy: PromiseWithResolvers<void> | undefined;
  let stop: (() => void) | undefined;

  const sink: Sink = {
    send({ results }) {
      if (over) return;
      if (bytes > QUEUED_BYTES_MAX) {
        response.destroy();
        return close();
      }
      for (const { json, tail } of results) push(json, tail.length);
    },
    room() {
      if (bytes < ROOM_BYTES || over) return undefined;
      roomy ??= Promise.withResolvers();
      return roomy.promise;
    },
    end(error) {
      if (over) return;
      if (error) push(JSON.stringify(present(error)), 0);
      over = true;
      settle();
    },
  };

  function push(text: string, size: number) {
    queue.push({ text, bytes: size });
    bytes += size;
    settle();
  }

  function settle() {
    if (!wanted) return;
    const next = queue.shift();
    if (next) {
      bytes -= next.bytes;
      wanted.resolve({ done: false, value: shown(next.text) });
    } else if (over) wanted.resolve({ done: true, value: undefined });
    else return;
    wanted = undefined;
    if (bytes >= ROOM_BYTES) return;
    roomy?.resolve();
    roomy = undefined;
  }

  /** Nobody reads any more. */
  function close() {
    over = true;
    queue.length = 0;
    bytes = 0;
    stop?.();
    roomy?.resolve();
    settle();
  }

  const iterator: AsyncIterableIterator<ExecutionResult> = {
    next() {
      wanted = Promise.withResolvers();
      const { promise } = wanted;
      if (!stop && !over) {
        stop = attach(sink); // not before: what is never read must not listen
        response.once('close', close); // at once, whatever Yoga waits for
        if (response.destroyed) close();
      }
      settle();
      return promise;
    },
    async return() {
      close();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

const shown = (text: string): Shown => ({ stringify: () => text });

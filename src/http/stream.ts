import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ExecutionResult } from 'graphql';
import { serverSent } from '../live/batch.ts';
import type { Sink } from '../live/listener.ts';

const QUEUED_BYTES_MAX = 1024 * 1024;
const ROOM_BYTES = 256 * 1024;
const PING_MS = 12_000;
const PING = Buffer.from(':\n\n');
const COMPLETE = Buffer.from('event: complete\ndata:\n\n');

interface Options {
  /** Starts sending results; gives what stops it. */
  readonly attach: (sink: Sink) => () => void;
  /** What the stream's reader is shown of an error that ends it. */
  readonly present: (error: Error) => ExecutionResult;
  /** Where the stream goes. It is destroyed where its reader falls 1 MB behind, or can't be told what comes next: they are to come back with their last cursor. */
  readonly response: ServerResponse;
}

/** A subscription as server-sent events, in bytes that all who are sent the same share. It begins once it is read. */
export function createStream({ attach, present, response }: Options): Readable {
  let over = false;
  let roomy: PromiseWithResolvers<void> | undefined;
  let stop: (() => void) | undefined;
  let pings: NodeJS.Timeout | undefined;

  const stream = new Readable({
    highWaterMark: ROOM_BYTES,
    read() {
      if (!stop) begin();
      haveRoom();
    },
    destroy(error, done) {
      over = true;
      clearInterval(pings);
      stop?.();
      haveRoom();
      done(error);
    },
  });

  const sink: Sink = {
    send(batch) {
      if (over) return;
      if (stream.readableLength + response.writableLength <= QUEUED_BYTES_MAX) stream.push(batch.serverSent);
      else sink.interrupt();
    },
    room() {
      if (over || stream.readableLength < ROOM_BYTES) return undefined;
      roomy ??= Promise.withResolvers();
      return roomy.promise;
    },
    interrupt() {
      stream.destroy();
      response.destroy();
    },
    end(error) {
      if (over) return;
      over = true;
      if (error) stream.push(serverSent([Buffer.from(JSON.stringify(present(error)))]));
      stream.push(COMPLETE);
      stream.push(null);
    },
  };

  function begin() {
    stream.push(PING); // some browsers wait for a first byte
    pings = setInterval(() => {
      if (!over && stream.readableLength === 0) stream.push(PING);
    }, PING_MS);
    stop = attach(sink);
  }

  function haveRoom() {
    roomy?.resolve();
    roomy = undefined;
  }

  response.once('close', () => stream.destroy());
  if (response.destroyed) stream.destroy();
  return stream;
}

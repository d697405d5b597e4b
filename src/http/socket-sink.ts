import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Batch } from '../live/batch.ts';
import type { Sink } from '../live/listener.ts';
import type { Logger } from '../log.ts';
import { isOutage } from '../store/outage.ts';
import { CLOSE_CODES } from './close-codes.ts';

const QUEUED_BYTES_MAX = 1024 * 1024;
const ROOM_BYTES = 256 * 1024;

const UNAVAILABLE = 'What comes next can not be read now: come back with your last cursor';

/** A WebSocket and the socket under it, which is the upgrade request's: whole frames written there leave as they are. */
export interface Wire {
  readonly socket: WebSocket;
  readonly stream: Duplex;
  /** Closes the socket, and ends all that is under way on it. */
  close(code: number, reason: string): void;
}

/** Whether more may be sent. Bounds all that waits for a client, whoever sent it: one that does not read is cut at 1 MB. */
export function isWritable({ socket, stream, close }: Wire): boolean {
  if (socket.readyState !== socket.OPEN) return false; // after ws's close frame nothing may follow
  if (stream.writableLength < QUEUED_BYTES_MAX) return true;
  close(CLOSE_CODES.tooSlow, 'Too slow: come back with your last cursor'); // behind what waits: seen by a client that reads on in time
  return false;
}

/** Closes the socket for an error that nobody expected, or because the database does not answer: then the client is to come back. */
export function closeFor(error: unknown, { close }: Wire, log: Logger, requestId: string): void {
  log.error({ requestId, err: error }, isOutage(error) ? 'the database does not answer' : 'unexpected error');
  if (isOutage(error)) close(CLOSE_CODES.unavailable, UNAVAILABLE);
  else close(CLOSE_CODES.unexpected, 'Internal server error');
}

/**
 * Sends a subscription's results as frames of its own making, whose bytes others with ids as long use in turn. It is a class, and has
 * what it needs of its wire: of thousands that are sent an event, most objects have left the processor's cache since the last one.
 */
export class SocketSink implements Sink {
  readonly socket: Wire['socket'];
  readonly stream: Wire['stream'];
  readonly close: Wire['close'];
  readonly end: Sink['end'];
  readonly #id: string;

  constructor({ socket, stream, close }: Wire, id: string, end: Sink['end']) {
    [this.socket, this.stream, this.close] = [socket, stream, close];
    this.#id = JSON.stringify(id);
    this.end = end;
  }

  send(batch: Batch): void {
    if (!isWritable(this)) return;
    const frames = batch.framesOf(this.#id);
    this.stream.write(frames.bytes);
    if (this.stream.writableLength > 0) frames.keep(); // else the system has them, and they may change
  }

  interrupt(): void {
    this.close(CLOSE_CODES.unavailable, UNAVAILABLE);
  }

  room(): Promise<void> | undefined {
    const { stream } = this;
    if (stream.writableLength < ROOM_BYTES || stream.destroyed) return undefined;
    const room = rooms.get(stream) ?? roomIn(stream);
    rooms.set(stream, room);
    return room;
  }
}

/** What resolves once a full stream has room, for all who wait for it. */
const rooms = new WeakMap<Duplex, Promise<void>>();

function roomIn(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      rooms.delete(stream);
      resolve();
    };
    stream.once('drain', done).once('close', done);
  });
}

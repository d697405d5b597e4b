import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Sink } from '../live/listener.ts';
import { CLOSE_CODES } from './close-codes.ts';

const QUEUED_BYTES_MAX = 1024 * 1024;
const ROOM_BYTES = 256 * 1024;

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

/** Sends a subscription's results as frames of its own making, whose bytes others with ids as long use in turn. */
export function createSocketSink(wire: Wire, id: string, end: Sink['end']): Sink {
  const { stream } = wire;
  const idAsJson = JSON.stringify(id);
  return {
    send(batch) {
      if (!isWritable(wire)) return;
      const frames = batch.framesOf(idAsJson);
      stream.write(frames.bytes);
      if (stream.writableLength > 0) frames.keep(); // else the system has them, and they may change
    },
    room() {
      if (stream.writableLength < ROOM_BYTES || stream.destroyed) return undefined;
      return new Promise((resolve) => {
        const done = () => {
          stream.off('drain', done).off('close', done);
          resolve();
        };
        stream.once('drain', done).once('close', done);
      });
    },
    end,
  };
}

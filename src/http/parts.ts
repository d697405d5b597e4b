import { PassThrough, type Readable } from 'node:stream';
import { ChatError } from '../errors.ts';
import { type Arriving, Upload } from '../upload.ts';

const UNTAKEN_MS_MAX = 30_000;

/** A file that is to arrive. */
interface Slot {
  readonly arrival: PromiseWithResolvers<Arriving>;
  taken: boolean;
  arrived: boolean;
  /** Nobody wants it any more, or nobody can have it. */
  gone: boolean;
  /** The part, while it has arrived and nobody has taken it. */
  waiting: Arriving | undefined;
}

/**
 * Brings together the files that arrive and those who take them, each one's as a stream of their own: whatever becomes of that, the
 * rest of the request goes on. While nobody takes a file, nothing after it is read; after 30 s it passes by.
 */
export function createParts() {
  const slots = new Map<string, Slot>();
  const handed = new Set<PassThrough>();
  let passing = false;

  function hand(slot: Slot, { stream, ...about }: Arriving) {
    const own = new PassThrough();
    handed.add(own);
    own.on('error', () => {}); // for its reader
    own.once('close', () => {
      handed.delete(own);
      stream.unpipe(own);
      stream.resume();
    });
    slot.arrival.resolve({ ...about, stream: stream.pipe(own) });
  }

  function take(slot: Slot, signal: AbortSignal): Promise<Arriving> {
    if (slot.taken) throw new ChatError('ERR_BAD_REQUEST', 'A file of the request is used twice: send it twice.');
    slot.taken = true;
    const stop = () => {
      if (!slot.gone) giveUp(slot, signal.reason);
      slot.arrival.promise.then(
        ({ stream }) => stream.destroy(),
        () => {},
      );
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    if (!slot.gone && slot.waiting) hand(slot, slot.waiting);
    slot.waiting = undefined;
    return slot.arrival.promise;
  }

  function wait(slot: Slot, file: Arriving) {
    slot.waiting = file;
    const timer = setTimeout(() => slot.waiting && giveUp(slot, notTaken()), UNTAKEN_MS_MAX).unref();
    file.stream.once('close', () => clearTimeout(timer));
  }

  return {
    /** The file of a part that is to arrive. */
    expect(part: string): Upload {
      const slot: Slot = {
        arrival: Promise.withResolvers(),
        taken: false,
        arrived: false,
        gone: false,
        waiting: undefined,
      };
      slot.arrival.promise.catch(() => {}); // where nobody takes it, nobody has to hear of it
      slots.set(part, slot);
      return new Upload(async (signal) => take(slot, signal));
    },

    /** A part is here. */
    arrive(part: string, file: Arriving): void {
      file.stream.on('error', () => {}); // the parser tells of it too
      const slot = slots.get(part);
      if (!slot || slot.gone || slot.arrived || passing) letPass(file.stream);
      else if (slot.taken) hand(slot, file);
      else wait(slot, file);
      if (slot) slot.arrived = true;
    },

    /** Nothing more arrives. */
    end(error: ChatError): void {
      for (const slot of slots.values()) giveUp(slot, error);
      slots.clear();
    },

    /** What has begun to arrive is not going to be whole. */
    breakOff(error: ChatError): void {
      for (const stream of handed) stream.destroy(error);
    },

    /** Nobody takes what is still to come. */
    passBy(): void {
      passing = true;
      for (const slot of slots.values()) giveUp(slot, notTaken());
    },
  };
}

export type Parts = ReturnType<typeof createParts>;

function giveUp(slot: Slot, reason: unknown): void {
  slot.gone = true;
  slot.arrival.reject(reason);
  if (slot.waiting) letPass(slot.waiting.stream);
  slot.waiting = undefined;
}

const letPass = (stream: Readable): void => void stream.resume();

const notTaken = (): ChatError =>
  new ChatError('ERR_BAD_REQUEST', 'A file passed by unused: send files in the order in which the document uses them.');

import type { Readable } from 'node:stream';

/** A file whose bytes are arriving: its stream must be read to its end, or destroyed, before anything after it arrives. */
export interface Arriving {
  /** As its sender named it, without folders. */
  readonly name: string;
  /** What its sender says that it is. */
  readonly claimedType: string;
  readonly stream: Readable;
}

/** A file of the request that is being answered, whose bytes may still be on their way. */
export class Upload {
  readonly #take: (signal: AbortSignal) => Promise<Arriving>;

  constructor(take: (signal: AbortSignal) => Promise<Arriving>) {
    this.#take = take;
  }

  /**
   * The file, once it arrives; only once. Files arrive in the order in which they were sent, whatever order they are taken in.
   * Rejects with a ChatError where it does not arrive, and with the signal's reason where that ends the wait.
   */
  take(signal: AbortSignal): Promise<Arriving> {
    return this.#take(signal);
  }
}

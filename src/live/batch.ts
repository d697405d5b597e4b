import { Frames } from './frames.ts';
import type { Rendered } from './occurrence.ts';

/** Results that leave together. What is sent of them is made once for all who get the same. */
export class Batch {
  readonly results: readonly Rendered[];
  #frames: Frames | undefined;

  constructor(results: readonly Rendered[]) {
    this.results = results;
  }

  /** As WebSocket frames of an id, which is JSON. Unless they are kept, the next id is written over it. */
  framesOf(id: string): Frames {
    if (!this.#frames?.address(id)) this.#frames = new Frames(id, this.results);
    return this.#frames;
  }
}

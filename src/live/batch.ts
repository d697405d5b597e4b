import { Frames } from './frames.ts';
import type { Rendered } from './occurrence.ts';

/** Results that leave together. What is sent of them is made once for all who get the same. */
export class Batch {
  readonly results: readonly Rendered[];
  #frames: Frames | undefined;
  #serverSent: Buffer | undefined;

  constructor(results: readonly Rendered[]) {
    this.results = results;
  }

  /** As WebSocket frames of an id, which is JSON. Unless they are kept, the next id is written over it. */
  framesOf(id: string): Frames {
    if (!this.#frames?.address(id)) this.#frames = new Frames(id, this.results);
    return this.#frames;
  }

  /** As server-sent events. */
  get serverSent(): Buffer {
    this.#serverSent ??= serverSent(this.results.map(({ json }) => json));
    return this.#serverSent;
  }
}

const [BEFORE, AFTER] = [Buffer.from('event: next\ndata: '), Buffer.from('\n\n')];

/** Results, which are JSON, as server-sent events. */
export function serverSent(results: readonly Buffer[]): Buffer {
  const parts = results.flatMap((json) => [BEFORE, json, AFTER]);
  const bytes = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0)); // may wait: see frames.ts
  let at = 0;
  for (const part of parts) at += part.copy(bytes, at);
  return bytes;
}

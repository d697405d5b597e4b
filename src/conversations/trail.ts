const KEPT = 4_096;

/** Which conversations changed, one after the other: who has seen them up to somewhere looks only at those that came after. */
export class Trail {
  #before = 0;
  #ids: number[] = [];

  /** Where it ends now. */
  get end(): number {
    return this.#before + this.#ids.length;
  }

  add(id: number): void {
    if (this.#ids.length === 2 * KEPT) {
      this.#ids = this.#ids.slice(KEPT);
      this.#before += KEPT;
    }
    this.#ids.push(id);
  }

  /** Those that were added since it ended there; undefined where they are too many to be known still. */
  since(end: number): readonly number[] | undefined {
    if (end === this.end) return NONE;
    return end < this.#before ? undefined : this.#ids.slice(end - this.#before);
  }
}

const NONE: readonly number[] = [];

const KEPT_MS = 250;

/**
 * What was just made, for others who ask for the same at nearly the same time: soon after the first was put in, all is forgotten; and
 * at once where what `madeOf` gives is no longer the same.
 */
export class BriefMap<Key, Value> {
  readonly #kept = new Map<Key, Value>();
  readonly #madeOf: () => unknown;
  #of: unknown;

  constructor(madeOf: () => unknown = () => undefined) {
    this.#madeOf = madeOf;
  }

  get(key: Key): Value | undefined {
    this.#renew();
    return this.#kept.get(key);
  }

  set(key: Key, value: Value): void {
    this.#renew();
    if (this.#kept.size === 0) setTimeout(() => this.#kept.clear(), KEPT_MS).unref();
    this.#kept.set(key, value);
  }

  delete(key: Key): void {
    this.#kept.delete(key);
  }

  #renew() {
    const of = this.#madeOf();
    if (of !== this.#of) this.#kept.clear();
    this.#of = of;
  }
}

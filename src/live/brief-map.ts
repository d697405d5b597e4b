const KEPT_MS = 250;

/** What was just made, for others who ask for the same at nearly the same time: soon after the first was put in, all is forgotten. */
export class BriefMap<Key, Value> {
  readonly #kept = new Map<Key, Value>();

  get(key: Key): Value | undefined {
    return this.#kept.get(key);
  }

  set(key: Key, value: Value): void {
    if (this.#kept.size === 0) setTimeout(() => this.#kept.clear(), KEPT_MS).unref();
    this.#kept.set(key, value);
  }
}

/** Choices that the seed alone decides. */
export interface Chance {
  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number;
  /** Whether, so many times of a hundred. */
  of(percent: number): boolean;
  /** One of them. */
  one<T>(choices: readonly [T, ...T[]]): T;
}

/** Chance after mulberry32. */
export function chanceFrom(seed: number): Chance {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { below, of: (percent) => next() * 100 < percent, one: (choices) => choices[below(choices.length)] as never };
}

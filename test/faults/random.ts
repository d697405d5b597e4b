/** Numbers by chance, the same for the same seed. */
export interface Random {
  /** From `min` up to `max`, both among them. */
  whole(min: number, max: number): number;
  pick<T>(list: readonly T[]): T;
  /** Whether something that happens so often, from 0 to 1, happens now. */
  chance(often: number): boolean;
  /** Numbers of its own, that do not depend on who else asks. */
  fork(): Random;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return {
    whole,
    pick: (list) => list[whole(0, list.length - 1)] as (typeof list)[number],
    chance: (often) => next() < often,
    fork: () => createRandom(whole(0, 2 ** 32 - 1)),
  };
}

/** A measured figure, with what it was measured against and what was promised. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly promised: string;
  /** The same by processor time, which other programs on the machine disturb less: µs for each answer, or the ratio. */
  readonly byProcessorTime?: number;
}

/** As much of a race as says whether it can be run at all. */
export const SMOKE = { rounds: 1, ms: 5 };

/** The middle one of the values, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
  return (low + high) / 2;
}

/**
 * Runs the contenders in turn, `rounds` times each after one round that does not count, each for `ms`; gives the median of the
 * microseconds of processor time that one run of each took, which other programs on the machine disturb least.
 */
export function race<Name extends string>(
  contenders: Record<Name, () => unknown>,
  { rounds = 9, ms = 300 } = {},
): Record<Name, number> {
  const names = Object.keys(contenders) as Name[];
  const taken = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const micros = time(contenders[name], ms);
      if (round > 0) taken[name].push(micros);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(taken[name])])) as Record<Name, number>;
}

function time(run: () => unknown, ms: number): number {
  const until = performance.now() + ms;
  const before = process.cpuUsage();
  let runs = 0;
  while (performance.now() < until) {
    run();
    runs += 1;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / runs;
}

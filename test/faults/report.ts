/** What a program found: its figures, and whatever is not as it must be. */
export interface Report {
  readonly figures: Readonly<Record<string, number | string>>;
  readonly differences: readonly string[];
}

const SHOWN_MAX = 40;

/** Keeps what is not as it must be; of too many the first alone, and how many there are. */
export function createDifferences() {
  const found: string[] = [];
  let count = 0;
  return {
    add(...more: readonly string[]): void {
      count += more.length;
      for (const one of more) if (found.length < SHOWN_MAX) found.push(one);
    },
    count: () => count,
    found: (): string[] => (count > found.length ? [...found, `… and ${count - found.length} more`] : [...found]),
  };
}

export type Differences = ReturnType<typeof createDifferences>;

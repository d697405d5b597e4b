const WINDOW_MS = 1_000;

/** Lets so many a second through: counted from the first, for one client. */
export function createRate(max: number) {
  let start = 0;
  let count = 0;
  return {
    /** Whether one more may pass now. */
    pass(): boolean {
      const now = performance.now();
      if (now - start >= WINDOW_MS) [start, count] = [now, 0];
      count += 1;
      return count <= max;
    },
  };
}

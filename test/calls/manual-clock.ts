import type { Clock } from '../../src/clock.ts';

/** A clock that stands still until it is moved on. */
export interface ManualClock extends Clock {
  /** Lets so many seconds pass, with what is to be done on the way. */
  advance(seconds: number): void;
}

/** A clock that begins at a time, in seconds since 1970. */
export function createManualClock(start: number): ManualClock {
  let time = start;
  const jobs = new Map<() => void, number>();
  return {
    now: () => time,
    at(due, job) {
      if (due <= time) {
        job();
        return () => {};
      }
      const once = () => job();
      jobs.set(once, due);
      return () => void jobs.delete(once);
    },
    advance(seconds) {
      time += seconds;
      for (const [job, due] of [...jobs]) {
        if (due <= time && jobs.delete(job)) job();
      }
    },
  };
}

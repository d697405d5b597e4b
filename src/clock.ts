/** Now, in whole seconds since 1970-01-01T00:00:00Z: what every time in the data model is. */
export const now = (): number => Math.floor(Date.now() / 1000);

const TIMER_MS_MAX = 2 ** 31 - 1; // a longer one would fire at once

/** What tells the time, and calls back. */
export interface Clock {
  /** Whole seconds since 1970. */
  now(): number;
  /** Calls the job once, when it is that time, or sooner where that is weeks away; gives what calls it off. Keeps no process alive. */
  at(time: number, job: () => void): () => void;
}

/** The system's clock. */
export const systemClock: Clock = {
  now,
  at(time, job) {
    const timer = setTimeout(job, Math.min(time * 1000 - Date.now(), TIMER_MS_MAX)).unref();
    return () => clearTimeout(timer);
  },
};

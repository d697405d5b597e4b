/** Now, in whole seconds since 1970-01-01T00:00:00Z: what every time in the data model is. */
export const now = (): number => Math.floor(Date.now() / 1000);

/** What tells the time, and calls back. */
export interface Clock {
  /** Whole seconds since 1970. */
  now(): number;
  /** Calls the job once, so many milliseconds from now; gives what calls it off. Keeps no process alive. */
  after(ms: number, job: () => void): () => void;
}

/** The system's clock. */
export const systemClock: Clock = {
  now,
  after(ms, job) {
    const timer = setTimeout(job, ms).unref();
    return () => clearTimeout(timer);
  },
};

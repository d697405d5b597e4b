/** How benchmarks are to run. */
export interface Options {
  /** A glance on few data that says whether a benchmark works, not how fast anything is. */
  readonly smoke?: boolean;
  /** How many messages a made-up database has; where it is left out, reads are measured on the history. */
  readonly messages?: number | undefined;
  /** Where made-up databases are kept for the next run; where it is left out they go with the process. */
  readonly folder?: string | undefined;
}

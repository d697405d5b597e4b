import type { calls } from '../store/tables.sqlite.ts';

/** A row of `calls`: what a message of category call is beside a message. */
export type Call = typeof calls.$inferSelect;

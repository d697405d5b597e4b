import { customType, integer } from 'drizzle-orm/sqlite-core';
import type { Json } from '../json.ts';

/** A whole number up to 2^53 - 1. */
export const int = (name: string) => integer(name);

/** A number that the database hands out in rising order and never again. */
export const serial = (name: string) => integer(name).primaryKey({ autoIncrement: true });

/** The number of the transaction that wrote a row. SQLite has one writer, so that the rows' own order says it all. */
export const transactionId = (name: string) => integer(name).notNull().default(0);

/** True or false, stored as 1 or 0. */
export const bool = (name: string) => integer(name, { mode: 'boolean' }).notNull().default(false);

/** Text that is compared byte by byte: keys, and what lists are ordered by. */
export const key = customType<{ data: string; driverData: string }>({ dataType: () => 'text' });

/** Any JSON value, as text. Drizzle's own JSON mode would store a null from a placeholder as the text `null`. */
export const json = customType<{ data: Json; driverData: string | null }>({
  dataType: () => 'text',
  toDriver: (value) => (value === null ? null : JSON.stringify(value)),
  fromDriver: (value) => JSON.parse(value ?? 'null'),
});

/** A list of texts, stored as JSON. */
export const texts = customType<{ data: string[]; driverData: string }>({
  dataType: () => 'text',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) => (value === '[]' ? [] : JSON.parse(value)), // most have none
});

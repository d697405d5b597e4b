import { sql } from 'drizzle-orm';
import { bigint, boolean, customType } from 'drizzle-orm/pg-core';
import type { Json } from '../json.ts';

/** A whole number up to 2^53 - 1. */
export const int = (name: string) => bigint(name, { mode: 'number' });

/** A number that the database hands out in rising order and never again. */
export const serial = (name: string) => bigint(name, { mode: 'number' }).primaryKey().generatedByDefaultAsIdentity();

const xid8 = customType<{ data: number; driverData: string }>({ dataType: () => 'xid8', fromDriver: Number });

/** The number of the transaction that wrote a row: what makes the order of commit visible to a reader of the log. */
export const transactionId = (name: string) => xid8(name).notNull().default(sql`pg_current_xact_id()`);

/** True or false. */
export const bool = (name: string) => boolean(name).notNull().default(false);

/** Text that is compared byte by byte, whatever the database's collation: keys, and what lists are ordered by. */
export const key = customType<{ data: string; driverData: string }>({ dataType: () => 'text collate "C"' });

/** Any JSON value, with its order of keys. Drizzle's own type would parse twice: the text "1" came back as a number. */
export const json = customType<{ data: Json; driverData: Json }>({
  dataType: () => 'json',
  toDriver: (value) => (value === null ? null : JSON.stringify(value)),
  fromDriver: (value) => value,
});

/** A list of texts, stored as JSON. */
export const texts = customType<{ data: string[]; driverData: unknown }>({
  dataType: () => 'json',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) => value as string[],
});

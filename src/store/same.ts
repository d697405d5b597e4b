import type * as postgres from './tables.postgres.ts';
import type * as sqlite from './tables.sqlite.ts';

type Tables = Record<string, { $inferSelect: unknown; $inferInsert: unknown }>;
type Rows<T extends Tables> = { [K in keyof T]: [T[K]['$inferSelect'], T[K]['$inferInsert']] };
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

// Does not compile once a row of the one database is not a row of the other: the cast in postgres.ts relies on it.
true satisfies Equal<Rows<typeof sqlite>, Rows<typeof postgres>>;

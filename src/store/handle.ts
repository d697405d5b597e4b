import type { Column, Placeholder, SQL } from 'drizzle-orm';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { Awaitable } from '../awaitable.ts';
import type * as tables from './tables.sqlite.ts';

export type Params = Record<string, unknown>;

/** A builder that gives rows: a select, or a write that ends in `.returning()`. */
export interface Query<Row> {
  toSQL(): { sql: string };
  prepare(name?: string): {
    get(params: Params): Row | undefined;
    all(params: Params): Row[];
    execute(params: Params): PromiseLike<Row[]>;
  };
}

/** A builder of a write without `.returning()`. */
export interface Write {
  toSQL(): { sql: string };
  prepare(name?: string): object;
}

/** A statement of which nothing is known yet but how it is built: it is prepared at its first use, once a connection. */
export type Build<Row> = () => Query<Row>;

/** What the two databases say in different words. A list comes in one placeholder, whatever its length. */
export interface Dialect {
  /** A list of pairs, the first a number, as a table to join. */
  pairs(
    list: Placeholder,
    second: 'number' | 'text',
  ): { readonly table: SQL; readonly first: SQL; readonly second: SQL };
  /** A list of `[topic, from, to]` as a table to join: see `Period` in events/feed-store.ts. */
  periods(list: Placeholder): { readonly table: SQL; readonly topic: SQL; readonly from: SQL; readonly to: SQL };
  /** Is every transaction up to the one of this number over? A reader of the log who waits for that misses nothing. */
  settled(xid: Column): SQL;
  /** Is `column` one of the list's values? */
  among(column: Column | SQL, list: Placeholder): SQL<boolean>;
  /** Does `column`, text, contain the placeholder's text? */
  contains(column: Column | SQL, text: Placeholder): SQL<boolean>;
  /** Has `column`, a list of texts, at least one of the list's? */
  overlaps(column: Column, list: Placeholder): SQL<boolean>;
  /** The index of words, to be joined to `messages` by its `id`; `match` takes what `matchQuery` makes. */
  readonly words: { readonly table: SQL; readonly id: SQL; match(query: Placeholder | SQL): SQL<boolean> };
  /** The words that must all be there, in one of the conversations where any are named. */
  matchQuery(words: readonly string[], conversations?: readonly number[]): string;
}

/**
 * One connection of either database, in SQLite's types: every store compiles against these and runs on both. Each function that
 * `one` and `all` give takes the statement's parameters, typed and named by `params`.
 */
export interface Handle {
  readonly dialect: 'sqlite' | 'postgres';
  readonly db: Pick<BetterSQLite3Database, 'select' | 'selectDistinct' | 'insert' | 'update' | 'delete'>;
  readonly t: typeof tables;
  readonly sql: Dialect;
  one<A extends unknown[], Row>(
    build: Build<Row>,
    params: (...args: A) => Params,
  ): (...args: A) => Awaitable<Row | undefined>;
  all<A extends unknown[], Row>(build: Build<Row>, params: (...args: A) => Params): (...args: A) => Awaitable<Row[]>;
  /** A write that gives no rows, which is cheaper than one that does: how many it changed. */
  run<A extends unknown[]>(build: () => Write, params: (...args: A) => Params): (...args: A) => Awaitable<number>;
  /** Adds a row of these columns, the others at their defaults, and gives the number that its serial column got. */
  add<T extends SQLiteTable, K extends keyof T['$inferInsert'] & string>(
    table: T,
    columns: readonly K[],
  ): (row: Pick<T['$inferInsert'], K>) => Awaitable<number>;
  /** Rows of a statement that is put together from parts; `shape` names the parts, so that equal ones are prepared once. */
  shaped<Row>(shape: string, build: Build<Row>, params: Params): Awaitable<Row[]>;
  /** Keeps what was read. Only where this process alone writes, and only for readers. */
  readonly memory?: Memory;
  /** Adds many rows, each with the same columns, in as few steps as the database allows. */
  insertMany<T extends SQLiteTable>(table: T, rows: readonly T['$inferInsert'][]): Awaitable<void>;
  /** Adds those of the rows whose key is not there yet, and says how many that were. */
  insertMissing<T extends SQLiteTable>(table: T, rows: readonly T['$inferInsert'][]): Awaitable<number>;
  /** Sets the other columns of rows that are found by the columns `by`; each row has the same columns. */
  updateMany<T extends SQLiteTable>(
    table: T,
    by: readonly (keyof T['$inferSelect'] & string)[],
    rows: readonly Partial<T['$inferInsert']>[],
  ): Awaitable<void>;
  /** Keeps messages' words for search, in place of those they had; one without words is found no more. */
  putWords(rows: readonly Words[]): Awaitable<void>;
  /** Keeps the words of messages that have none yet; each message's are one text, with a space between two. */
  addWords(rows: readonly WordsText[]): Awaitable<void>;
  /** After many messages: joins the pieces in which the index of words was written, so that a search looks into one and not into many. */
  joinWords(): Awaitable<void>;
  /** The next `count` numbers of a table's serial column, never handed out again. */
  reserve(table: SQLiteTable, count: number): Awaitable<number[]>;
  /** Makes sure that the numbers handed out from now on are above those that rows were given by hand, `last` the largest. */
  keepAbove(table: SQLiteTable, last: number): Awaitable<void>;
  /**
   * In a transaction: has another scope to itself too, until it ends (see `Database.write`). Whoever takes several takes them in the
   * order of their names, and none that others begin a transaction with: so nobody waits for each other.
   */
  alsoAlone(scope: string): Awaitable<void>;
  /**
   * In a transaction: keeps the rows in which the column is one of the values as they are until it ends, from those too who change
   * them in another scope. What is read after it is what holds; a change that waits for it sees all that the transaction did.
   */
  hold(column: Column, values: readonly (number | string)[]): Awaitable<void>;
  /** Lets the database look at how much its tables hold now, so that it goes by what is there and not by what was. */
  analyze(): Awaitable<void>;
}

/** Rows of a table that change. */
export interface Change {
  readonly on: readonly ('insert' | 'update' | 'delete')[];
  /** What of each row the listener is given: before the change, and of what is new, after it; of one table. */
  readonly gives: readonly [Column, ...Column[]];
  /** Of updates only those whose statements set one of these columns. */
  readonly sets?: readonly Column[];
}

/** What was read, kept by key; what is kept is shared, and nobody's to change. The least recently used makes room. */
export interface Cache<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
}

/** What this process keeps of its database, as exact as the database itself. */
export interface Memory {
  /** Calls the listener with each row of committed changes, before anybody reads what they left. */
  onChange(change: Change, listener: (...values: never[]) => void): void;
  /** A cache of about so many bytes, of which `onChange` says when its maker must delete something; `weigh` tells a value's bytes. */
  cache<Key extends string | number, Value extends object | number>(
    bytes: number,
    weigh?: (value: Value) => number,
  ): Cache<Key, Value>;
  /** A cache of whole rows by a unique column, from which those are deleted that change. */
  rows<Key extends string | number, Row extends object>(by: Column, bytes: number): Cache<Key, Row>;
}

/** The words that a message is found by. */
export interface Words {
  readonly id: number;
  readonly words: readonly string[];
}

/** The same, with a space between two words. */
export interface WordsText {
  readonly id: number;
  readonly words: string;
}

export interface Database {
  /** Sees only what is committed. */
  readonly read: Handle;
  /**
   * Runs the job in a transaction, alone among the jobs of its `scope` (such as `conversation:12`), and answers once its rows
   * are on disk. The job awaits nothing but `tx`, and may run twice. What it throws undoes what it did, and nothing else.
   */
  write<T>(scope: string, job: (tx: Handle) => Awaitable<T>): Promise<T>;
  /** Runs the reads in one snapshot: none of them sees what is committed meanwhile. */
  snapshot<T>(reads: (read: Handle) => Promise<T>): Promise<T>;
  /** Calls the listener after each commit of this process, until what it gives is called. Answers have left by then. */
  onCommit(listener: () => void): () => void;
  /** How many commits of this process there have been. */
  commits(): number;
  /** Rejects where the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** A slice's statements, built once for each connection they run on. */
export function store<S>(create: (handle: Handle) => S): (handle: Handle) => S {
  const created = new WeakMap<Handle, S>();
  return (handle) => {
    const found = created.get(handle);
    if (found) return found;
    const made = create(handle);
    created.set(handle, made);
    return made;
  };
}

/** The row of a statement that always gives one. */
export function must<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('a statement gave no row where it must');
  return row;
}

/** A database that can't be opened, in a line for the operator. */
export class StoreError extends Error {}

import DataLoader from 'dataloader';
import { type Awaitable, andThen } from '../awaitable.ts';
import { type Handle, must } from './handle.ts';
import { readTogether, siblingsOf } from './siblings.ts';

type Key = string | number;

/** Reads by key, for one request: equal keys are read once. */
export interface Loader<K extends Key, Value> {
  /** The value; undefined where there is none. */
  load(key: K): Awaitable<Value | undefined>;
  /** The value that must be there, as another row refers to it. */
  get(key: K): Awaitable<Value>;
  /** The value that a row refers to by `keyOf`, read with those that the row's siblings refer to; undefined for no key. */
  loadFor<Row extends object>(row: Row, keyOf: (row: Row) => K | undefined): Awaitable<Value | undefined>;
  /** As `loadFor`, where the value must be there. */
  getFor<Row extends object>(row: Row, keyOf: (row: Row) => K): Awaitable<Value>;
}

/** Gives what there is in memory by a key; undefined where that is for the database to say. */
export type Kept<K, Value> = (key: K) => Value | undefined;

type Many<K, Value> = (keys: readonly K[]) => Awaitable<Value[]>;
type One<K, Value> = (key: K) => Awaitable<Value | undefined>;

/**
 * A loader over a statement that takes many keys. Where a read is a round trip (PostgreSQL) the keys of a tick go in one; on SQLite
 * each is read at once, by `one` where the slice has such a statement, or together with its siblings' by `many`.
 */
export function createLoader<K extends Key, Value extends object>(
  handle: Handle,
  keyOf: (value: Value) => K,
  many: Many<K, Value>,
  one?: One<K, Value>,
  kept?: Kept<K, Value>,
): Loader<K, Value> {
  return handle.dialect === 'postgres' ? new InTurns(keyOf, many) : new AtOnce(keyOf, many, one, kept);
}

class InTurns<K extends Key, Value extends object> implements Loader<K, Value> {
  readonly #loader: DataLoader<K, Value | undefined>;

  constructor(keyOf: (value: Value) => K, many: Many<K, Value>) {
    this.#loader = new DataLoader<K, Value | undefined>(async (keys) => {
      const found = new Map((await many(keys)).map((value) => [keyOf(value), value]));
      return keys.map((key) => found.get(key));
    });
  }

  load(key: K): Promise<Value | undefined> {
    return this.#loader.load(key);
  }

  get(key: K): Promise<Value> {
    return this.load(key).then(must);
  }

  loadFor<Row>(row: Row, keyOf: (row: Row) => K | undefined): Awaitable<Value | undefined> {
    const key = keyOf(row);
    return key === undefined ? undefined : this.load(key);
  }

  getFor<Row>(row: Row, keyOf: (row: Row) => K): Promise<Value> {
    return this.get(keyOf(row));
  }
}

class AtOnce<K extends Key, Value extends object> implements Loader<K, Value> {
  readonly #keyOf: (value: Value) => K;
  readonly #many: Many<K, Value>;
  readonly #one: One<K, Value> | undefined;
  readonly #kept: Kept<K, Value> | undefined;
  /** What the request has read; null by keys that have nothing. */
  #read: Map<K, Value | null> | undefined;

  constructor(
    keyOf: (value: Value) => K,
    many: Many<K, Value>,
    one: One<K, Value> | undefined,
    kept: Kept<K, Value> | undefined,
  ) {
    this.#keyOf = keyOf;
    this.#many = many;
    this.#one = one;
    this.#kept = kept;
  }

  load(key: K): Awaitable<Value | undefined> {
    const known = this.#known(key);
    return known === undefined ? this.#readOne(key) : (known ?? undefined);
  }

  get(key: K): Awaitable<Value> {
    return this.#known(key) ?? andThen(this.load(key), must);
  }

  loadFor<Row extends object>(row: Row, keyOf: (row: Row) => K | undefined): Awaitable<Value | undefined> {
    const key = keyOf(row);
    if (key === undefined) return undefined;
    const known = this.#known(key);
    return known === undefined ? this.#readFor(row, key, keyOf) : (known ?? undefined);
  }

  getFor<Row extends object>(row: Row, keyOf: (row: Row) => K): Awaitable<Value> {
    return this.#known(keyOf(row)) ?? andThen(this.loadFor(row, keyOf), must);
  }

  #known(key: K): Value | null | undefined {
    return this.#kept?.(key) ?? this.#read?.get(key);
  }

  #note(key: K, value: Value | undefined): void {
    this.#read ??= new Map();
    this.#read.set(key, value ?? null);
  }

  #readOne(key: K): Awaitable<Value | undefined> {
    if (!this.#one) return this.#readAll(key, [key]);
    return andThen(this.#one(key), (value) => {
      this.#note(key, value);
      return value;
    });
  }

  #readFor<Row extends object>(row: Row, key: K, keyOf: (row: Row) => K | undefined): Awaitable<Value | undefined> {
    const keys = new Set([key]);
    for (const sibling of siblingsOf(row)) {
      const other = keyOf(sibling);
      if (other !== undefined && this.#known(other) === undefined) keys.add(other);
    }
    return keys.size === 1 ? this.#readOne(key) : this.#readAll(key, [...keys]);
  }

  #readAll(key: K, keys: readonly K[]): Awaitable<Value | undefined> {
    return andThen(this.#many(keys), (values) => {
      for (const one of keys) this.#note(one, undefined);
      for (const value of readTogether(values)) this.#note(this.#keyOf(value), value);
      return this.#read?.get(key) ?? undefined;
    });
  }
}

/** Reads by key of what there may be several of. */
export interface ListLoader<K extends Key, Value> {
  load(key: K): Awaitable<readonly Value[]>;
  /** Those that a row refers to by `keyOf`, read with those of the row's siblings; none for no key. */
  loadFor<Row extends object>(row: Row, keyOf: (row: Row) => K | undefined): Awaitable<readonly Value[]>;
}

/** A loader of what there may be several of by each key, in the order of the statement. */
export function createListLoader<K extends Key, Value>(
  handle: Handle,
  keyOf: (value: Value) => K,
  many: Many<K, Value>,
  kept?: Kept<K, readonly Value[]>,
): ListLoader<K, Value> {
  type Group = { readonly key: K; readonly values: Value[] };
  const grouped = (keys: readonly K[]) =>
    andThen(many(keys), (values) => {
      const groups = new Map<K, Group>();
      for (const value of values) {
        const key = keyOf(value);
        const group = groups.get(key);
        if (group) group.values.push(value);
        else groups.set(key, { key, values: [value] });
      }
      return [...groups.values()];
    });
  const loader = createLoader<K, Group>(handle, ({ key }) => key, grouped);
  const valuesOf = (group: Group | undefined): readonly Value[] => group?.values ?? [];
  return {
    load: (key) => kept?.(key) ?? andThen(loader.load(key), valuesOf),
    loadFor(row, keyOfRow) {
      const key = keyOfRow(row);
      if (key === undefined) return [];
      return kept?.(key) ?? andThen(loader.loadFor(row, keyOfRow), valuesOf);
    },
  };
}

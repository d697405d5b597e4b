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

/** What was read already; null by keys that have nothing. */
type Known<K, Value> = Map<K, Value | null>;

/** A value, or nothing, by its key and the keys that may be read with it. */
type Load<K, Value> = (key: K, others?: () => (K | undefined)[]) => Awaitable<Value | undefined>;

/**
 * A loader over a statement that takes many keys. Where a read is a round trip (PostgreSQL) the keys of a tick go in one; on SQLite
 * each is read at once, by `one` where the slice has such a statement, or together with its siblings' by `many`.
 */
export function createLoader<K extends Key, Value extends object>(
  handle: Handle,
  keyOf: (value: Value) => K,
  many: (keys: readonly K[]) => Awaitable<Value[]>,
  one: (key: K) => Awaitable<Value | undefined> = (key) => andThen(many([key]), (values) => values[0]),
): Loader<K, Value> {
  if (handle.dialect === 'postgres') return loaderBy(inTurns(keyOf, many), () => undefined);
  const known: Known<K, Value> = new Map();
  return loaderBy(atOnce(keyOf, many, one, known), (key) => known.get(key));
}

/** A loader that asks `load` for what is not `known`. */
function loaderBy<K extends Key, Value extends object>(
  load: Load<K, Value>,
  known: (key: K) => Value | null | undefined,
): Loader<K, Value> {
  const loadFor = <Row extends object>(row: Row, key: K, keyOf: (row: Row) => K | undefined) =>
    known(key) ?? load(key, () => siblingsOf(row).map(keyOf));
  return {
    load: (key) => known(key) ?? load(key),
    get: (key) => known(key) ?? andThen(load(key), must),
    loadFor(row, keyOf) {
      const key = keyOf(row);
      return key === undefined ? undefined : loadFor(row, key, keyOf);
    },
    getFor(row, keyOf) {
      const key = keyOf(row);
      return known(key) ?? andThen(loadFor(row, key, keyOf), must);
    },
  };
}

function inTurns<K extends Key, Value extends object>(
  keyOf: (value: Value) => K,
  many: (keys: readonly K[]) => Awaitable<Value[]>,
): Load<K, Value> {
  const loader = new DataLoader<K, Value | undefined>(async (keys) => {
    const found = new Map((await many(keys)).map((value) => [keyOf(value), value]));
    return keys.map((key) => found.get(key));
  });
  return (key) => loader.load(key);
}

function atOnce<K extends Key, Value extends object>(
  keyOf: (value: Value) => K,
  many: (keys: readonly K[]) => Awaitable<Value[]>,
  one: (key: K) => Awaitable<Value | undefined>,
  known: Known<K, Value>,
): Load<K, Value> {
  return (key, others) => {
    if (known.get(key) === null) return undefined;
    const keys = new Set([key]);
    for (const other of others?.() ?? []) if (other !== undefined && known.get(other) === undefined) keys.add(other);
    if (keys.size === 1) {
      return andThen(one(key), (value) => {
        known.set(key, value ?? null);
        return value;
      });
    }
    return andThen(many([...keys]), (values) => {
      for (const absent of keys) known.set(absent, null);
      for (const value of readTogether(values)) known.set(keyOf(value), value);
      return known.get(key) ?? undefined;
    });
  };
}

/** A loader of what there may be several of by each key, in the order of the statement. */
export function createListLoader<K extends Key, Value>(
  handle: Handle,
  keyOf: (value: Value) => K,
  many: (keys: readonly K[]) => Awaitable<Value[]>,
) {
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
    load: (key: K) => andThen(loader.load(key), valuesOf),
    /** Those that a row refers to by `keyOf`, read with those of the row's siblings. */
    loadFor: <Row extends object>(row: Row, keyOfRow: (row: Row) => K | undefined) =>
      andThen(loader.loadFor(row, keyOfRow), valuesOf),
  };
}

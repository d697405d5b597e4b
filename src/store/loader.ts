import DataLoader from 'dataloader';
import { type Awaitable, then } from '../awaitable.ts';
import { type Handle, must } from './handle.ts';

/** Reads by key, for one request: equal keys are read once. */
export interface Loader<Key, Value> {
  /** The value; undefined where there is none. */
  load(key: Key): Awaitable<Value | undefined>;
  /** The value that must be there, as another row refers to it. */
  get(key: Key): Awaitable<Value>;
}

/**
 * A loader over a statement that takes many keys. Where a read is a round trip (PostgreSQL) the keys of a tick go in one; on SQLite
 * each is read by itself at once, by `one` where the slice has such a statement.
 */
export function createLoader<Key extends string | number, Value>(
  handle: Handle,
  keyOf: (value: Value) => Key,
  many: (keys: readonly Key[]) => Awaitable<Value[]>,
  one: (key: Key) => Awaitable<Value | undefined> = (key) => then(many([key]), (rows) => rows[0]),
): Loader<Key, Value> {
  if (handle.dialect === 'postgres') {
    const loader = new DataLoader<Key, Value | undefined>(async (keys) => {
      const found = new Map((await many(keys)).map((value) => [keyOf(value), value]));
      return keys.map((key) => found.get(key));
    });
    return withGet((key) => loader.load(key));
  }
  const read = new Map<Key, Awaitable<Value | undefined>>();
  return withGet((key) => {
    if (read.has(key)) return read.get(key);
    const value = one(key);
    read.set(key, value);
    return value;
  });
}

function withGet<Key, Value>(load: Loader<Key, Value>['load']): Loader<Key, Value> {
  return { load, get: (key) => then(load(key), must) };
}

/** A loader of what there may be several of by each key, in the order of the statement. */
export function createListLoader<Key extends string | number, Value>(
  handle: Handle,
  keyOf: (value: Value) => Key,
  many: (keys: readonly Key[]) => Awaitable<Value[]>,
): { load(key: Key): Awaitable<readonly Value[]> } {
  type Group = { readonly key: Key; readonly values: Value[] };
  const grouped = (keys: readonly Key[]) =>
    then(many(keys), (values) => {
      const groups = new Map<Key, Group>();
      for (const value of values) {
        const key = keyOf(value);
        const group = groups.get(key) ?? { key, values: [] };
        group.values.push(value);
        groups.set(key, group);
      }
      return [...groups.values()];
    });
  const loader = createLoader<Key, Group>(handle, ({ key }) => key, grouped);
  return { load: (key) => then(loader.load(key), (group) => group?.values ?? []) };
}

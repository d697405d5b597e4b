import DataLoader from 'dataloader';
import { type Awaitable, then } from '../awaitable.ts';
import type { Handle } from './handle.ts';

/** Reads by key, for one request: equal keys are read once. */
export interface Loader<Key, Value> {
  load(key: Key): Awaitable<Value | undefined>;
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
    return { load: (key) => loader.load(key) };
  }
  const read = new Map<Key, Awaitable<Value | undefined>>();
  return {
    load(key) {
      if (read.has(key)) return read.get(key);
      const value = one(key);
      read.set(key, value);
      return value;
    },
  };
}

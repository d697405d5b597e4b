import type { Column } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import { type Awaitable, atHand } from '../awaitable.ts';
import type { Cache, Memory } from './handle.ts';

const ENTRY_BYTES = 128; // what a cache itself takes for one
const OBJECT_BYTES = 48;
const NUMBER_BYTES = 8;
const FEW = 4;
/** Of so many uses of a cache one is noted, which takes most of the time of a use: who is asked for often is noted soon. */
const NOTED_EVERY = 7;

/**
 * What is kept of a database in memory, as exact as the database: whoever has committed tells of the changes before anybody reads
 * again. While `isHeld`, reads see an older moment: nothing is given from memory, and nothing of theirs is kept.
 */
export function createMemory(listen: Memory['onChange'], isHeld: () => boolean): Memory {
  function cache<Key extends string | number, Value extends object | number>(
    bytes: number,
    weigh: (value: Value) => number = weightOf,
  ): Cache<Key, Value> {
    const kept = new LRUCache<Key, Value>({ maxSize: bytes, sizeCalculation: (value) => ENTRY_BYTES + weigh(value) });
    let asked = 0;
    return {
      get(key) {
        if (isHeld()) return undefined;
        asked += 1;
        return asked % NOTED_EVERY === 0 ? kept.get(key) : kept.peek(key);
      },
      set(key, value) {
        if (!isHeld()) kept.set(key, value);
      },
      delete: (key) => kept.delete(key),
    };
  }

  return {
    onChange: listen,
    cache,
    rows<Key extends string | number, Row extends object>(by: Column, bytes: number) {
      const rows = cache<Key, Row>(bytes);
      listen({ on: ['update', 'delete'], gives: [by] }, rows.delete);
      return rows;
    },
  };
}

/** About how many bytes a value takes. */
function weightOf(value: unknown): number {
  if (typeof value === 'string') return OBJECT_BYTES + value.length;
  if (typeof value !== 'object' || value === null) return NUMBER_BYTES;
  let bytes = OBJECT_BYTES;
  for (const part of Object.values(value)) bytes += weightOf(part);
  return bytes;
}

/** A read by key, from the cache where that has it. */
export function through<Key, Value>(
  cache: Cache<Key, Value>,
  read: (key: Key) => Awaitable<Value | undefined>,
): (key: Key) => Value | undefined {
  return (key) => {
    const kept = cache.get(key);
    if (kept !== undefined) return kept;
    const value = atHand(read(key));
    if (value !== undefined) cache.set(key, value);
    return value;
  };
}

/**
 * A read of many keys, no two the same: each from the cache where that has it, in no order. A few that are missing are read by `one`:
 * a list as a parameter takes as long as four.
 */
export function throughAll<Key, Value>(
  cache: Cache<Key, Value>,
  keyOf: (value: Value) => Key,
  many: (keys: readonly Key[]) => Awaitable<Value[]>,
  one: (key: Key) => Awaitable<Value | undefined>,
): (keys: readonly Key[]) => Value[] {
  return (keys) => {
    const found: Value[] = [];
    const missing: Key[] = [];
    for (const key of keys) {
      const kept = cache.get(key);
      if (kept === undefined) missing.push(key);
      else found.push(kept);
    }
    const read = missing.length > FEW ? atHand(many(missing)) : missing.flatMap((key) => atHand(one(key)) ?? []);
    for (const value of read) {
      cache.set(keyOf(value), value);
      found.push(value);
    }
    return found;
  };
}

/** A cache in which a key stands for another. */
export const keyedBy = <Key, Own, Value>(cache: Cache<Own, Value>, keyOf: (key: Key) => Own): Cache<Key, Value> => ({
  get: (key) => cache.get(keyOf(key)),
  set: (key, value) => cache.set(keyOf(key), value),
  delete: (key) => cache.delete(keyOf(key)),
});

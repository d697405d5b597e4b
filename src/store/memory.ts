const ENTRIES_MAX = 10_000; // of each name

/** Rows that requests share until the next commit. Exact, as one process writes a file, and empties it before it answers. */
export function createMemory() {
  const named = new Map<string, Map<unknown, unknown>>();
  return {
    of<Key, Value>(name: string): Map<Key, Value> {
      const entries = named.get(name) ?? new Map<unknown, unknown>();
      if (entries.size > ENTRIES_MAX) entries.clear();
      named.set(name, entries);
      return entries as Map<Key, Value>;
    },
    empty() {
      for (const entries of named.values()) entries.clear();
    },
  };
}

import { LRUCache } from 'lru-cache';

const ENTRIES_MAX = 1_000;
const DOCUMENT_MAX = 10_000; // characters: what programs ask again and again is shorter
const CHARACTERS_MAX = 1_000_000; // of all together: parsed, a document takes up to a hundred times its own size

/** A cache by the text of a document, so bounded that no flood of different ones fills the memory. */
export function documentCache<Value extends object>() {
  const cache = new LRUCache<string, Value>({
    max: ENTRIES_MAX,
    maxSize: CHARACTERS_MAX,
    maxEntrySize: DOCUMENT_MAX,
    sizeCalculation: (_value, text) => text.length + 1,
  });
  return {
    get: (text: string): Value | undefined => cache.get(text),
    set: (text: string, value: Value): void => void cache.set(text, value),
  };
}

import { atHand } from '../awaitable.ts';
import { messageAdded } from '../conversations/kept-views-store.ts';
import { store } from '../store/handle.ts';
import { type Page, pageAtHand, type Range } from '../store/keyset.ts';
import type { Message } from './message.ts';
import { messageStore } from './store.ts';

const BYTES = 12_000_000;
const IDS_MAX = 200;

/** The ids of a conversation's newest messages, oldest first, and whether these are all that there are. */
interface Newest {
  ids: number[];
  whole: boolean;
}

/** Which messages conversations end with, kept in memory: a new one is added, and all is read again where one is purged. */
export const keptNewest = store((handle) => {
  const { memory, t } = handle;
  if (!memory) return undefined;
  const { messages: m } = t;
  const { list } = messageStore(handle);
  const kept = memory.cache<number, Newest>(BYTES, () => IDS_MAX * 8);
  const moving = [m.id, m.conversationId, m.purged];
  memory.onChange({ on: ['update', 'delete'], gives: [m.conversationId], sets: moving }, kept.delete);
  memory.onChange(messageAdded(t), add);

  function add(conversationId: number, id: number, _senderId: number, _deletedAt: number | null, purged: number) {
    const newest = kept.get(conversationId);
    if (!newest || purged !== 0 || id <= (newest.ids.at(-1) ?? 0)) return void kept.delete(conversationId);
    newest.ids.push(id);
    if (newest.ids.length <= 2 * IDS_MAX) return;
    newest.ids = newest.ids.slice(-IDS_MAX);
    newest.whole = false;
  }

  function read(conversationId: number, limit: number, take: (row: Message) => void): Newest {
    const source = { of: 'conversation', id: conversationId, after: 0, readUpTo: 0 } as const;
    const range = { after: undefined, before: undefined, limit, backward: true };
    const { rows, more } = atHand(list(source, { viewerId: 0 }, 'ascending', range));
    for (const row of rows) take(row);
    const newest = { ids: rows.map(({ id }) => id), whole: !more };
    kept.set(conversationId, newest);
    return newest;
  }

  return {
    /** Whether a range is one that `page` knows. */
    has: ({ backward, before, limit }: Range): boolean => backward && before === undefined && limit < IDS_MAX,

    /** The ids of a conversation's newest messages after one, oldest first; `take` is given what had to be read for it. */
    page(conversationId: number, after: number, range: Range, take: (row: Message) => void): Page<number> {
      const from = Math.max(after, Number(range.after ?? 0));
      const known = kept.get(conversationId);
      const reaches = known && (known.whole || known.ids.length > range.limit || (known.ids[0] ?? 0) <= from);
      const { ids } = reaches ? known : read(conversationId, range.limit + 1, take);
      return pageAtHand(ids, (id) => id, 'ascending', { ...range, after: from });
    },
  };
});

import { must, store } from '../store/handle.ts';
import type { Page, Range } from '../store/keyset.ts';
import { through, throughAll } from '../store/memory.ts';
import { readTogether } from '../store/siblings.ts';
import { keptNewest } from './kept-newest-store.ts';
import { keptReactions } from './kept-reactions-store.ts';
import type { MessageConditions, Source } from './list-store.ts';
import type { Message } from './message.ts';
import { messageStore } from './store.ts';

const ROWS_BYTES = 32_000_000;

/** Messages: their rows, the newest of each conversation and reactions from memory, where this process keeps any. */
export const keptMessages = store((handle) => {
  const { memory, t } = handle;
  const store = messageStore(handle);
  const newest = keptNewest(handle);
  const reactions = keptReactions(handle);
  if (!memory || !newest || !reactions) return { ...store, kept: undefined, keptReactions: undefined };
  const rows = memory.rows<number, Message>(t.messages.id, ROWS_BYTES);
  const byIds = throughAll(rows, ({ id }) => id, store.byIds, store.byId);

  function inOrder(ids: readonly number[]): Message[] {
    const kept = ids.map((id) => rows.get(id));
    if (kept.every((row) => row !== undefined)) return kept;
    const read = new Map(byIds(ids).map((row) => [row.id, row]));
    return ids.map((id) => must(read.get(id)));
  }

  return {
    ...store,
    reactionsTo: reactions.to,
    /** The reactions to a message as the viewer sees them, in the order in which they were first given, where they are in memory. */
    keptReactions: reactions.kept,
    /** The row in memory. */
    kept: rows.get,
    byId: through(rows, store.byId),
    byIds,
    list(source: Source, conditions: MessageConditions, order: 'ascending' | 'descending', range: Range) {
      const isWhole = source.of === 'conversation' && order === 'ascending' && !isFiltered(conditions);
      if (!isWhole || !newest.has(range)) return store.list(source, conditions, order, range);
      const { rows: ids, more } = newest.page(source.id, source.after, range, (row) => rows.set(row.id, row));
      return { rows: readTogether(inOrder(ids)), more } satisfies Page<Message>;
    },
  };
});

const isFiltered = ({ viewerId: _viewerId, ...conditions }: MessageConditions): boolean =>
  Object.values(conditions).some((condition) => condition !== undefined);

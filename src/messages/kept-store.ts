import { store } from '../store/handle.ts';
import { through, throughAll } from '../store/memory.ts';
import type { Message } from './message.ts';
import { messageStore } from './store.ts';

const ROWS_BYTES = 32_000_000;

/** Messages, their rows from memory where this process keeps any. */
export const keptMessages = store((handle) => {
  const { memory, t } = handle;
  const store = messageStore(handle);
  if (!memory) return store;
  const rows = memory.rows<number, Message>(t.messages.id, ROWS_BYTES);
  return {
    ...store,
    byId: through(rows, store.byId),
    byIds: throughAll(rows, ({ id }) => id, store.byIds),
  };
});

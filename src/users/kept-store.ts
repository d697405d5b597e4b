import { store } from '../store/handle.ts';
import { through, throughAll } from '../store/memory.ts';
import { userStore } from './store.ts';
import type { User } from './user.ts';

const BYTES = 8_000_000;

/** Users, their rows from memory where this process keeps any. */
export const keptUsers = store((handle) => {
  const { memory, t } = handle;
  const store = userStore(handle);
  if (!memory) return { ...store, kept: undefined };
  const byId = memory.rows<number, User>(t.users.id, BYTES);
  const byUid = memory.rows<string, User>(t.users.uid, BYTES);
  return {
    ...store,
    /** The row in memory. */
    kept: byId.get,
    byId: through(byId, store.byId),
    byIds: throughAll(byId, ({ id }) => id, store.byIds, store.byId),
    byUid: through(byUid, store.byUid),
    byUids: throughAll(byUid, ({ uid }) => uid, store.byUids, store.byUid),
  };
});

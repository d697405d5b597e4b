import { store } from '../store/handle.ts';
import type { Range } from '../store/keyset.ts';
import { keptLists } from './kept-list-store.ts';
import { keptViews } from './kept-views-store.ts';
import { type ConversationFilter, conversationStore } from './store.ts';

/** Conversations: their rows, users' views of them and whole lists from memory, where this process keeps any. */
export const keptConversations = store((handle) => {
  const store = conversationStore(handle);
  const [views, lists] = [keptViews(handle), keptLists(handle)];
  if (!views || !lists) return { ...store, kept: undefined, keptUnread: undefined };
  return {
    ...store,
    ...views,
    list: (userId: number, filter: ConversationFilter, range: Range) =>
      isWhole(filter) ? lists.list(userId, range) : store.list(userId, filter, range),
  };
});

const isWhole = ({ type, tags, unreadOnly, search }: ConversationFilter): boolean =>
  !(type || tags || unreadOnly || search);

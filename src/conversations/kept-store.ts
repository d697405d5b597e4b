import { atHand } from '../awaitable.ts';
import { store } from '../store/handle.ts';
import { keyedBy, through, throughAll } from '../store/memory.ts';
import type { Conversation, Participant, View } from './conversation.ts';
import { placeStore, viewOf } from './place-store.ts';
import { conversationStore } from './store.ts';

const ROWS_BYTES = 8_000_000;
const STANDINGS_BYTES = 24_000_000;

/** A user's own of a conversation, with the view that it made with the conversation's row. */
interface Standing {
  readonly mine: Participant;
  view: View | undefined;
  of: Conversation | undefined;
}

/** Conversations, their rows and users' views of them from memory where this process keeps any. */
export const keptConversations = store((handle) => {
  const { memory, t } = handle;
  const { conversations: c, participants: p } = t;
  const store = conversationStore(handle);
  if (!memory) return store;
  const { participant, participantsOf } = placeStore(handle);
  const rows = memory.rows<number, Conversation>(c.id, ROWS_BYTES);
  const byId = through(rows, store.byId);
  const byIds = throughAll(rows, ({ id }) => id, store.byIds);
  const standings = memory.cache<string, Standing>(STANDINGS_BYTES);
  const keyOf = (userId: number, id: number) => `${userId} ${id}`;
  const standingsOf = (userId: number) => keyedBy(standings, (id: number) => keyOf(userId, id));
  memory.onChange({ on: ['update', 'delete'], gives: [p.userId, p.conversationId] }, (userId: number, id: number) =>
    standings.delete(keyOf(userId, id)),
  );

  const standingOf = (mine: Participant | undefined): Standing | undefined =>
    mine && { mine, view: undefined, of: undefined };

  function viewBy(standing: Standing, conversation: Conversation): View {
    if (standing.view && standing.of === conversation) return standing.view;
    standing.of = conversation;
    standing.view = viewOf(conversation, standing.mine);
    return standing.view;
  }

  function view(userId: number, id: number): View | undefined {
    const read = () => standingOf(atHand(participant(userId, id)));
    const standing = through(standingsOf(userId), read)(id);
    const conversation = standing && byId(id);
    return conversation && viewBy(standing, conversation);
  }

  function viewsAmong(userId: number, ids: readonly number[]): View[] {
    const readAll = (missing: readonly number[]) =>
      atHand(participantsOf(userId, missing)).map((mine): Standing => ({ mine, view: undefined, of: undefined }));
    const found = throughAll(standingsOf(userId), ({ mine }) => mine.conversationId, readAll)(ids);
    const conversations = new Map(byIds(found.map(({ mine }) => mine.conversationId)).map((row) => [row.id, row]));
    return found.flatMap((standing) => {
      const conversation = conversations.get(standing.mine.conversationId);
      return conversation ? [viewBy(standing, conversation)] : [];
    });
  }

  return { ...store, byId, byIds, view, viewsAmong };
});

import { type Awaitable, andThen, atHand } from '../awaitable.ts';
import { type Cache, type Change, type Handle, must, store } from '../store/handle.ts';
import { keyedBy, through, throughAll } from '../store/memory.ts';
import { type Conversation, otherOf, type Participant, type View } from './conversation.ts';
import { placeStore, viewOf } from './place-store.ts';
import { conversationStore } from './store.ts';

const ROWS_BYTES = 8_000_000;
const STANDINGS_BYTES = 24_000_000;
const IDS_BYTES = 4_000_000;
const STANDING_BYTES = 600;

type Ids = readonly number[];

/** A user's own of a conversation, with what was made of it and the conversation's row `of`, while that row holds. */
interface Standing {
  readonly mine: Participant;
  view?: View;
  of?: Conversation;
  /** How many of what came after the read mark count, but are not unread: while none was deleted since, and `since` holds. */
  uncounted?: number;
  since?: object;
}

interface Unread {
  readonly id: number;
  readonly unread: number;
}

/** One whose view is there. */
interface Made extends Standing {
  readonly view: View;
}

/** A message that is added. */
export const messageAdded = ({ messages: m }: Handle['t']): Change => ({
  on: ['insert'],
  gives: [m.conversationId, m.id, m.senderId, m.deletedAt, m.purged],
});

/** Conversations' rows and users' views of them, kept in memory. */
export const keptViews = store((handle) => {
  const store = conversationStore(handle);
  const { memory, t } = handle;
  if (!memory) return undefined;
  const { conversations: c, participants: p, messages: m } = t;
  const { participant, participantsOf } = placeStore(handle);
  const rows = memory.rows<number, Conversation>(c.id, ROWS_BYTES);
  const byId = through(rows, store.byId);
  const byIds = throughAll(rows, ({ id }) => id, store.byIds, store.byId);
  const standings = memory.cache<string, Standing>(STANDINGS_BYTES, weigh);
  const deletions = memory.cache<number, object>(IDS_BYTES);

  const keyOf = (userId: number, id: number) => `${userId} ${id}`;
  const forget = (userId: number, id: number) => standings.delete(keyOf(userId, id));
  memory.onChange({ on: ['update', 'delete'], gives: [p.userId, p.conversationId] }, forget);
  memory.onChange(messageAdded(t), (id: number, _messageId: number, senderId: number, deletedAt: number | null) => {
    forget(senderId, id); // what is one's own counts, but not as unread
    if (deletedAt !== null) deletions.delete(id);
  });
  const counting = [m.id, m.conversationId, m.senderId, m.counts, m.deletedAt];
  memory.onChange({ on: ['update', 'delete'], gives: [m.conversationId], sets: counting }, deletions.delete);

  const ofGroups = memory.cache<number, number>(IDS_BYTES);
  memory.onChange({ on: ['update', 'delete'], gives: [c.groupId], sets: [c.groupId] }, ofGroups.delete);
  const ofPairs = memory.cache<string, number>(IDS_BYTES);
  memory.onChange(
    { on: ['update', 'delete'], gives: [c.userA, c.userB], sets: [c.userA, c.userB] },
    (userA: number, userB: number) => ofPairs.delete(pairKey(userA, userB)),
  );

  /** The same object until a message of the conversation is deleted. */
  function sinceDeletion(id: number): object {
    const kept = deletions.get(id);
    if (kept) return kept;
    const since = {};
    deletions.set(id, since);
    return since;
  }

  function made(standing: Standing, conversation: Conversation): Made {
    if (standing.of !== conversation) {
      standing.of = conversation;
      standing.view = viewOf(conversation, standing.mine);
    }
    return standing as Made;
  }

  /** From memory alone. */
  function known(userId: number, id: number): Made | undefined {
    const standing = standings.get(keyOf(userId, id));
    const conversation = standing && rows.get(id);
    return conversation && made(standing, conversation);
  }

  /** In the order of the ids, without those that there are none of. */
  function among(userId: number, ids: Ids): Made[] {
    const all = ids.map((id) => known(userId, id));
    return all.every((one) => one !== undefined) ? all : read(userId, ids);
  }

  function read(userId: number, ids: Ids): Made[] {
    const own = keyedBy(standings, (id: number) => keyOf(userId, id));
    const found = throughAll(
      own,
      ({ mine }) => mine.conversationId,
      (missing) => atHand(participantsOf(userId, missing)).map(standingOf),
      (id) => andThen(participant(userId, id), (mine) => mine && standingOf(mine)),
    )(ids);
    const conversations = new Map(byIds(found.map(({ mine }) => mine.conversationId)).map((row) => [row.id, row]));
    const read = found.map((one) => made(one, must(conversations.get(one.mine.conversationId))));
    const byId = new Map(read.map((one) => [one.view.id, one]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  const viewsAmong = (userId: number, ids: Ids): View[] => among(userId, ids).map(({ view }) => view);

  /** Whether nothing was deleted since the unread messages were counted. */
  const isFresh = ({ view, since }: Made): boolean => since !== undefined && since === deletions.get(view.id);

  /** The user's unread count in each of these conversations: by arithmetic, where nothing was deleted since it was last counted. */
  function unreadAmong(userId: number, ids: Ids): Unread[] {
    const all = among(userId, ids);
    const stale = all.filter((one) => !isFresh(one));
    if (stale.length > 0) {
      const counts = atHand(
        store.unreadAmong(
          userId,
          stale.map(({ view }) => view.id),
        ),
      );
      const unread = new Map(counts.map((row) => [row.id, row.unread]));
      for (const one of stale) {
        const { id, counted, readCounted } = one.view;
        one.uncounted = counted - readCounted - must(unread.get(id));
        one.since = sinceDeletion(id);
      }
    }
    return all.map(unreadBy);
  }

  function keptUnread(userId: number, id: number): Unread | undefined {
    const one = known(userId, id);
    return one && isFresh(one) ? unreadBy(one) : undefined;
  }

  /** The user's views of what `known` has an id of by a key; the others `readOthers` reads. */
  function viewsBy<Key extends string | number>(
    userId: number,
    keys: readonly Key[],
    known: Pick<Cache<Key, number>, 'get' | 'set'>,
    keyOfView: (view: View) => Key,
    readOthers: (keys: readonly Key[]) => Awaitable<View[]>,
  ): View[] {
    const others = keys.filter((key) => known.get(key) === undefined);
    const views = viewsAmong(
      userId,
      keys.flatMap((key) => known.get(key) ?? []),
    );
    if (others.length === 0) return views;
    for (const view of atHand(readOthers(others))) {
      known.set(keyOfView(view), view.id);
      views.push(view);
    }
    return views;
  }

  return {
    /** The row in memory. */
    kept: rows.get,
    byId,
    byIds,
    view: (userId: number, id: number) => viewsAmong(userId, [id])[0],
    viewsAmong,
    viewsOfGroups: (userId: number, groupIds: Ids) =>
      viewsBy(
        userId,
        groupIds,
        ofGroups,
        ({ groupId }) => groupId ?? 0,
        (ids) => store.viewsOfGroups(userId, ids),
      ),
    viewsWithUsers: (userId: number, userIds: Ids) =>
      viewsBy(
        userId,
        userIds,
        keyedBy(ofPairs, (otherId: number) => pairKey(userId, otherId)),
        (view) => otherOf(view, userId),
        (ids) => store.viewsWithUsers(userId, ids),
      ),
    /** The user's unread count, where it is in memory. */
    keptUnread,
    unreadOf: (userId: number, id: number) => unreadAmong(userId, [id])[0],
    unreadAmong,
  };
});

/** With the view, which comes later. */
const weigh = ({ mine }: Standing): number => STANDING_BYTES + mine.tags.join().length;

const standingOf = (mine: Participant): Standing => ({ mine });

const unreadBy = ({ view, uncounted = 0 }: Made): Unread => ({
  id: view.id,
  unread: view.counted - view.readCounted - uncounted,
});

const pairKey = (one: number, other: number) => `${Math.min(one, other)} ${Math.max(one, other)}`;

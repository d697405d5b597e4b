import { atHand } from '../awaitable.ts';
import { store } from '../store/handle.ts';
import type { Page, Range } from '../store/keyset.ts';
import { readTogether } from '../store/siblings.ts';
import type { View } from './conversation.ts';
import { keptViews } from './kept-views-store.ts';
import { Order } from './order.ts';
import { conversationStore } from './store.ts';
import { Trail } from './trail.ts';

const BYTES = 12_000_000;

/** Where more of a list has changed than these and this part of it, to read it again is faster. */
const STALE_MAX = 4;
const STALE_PART = 16;

/** A user's list, as it was when the trail ended at `seen`, but for what is `stale`. */
interface List {
  readonly order: Order;
  readonly stale: Set<number>;
  seen: number;
}

/** Users' lists of all their conversations, kept in memory: what has changed since a user looked is put in its place when they look again. */
export const keptLists = store((handle) => {
  const { memory, t } = handle;
  const views = keptViews(handle);
  if (!memory || !views) return undefined;
  const { conversations: c, participants: p } = t;
  const { viewsAmong } = views;
  const { places } = conversationStore(handle);
  const trail = new Trail();
  const lists = memory.cache<number, List>(BYTES, ({ order }) => order.bytes);
  memory.onChange({ on: ['update'], gives: [c.id] }, (id: number) => trail.add(id));
  memory.onChange(
    { on: ['insert', 'update', 'delete'], gives: [p.userId, p.conversationId] },
    (userId: number, id: number) => {
      const list = lists.get(userId);
      if (list) list.stale.add(id);
      else lists.delete(userId);
    },
  );

  function read(userId: number): List {
    const order = new Order(
      atHand(places(userId)).map(({ id, place, shown }) => ({ id, place: shown ? place : undefined })),
    );
    const list: List = { order, stale: new Set(), seen: trail.end };
    lists.set(userId, list);
    return list;
  }

  /** The list as it is now; undefined where it must be read again. */
  function renew(userId: number, list: List): List | undefined {
    const changed = trail.since(list.seen);
    if (!changed) return undefined;
    for (const id of changed) if (list.order.has(id)) list.stale.add(id);
    list.seen = trail.end;
    if (list.stale.size === 0) return list;
    if (list.stale.size > STALE_MAX + list.order.size / STALE_PART) return undefined;
    const now = new Map(viewsAmong(userId, [...list.stale]).map((view) => [view.id, view]));
    for (const id of list.stale) {
      const view = now.get(id);
      if (!view?.active) list.order.remove(id);
      else if (list.order.has(id)) list.order.move(id, placeIn(view));
      else return undefined; // so that its bytes are counted anew
    }
    list.stale.clear();
    return list;
  }

  return {
    /** The user's conversations, newest first. */
    list(userId: number, range: Range): Page<View> {
      const kept = lists.get(userId);
      const { order } = (kept && renew(userId, kept)) ?? read(userId);
      const { rows, more } = order.page(range);
      return {
        rows: readTogether(
          viewsAmong(
            userId,
            rows.map(({ id }) => id),
          ),
        ),
        more,
      };
    },
  };
});

/** The view's place in its user's list; undefined where that does not show it. */
const placeIn = ({ place, clearedUpTo, lastId }: View): number | undefined =>
  clearedUpTo === 0 || lastId > clearedUpTo ? place : undefined;

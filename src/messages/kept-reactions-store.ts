import { atHand } from '../awaitable.ts';
import { store } from '../store/handle.ts';
import { byFirstGiven, type Reaction } from './message.ts';
import { messageStore } from './store.ts';

const BYTES = 12_000_000;

/** Of messages with more reactions it is not kept who gave which: whose they are is asked each time. */
const GIVERS_MAX = 100;

/** A reaction with who gave it. */
type Given = Omit<Reaction, 'mine'> & { readonly givers: Set<number> };

const GIVEN_BYTES = 300;
const GIVER_BYTES = 40;
const weigh = (reactions: readonly Given[]): number =>
  reactions.reduce((bytes, { count }) => bytes + GIVEN_BYTES + count * GIVER_BYTES, 0);

/** The reactions to messages, kept in memory for all who look at them. */
export const keptReactions = store((handle) => {
  const { memory, t } = handle;
  if (!memory) return undefined;
  const { reactionsTo, giversOf } = messageStore(handle);
  const kept = memory.cache<number, readonly Given[]>(BYTES, weigh);
  memory.onChange({ on: ['insert', 'update', 'delete'], gives: [t.reactions.messageId] }, kept.delete);

  function read(viewer: number, ids: readonly number[]): Reaction[] {
    const reactions = atHand(reactionsTo(viewer, ids));
    const of = new Map<number, Given[]>(ids.map((id) => [id, []]));
    for (const { mine: _mine, ...reaction } of reactions) {
      of.get(reaction.messageId)?.push({ ...reaction, givers: new Set() });
    }
    for (const [id, given] of of) {
      if (given.reduce((all, { count }) => all + count, 0) > GIVERS_MAX) of.delete(id);
    }
    for (const { messageId, reaction, userId } of of.size > 0 ? atHand(giversOf([...of.keys()])) : []) {
      of.get(messageId)
        ?.find((one) => one.reaction === reaction)
        ?.givers.add(userId);
    }
    for (const [id, given] of of) kept.set(id, given.sort(byFirstGiven));
    return reactions;
  }

  /** As a viewer sees them. */
  const seenBy = (viewer: number, given: readonly Given[]): Reaction[] =>
    given.map(({ messageId, reaction, count, first, givers }) => ({
      messageId,
      reaction,
      count,
      mine: givers.has(viewer),
      first,
    }));

  return {
    /** The reactions to a message in the order in which they were first given, where they are in memory. */
    kept(viewer: number, id: number): readonly Reaction[] | undefined {
      const given = kept.get(id);
      return given && seenBy(viewer, given);
    },

    /** The reactions to these messages, in no order. */
    to(viewer: number, ids: readonly number[]): Reaction[] {
      const known = ids.map((id) => kept.get(id));
      const others = ids.filter((_id, n) => !known[n]);
      return [
        ...known.flatMap((given = []) => seenBy(viewer, given)),
        ...(others.length > 0 ? read(viewer, others) : []),
      ];
    },
  };
});

import { type Awaitable, all, andThen } from '../awaitable.ts';
import type { Clock } from '../clock.ts';
import type { Message } from '../messages/message.ts';
import type { RawCall } from '../messages/raw.ts';
import type { Messages } from '../messages/service.ts';
import type { Database } from '../store/handle.ts';
import { createListLoader, createLoader } from '../store/loader.ts';
import { idOf, requireUser, requireViewer, type Viewer, type Who } from '../viewer.ts';
import type { Call } from './call.ts';
import { callStore } from './store.ts';

interface Options {
  readonly db: Database;
  readonly messages: Messages;
  readonly clock: Clock;
}

/** Calls, which are messages too: who may read the message may see the call. */
export function createCalls({ db, messages, clock }: Options) {
  const store = callStore(db.read);

  const messageOf = (viewer: Viewer, call: Call | undefined): Awaitable<Message | undefined> =>
    call && messages.find(viewer, String(call.messageId));

  /** These calls for `raw`, each with its secret where the viewer is an API key or takes part. */
  function rawOf(viewer: Viewer | undefined, ids: readonly number[]): Awaitable<(RawCall & { id: number })[]> {
    const involved = viewer ? store.involving(idOf(viewer), ids) : [];
    return andThen(all([store.byMessages(ids), involved]), ([calls, mine]) =>
      calls.map(({ messageId: id, secret, ...call }) => {
        const knows = viewer?.kind === 'key' || mine.some((one) => one.id === id);
        return { ...call, id, secret: knows ? secret : undefined };
      }),
    );
  }

  return {
    /** The call's message, where the viewer may read it. */
    find(viewer: Viewer | undefined, sessionId: string): Awaitable<Message | undefined> {
      const known = requireViewer(viewer);
      return andThen(store.bySession(sessionId), (call) => messageOf(known, call));
    },

    /** The message of the call that the viewer is in now, or else of one that rings for them. */
    findActive(viewer: Viewer | undefined): Awaitable<Message | undefined> {
      const user = requireUser(viewer);
      const at = clock.now();
      return andThen(store.active(user.id, at), (call) =>
        andThen(call ?? store.ringing(user.id, at), (found) => messageOf(user, found)),
      );
    },

    loaders: (who: Who) => ({
      byMessage: createLoader(db.read, ({ messageId }: Call) => messageId, store.byMessages),
      participants: createListLoader(
        db.read,
        ({ messageId }: { messageId: number }) => messageId,
        store.participantsOf,
      ),
      raw: createLoader(
        db.read,
        ({ id }: { id: number }) => id,
        (ids: readonly number[]) => rawOf(who(), ids),
      ),
    }),
  };
}

export type Calls = ReturnType<typeof createCalls>;

import { now } from '../clock.ts';
import type { Party, Receiver } from '../conversations/conversation.ts';
import { enterConversation, requireUnblocked } from '../conversations/place-store.ts';
import type { Conversations } from '../conversations/service.ts';
import { userTopic } from '../events/event.ts';
import type { Passing } from '../events/passing.ts';
import { requireJson } from '../input.ts';
import type { Json } from '../json.ts';
import type { Database } from '../store/handle.ts';
import { requireUser, type UserViewer, type Viewer } from '../viewer.ts';

const TYPING_MS = 5_000; // after which typing has ended by itself

/** Sends what is kept nowhere: it reaches those who listen at that moment. */
export function createTransient(deps: { db: Database; conversations: Conversations; passing: Passing }) {
  const { db, conversations, passing } = deps;

  /** Who is to hear of it. Throws where the user could send no message there. */
  async function listenersOf(user: UserViewer, party: Party, at: number): Promise<readonly string[]> {
    if (party.type === 'group') return (await enterConversation(db.read, user, party, at)).topics;
    await requireUnblocked(db.read, user, party.user);
    return [userTopic(party.user.uid)];
  }

  const typing = new Map<string, { readonly timer: NodeJS.Timeout; readonly end: () => void }>();

  /** Whom a user types to, found; and what tells them of it. */
  async function typingTo(viewer: Viewer | undefined, { receiverType, receiverId }: Receiver) {
    const user = requireUser(viewer);
    const receiver = { receiverType, receiverId };
    const party = await conversations.getParty(user, receiver);
    const topics = await listenersOf(user, party, now());
    const tell = (kind: 'TYPING_STARTED' | 'TYPING_ENDED') =>
      passing.publish({ kind, at: now(), fromId: user.id, topics, except: user.id, receiver });
    return { key: `${user.id} ${receiverType} ${receiverId}`, receiver, tell };
  }

  return {
    /** The user types, for 5 s from now where nothing else is said. Throws what sending a message would throw. */
    async startTyping(viewer: Viewer | undefined, to: Receiver): Promise<Receiver> {
      const { key, receiver, tell } = await typingTo(viewer, to);
      const known = typing.get(key);
      clearTimeout(known?.timer);
      const end = () => {
        typing.delete(key);
        tell('TYPING_ENDED');
      };
      typing.set(key, { timer: setTimeout(end, TYPING_MS).unref(), end });
      if (!known) tell('TYPING_STARTED');
      return receiver;
    },

    /** The user no longer types. Throws what sending a message would throw. */
    async endTyping(viewer: Viewer | undefined, to: Receiver): Promise<Receiver> {
      const { key, receiver } = await typingTo(viewer, to);
      const known = typing.get(key);
      clearTimeout(known?.timer);
      known?.end();
      return receiver;
    },

    /** Sends data to a user or a group. Throws ERR_LIMIT_EXCEEDED for more than 64 KB, and whatever sending a message throws. */
    async send(viewer: Viewer | undefined, { data, ...to }: Receiver & { data: Json }): Promise<Receiver> {
      const user = requireUser(viewer);
      requireJson('data', data, 'ERR_LIMIT_EXCEEDED');
      const party = await conversations.getParty(user, to);
      const at = now();
      const topics = await listenersOf(user, party, at);
      const { receiverType, receiverId } = to;
      const receiver = { receiverType, receiverId };
      passing.publish({ kind: 'TRANSIENT_MESSAGE', at, fromId: user.id, topics, except: user.id, receiver, data });
      return receiver;
    },
  };
}

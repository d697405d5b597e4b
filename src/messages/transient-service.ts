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

/** Sends what is kept nowhere: it reaches those who listen at that moment. */
export function createTransient(deps: { db: Database; conversations: Conversations; passing: Passing }) {
  const { db, conversations, passing } = deps;

  /** Who is to hear of it. Throws where the user could send no message there. */
  async function listenersOf(user: UserViewer, party: Party, at: number): Promise<readonly string[]> {
    if (party.type === 'group') return (await enterConversation(db.read, user, party, at)).topics;
    await requireUnblocked(db.read, user, party.user);
    return [userTopic(party.user.uid)];
  }

  return {
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

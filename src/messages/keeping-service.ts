import { now } from '../clock.ts';
import { ChatError } from '../errors.ts';
import { appendEvent } from '../events/append-store.ts';
import { userTopic } from '../events/event.ts';
import type { Database, Handle } from '../store/handle.ts';
import { holdViewer } from '../users/found-store.ts';
import { byOf, requireUser, requireViewer, type UserViewer, type Viewer } from '../viewer.ts';
import { changeMessage, requireInGroup, requireKept, requireNoBlock, setAndTell } from './changing-store.ts';
import { keepingStore } from './keeping-store.ts';
import type { Message } from './message.ts';

const PINS_MAX = 100; // of a conversation
const SAVES_MAX = 1_000; // of a user

/** Keeps messages at hand: pinned for all of their conversation, saved for one user alone. */
export function createKeeping({ db }: { db: Database }) {
  return {
    /**
     * Pins a message: between two both may, in a group its admins and moderators. Throws ERR_MESSAGE_NO_ACCESS for other members,
     * ERR_MESSAGE_ACTION_NOT_ALLOWED for a deleted message, ERR_PINNED_MESSAGES_LIMIT_EXCEEDED for a conversation's 101st.
     */
    async pin(viewer: Viewer | undefined, messageId: string): Promise<Message> {
      const known = requireViewer(viewer);
      return changeMessage(db, known, messageId, async (tx, subject) => {
        const { message } = subject;
        await requireInGroup(tx, known, subject, 'pin messages');
        requireKept(message);
        if (message.pinnedAt !== null) return message;
        await requireNoBlock(tx, known, subject);
        const { count = 0 } = (await keepingStore(tx).countPinned(message.conversationId)) ?? {};
        if (count >= PINS_MAX)
          throw new ChatError(
            'ERR_PINNED_MESSAGES_LIMIT_EXCEEDED',
            `The conversation has ${count} pinned messages: ${PINS_MAX} at the most. Unpin one first.`,
          );
        const at = now();
        const set = { pinnedAt: at, pinnedById: byOf(known) };
        return setAndTell(tx, known, subject, set, { kind: 'MESSAGE_PINNED', at });
      });
    },

    /** Unpins a message, for who may pin it; one that is not pinned is as if unpinned. Throws as pinning does. */
    async unpin(viewer: Viewer | undefined, messageId: string): Promise<Message> {
      const known = requireViewer(viewer);
      return changeMessage(db, known, messageId, async (tx, subject) => {
        await requireInGroup(tx, known, subject, 'pin messages');
        requireKept(subject.message);
        if (subject.message.pinnedAt === null) return subject.message;
        const set = { pinnedAt: null, pinnedById: null };
        return setAndTell(tx, known, subject, set, { kind: 'MESSAGE_UNPINNED', at: now() });
      });
    },

    /**
     * Saves a message that the viewer may read, for themself. Throws ERR_MESSAGE_ACTION_NOT_ALLOWED for a deleted one, and
     * ERR_SAVED_MESSAGES_LIMIT_EXCEEDED for the 1,001st, and AUTH_ERR_NO_ACCESS for who is deleted meanwhile.
     */
    async save(viewer: Viewer | undefined, messageId: string): Promise<Message> {
      const user = requireUser(viewer);
      return changeMessage(db, user, messageId, async (tx, { message }) => {
        requireKept(message);
        await holdViewer(tx, user);
        // The limit is the user's, over all conversations: what is counted below holds until this one is kept.
        await tx.alsoAlone(`saves:${user.id}`);
        const { saved, save } = keepingStore(tx);
        if (await saved(user.id, message.id)) return message;
        await requireRoom(tx, user);
        const at = now();
        await save(user.id, message.id, at);
        await tellOwn(tx, user, message, 'MESSAGE_SAVED', at);
        return message;
      });
    },

    /** Saves a message no longer; one that is not saved is as if given up. Throws as saving does. */
    async unsave(viewer: Viewer | undefined, messageId: string): Promise<Message> {
      const user = requireUser(viewer);
      return changeMessage(db, user, messageId, async (tx, { message }) => {
        requireKept(message);
        if (await keepingStore(tx).unsave(user.id, message.id))
          await tellOwn(tx, user, message, 'MESSAGE_UNSAVED', now());
        return message;
      });
    },
  };
}

async function requireRoom(tx: Handle, user: UserViewer): Promise<void> {
  const { countSaved, countReadableSaved } = keepingStore(tx);
  const all = await countSaved(user.id);
  if (!all || all.count < SAVES_MAX) return;
  // What they saved of a conversation that they have left since they could not give up to make room.
  const { count = 0 } = (await countReadableSaved(user.id)) ?? {};
  if (count < SAVES_MAX) return;
  throw new ChatError(
    'ERR_SAVED_MESSAGES_LIMIT_EXCEEDED',
    `You have saved ${count} messages: ${SAVES_MAX} at the most. Give up one first.`,
  );
}

/** Tells a user's own devices, and nobody else. */
async function tellOwn(
  tx: Handle,
  user: UserViewer,
  message: Message,
  kind: 'MESSAGE_SAVED' | 'MESSAGE_UNSAVED',
  at: number,
): Promise<void> {
  await appendEvent(tx, {
    kind,
    at,
    byId: user.id,
    conversationId: message.conversationId,
    messageId: message.id,
    topics: [userTopic(user.uid)],
  });
}

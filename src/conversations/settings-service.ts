import { isDeepStrictEqual } from 'node:util';
import { now } from '../clock.ts';
import { ChatError } from '../errors.ts';
import { appendEvent } from '../events/append-store.ts';
import { userTopic } from '../events/event.ts';
import { requireTags } from '../input.ts';
import type { Database, Handle } from '../store/handle.ts';
import { requireUser, type UserViewer, type Viewer } from '../viewer.ts';
import { type Conversation, type Participant, type Receiver, scopeWith, type View } from './conversation.ts';
import { getPlace, type Place, viewOf } from './place-store.ts';
import type { Conversations } from './service.ts';

/** What a user sets for a conversation of theirs: what is left out stays, and null takes away. */
export interface Settings {
  readonly tags?: readonly string[] | null | undefined;
  readonly pinned?: boolean | null | undefined;
  /** Seconds since 1970. */
  readonly mutedUntil?: number | null | undefined;
}

/** What users change of conversations for themselves alone. */
export function createSettings({ db, conversations }: { db: Database; conversations: Conversations }) {
  async function inPlace<T>(
    viewer: Viewer | undefined,
    receiver: Receiver,
    job: (tx: Handle, user: UserViewer, place: Place) => Promise<T>,
  ): Promise<T> {
    const user = requireUser(viewer);
    const party = await conversations.getPartner(user, receiver);
    return db.write(scopeWith(user.id, party), async (tx) => job(tx, user, await getPlace(tx, user, party)));
  }

  return {
    /**
     * Sets what is given. Throws ERR_BAD_REQUEST where nothing is, ERR_CONVERSATION_NOT_FOUND, or what stands in the way of finding the
     * user or the group.
     */
    async update(
      viewer: Viewer | undefined,
      { receiverType, receiverId, ...given }: Receiver & Settings,
    ): Promise<View> {
      requireUser(viewer);
      if (Object.values(given).every((value) => value === undefined)) {
        throw new ChatError('ERR_BAD_REQUEST', 'Give at least one of `tags`, `pinned` and `mutedUntil`.');
      }
      const tags = given.tags === undefined ? undefined : requireTags('tags', given.tags);
      return inPlace(viewer, { receiverType, receiverId }, async (tx, user, { conversation, mine }) => {
        const at = now();
        const changed = {
          ...mine,
          ...(tags && { tags }),
          ...(given.pinned !== undefined && { pinnedAt: given.pinned ? (mine.pinnedAt ?? at) : null }),
          ...(given.mutedUntil !== undefined && { mutedUntil: given.mutedUntil }),
        };
        if (isDeepStrictEqual(changed, mine)) return viewOf(conversation, mine);
        return viewOf(conversation, await change(tx, user, { ...changed, updatedAt: at }, at));
      });
    },

    /** Hides all that the conversation holds from the viewer alone. That is no reading: others' receipts stay as they are. */
    remove(viewer: Viewer | undefined, receiver: Receiver): Promise<Conversation> {
      return inPlace(viewer, receiver, async (tx, user, { conversation, mine }) => {
        const { lastId, counted } = conversation;
        if (lastId > mine.clearedUpTo) {
          await change(tx, user, { ...mine, clearedUpTo: lastId, readUpTo: lastId, readCounted: counted }, now());
        }
        return conversation;
      });
    },
  };
}

export type ConversationSettings = ReturnType<typeof createSettings>;

/** Keeps the participant's row, and tells their other devices. */
async function change(tx: Handle, user: UserViewer, mine: Participant, at: number): Promise<Participant> {
  await tx.updateMany(tx.t.participants, ['userId', 'conversationId'], [mine]);
  await appendEvent(tx, {
    kind: 'CONVERSATION_UPDATED',
    at,
    byId: user.id,
    conversationId: mine.conversationId,
    topics: [userTopic(user.uid)],
  });
  return mine;
}

import { now } from '../clock.ts';
import { type Participant, type Receiver, scopeOf, scopeWith, type View } from '../conversations/conversation.ts';
import { getPlace, type Place, placeStore, viewOf } from '../conversations/place-store.ts';
import type { Conversations } from '../conversations/service.ts';
import { ChatError } from '../errors.ts';
import { appendEvent } from '../events/append-store.ts';
import { userTopic } from '../events/event.ts';
import { type Database, type Handle, must } from '../store/handle.ts';
import { requireUser, type UserViewer, type Viewer } from '../viewer.ts';
import { reach, unreach } from './marks-store.ts';
import type { Message } from './message.ts';
import { getReadable, requireMessageId, topicsOf } from './readable-store.ts';
import { messageStore } from './store.ts';

/** Up to, or from, where somebody marks: a message, or a whole conversation, but not both. */
export interface Marking {
  readonly messageId?: string | null | undefined;
  readonly receiverType?: Receiver['receiverType'] | null | undefined;
  readonly receiverId?: string | null | undefined;
}

/** Marks something in a conversation, of which `message` names one; gives the participant's row as it is then. */
type Mark = (
  tx: Handle,
  user: UserViewer,
  place: Omit<Place, 'topics'>,
  message: Message | undefined,
) => Promise<Participant>;

/**
 * How far users have got and read what is written to them. Each function throws ERR_BAD_REQUEST unless it is given either a message
 * or a conversation, ERR_MESSAGE_ID_NOT_FOUND for a message that the viewer may not read, ERR_CONVERSATION_NOT_FOUND, or what stands
 * in the way of finding the user or the group.
 */
export function createReceipts({ db, conversations }: { db: Database; conversations: Conversations }) {
  async function mark(viewer: Viewer | undefined, marking: Marking, job: Mark): Promise<View> {
    const user = requireUser(viewer);
    const subject = requireSubject(marking);
    if (typeof subject !== 'number') {
      const party = await conversations.getPartner(user, subject);
      return db.write(scopeWith(user.id, party), async (tx) => {
        const place = await getPlace(tx, user, party);
        return viewOf(place.conversation, await job(tx, user, place, undefined));
      });
    }
    return db.write(await scopeOfMessage(subject), async (tx) => {
      const { message, mine, conversation } = await getReadable(tx, user, subject);
      return viewOf(conversation, await job(tx, user, { conversation, mine: must(mine) }, message));
    });
  }

  /** Where no message has the id any scope does: that is for the transaction to find. */
  async function scopeOfMessage(id: number): Promise<string> {
    const message = await messageStore(db.read).byId(id);
    const conversation = message && (await placeStore(db.read).byId(message.conversationId));
    return conversation ? scopeOf(conversation) : `message:${id}`;
  }

  return {
    /** Marks all up to a message, or a whole conversation, as delivered to the viewer. What is so already stays as it is. */
    markDelivered: (viewer: Viewer | undefined, marking: Marking): Promise<View> =>
      mark(viewer, marking, (tx, user, place, message) => markUpTo(tx, user, place, 'delivered', message)),

    /** Marks all up to a message, or a whole conversation, as read by the viewer, and so delivered. What is so already stays as it is. */
    markRead: (viewer: Viewer | undefined, marking: Marking): Promise<View> =>
      mark(viewer, marking, (tx, user, place, message) => markUpTo(tx, user, place, 'read', message)),

    /** Counts a message and all after it, or a whole conversation, as unread again: for the viewer alone, and not in any receipt. */
    markUnread: (viewer: Viewer | undefined, marking: Marking): Promise<View> => mark(viewer, marking, markUnreadFrom),
  };
}

export type ReceiptMarks = ReturnType<typeof createReceipts>;

function requireSubject({ messageId, receiverType, receiverId }: Marking): number | Receiver {
  const byConversation = receiverType != null && receiverId != null;
  if (messageId != null && receiverType == null && receiverId == null) return requireMessageId('messageId', messageId);
  if (messageId == null && byConversation) return { receiverType, receiverId };
  throw new ChatError('ERR_BAD_REQUEST', 'Give either `messageId`, or both `receiverType` and `receiverId`.');
}

async function markUpTo(
  tx: Handle,
  user: UserViewer,
  { conversation, mine }: Pick<Place, 'conversation' | 'mine'>,
  kind: 'read' | 'delivered',
  message: Message | undefined,
): Promise<Participant> {
  const { id: upTo, counted } = message ?? { id: conversation.lastId, counted: conversation.counted };
  const covers = upTo > (kind === 'read' ? mine.readMark : mine.deliveredMark);
  const isNew = covers || (kind === 'read' && upTo > mine.readUpTo);
  if (!isNew || upTo <= mine.clearedUpTo) return mine;
  const at = now();
  const showsToOther = covers && conversation.groupId === null;
  await appendEvent(tx, {
    kind: kind === 'read' ? 'MESSAGES_READ' : 'MESSAGES_DELIVERED',
    at,
    byId: user.id,
    conversationId: conversation.id,
    details: { upTo },
    topics: showsToOther ? await topicsOf(tx, conversation) : [userTopic(user.uid)],
  });
  return reach(tx, conversation, mine, { kind, upTo, counted, covers }, at);
}

const markUnreadFrom: Mark = async (tx, user, { conversation, mine }, message) => {
  const moved = await unreach(tx, mine, message ? message.id - 1 : mine.clearedUpTo);
  if (moved === mine) return mine;
  await appendEvent(tx, {
    kind: 'CONVERSATION_UPDATED',
    at: now(),
    byId: user.id,
    conversationId: conversation.id,
    topics: [userTopic(user.uid)],
  });
  return moved;
};

import { now } from '../clock.ts';
import { type Receiver, scopeWith } from '../conversations/conversation.ts';
import { enterConversation, type Place, requireUnblocked } from '../conversations/place-store.ts';
import type { Conversations } from '../conversations/service.ts';
import { appendEvent } from '../events/append-store.ts';
import { badField, requireJson, requireTags } from '../input.ts';
import type { Json } from '../json.ts';
import type { Database, Handle } from '../store/handle.ts';
import { requireUser, type UserViewer, type Viewer } from '../viewer.ts';
import { appendMessage, type NewMessage } from './append-store.ts';
import { requireKept } from './changing-store.ts';
import { requireBeside, requireCustomData, requireText } from './content.ts';
import { reach } from './marks-store.ts';
import type { Message } from './message.ts';
import { getReadable, readableStore, requireMessageId } from './readable-store.ts';
import { MUID_PATTERN } from './text.ts';

/** Where a message goes, and what any of them can have beside its content; null and left out mean the same. */
export interface Sending extends Receiver {
  readonly muid?: string | null | undefined;
  readonly metadata?: Json | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly parentId?: string | null | undefined;
  readonly quotedMessageId?: string | null | undefined;
}

/** What a message of a type says. */
export type Content = Pick<
  NewMessage,
  'type' | 'text' | 'url' | 'caption' | 'subType' | 'customData' | 'conversationText'
>;

/** What a custom message says: data, what kind they are, and what to show for them in a list of conversations. */
export interface Custom {
  readonly customData: Json;
  readonly subType?: string | null | undefined;
  readonly conversationText?: string | null | undefined;
}

/** Sends messages: each is on disk, counted and in the log before its sender hears of it. */
export function createSending({ db, conversations }: { db: Database; conversations: Conversations }) {
  /**
   * Sends a message, or gives the one that its sender sent before with the same `muid`. `also` adds what belongs to the message, in
   * the same transaction, where it is new.
   */
  async function send(
    viewer: Viewer | undefined,
    sending: Sending,
    content: Content,
    also?: (tx: Handle, message: Message) => Promise<void>,
  ): Promise<Message> {
    const user = requireUser(viewer);
    const own = requireOwn(sending);
    // Sent again, a message is the first one, whatever has become of its receiver since.
    const party = await conversations[own.muid === null ? 'getParty' : 'getPartner'](user, sending);
    return db.write(scopeWith(user.id, party), async (tx) => {
      const at = now();
      const place = await enterConversation(tx, user, party, at);
      const sent =
        own.muid === null
          ? undefined
          : await findSent(tx, user, place, own.muid, { category: 'message', type: content.type });
      if (sent) return sent;
      if (party.type === 'user') await requireUnblocked(tx, user, party.user);
      const draft: NewMessage = {
        ...content,
        senderId: user.id,
        category: 'message',
        muid: own.muid,
        metadata: sending.metadata ?? null,
        tags: own.tags,
        parentId: own.parentId && (await requireParent(tx, user, place, own.parentId)),
        quotedId: own.quotedId && (await requireQuoted(tx, user, place, own.quotedId)),
      };
      const message = await appendMessage(tx, place, draft, at);
      if (also) await also(tx, message);
      await appendEvent(tx, {
        kind: 'MESSAGE_SENT',
        at: message.sentAt,
        byId: user.id,
        conversationId: message.conversationId,
        messageId: message.id,
        topics: place.topics,
      });
      await readUpToOwn(tx, user, place, message);
      return message;
    });
  }

  return {
    send,

    /** Sends a text. Throws ERR_EMPTY_MESSAGE_TEXT for one of nothing but white space, and whatever sending throws. */
    async sendText(viewer: Viewer | undefined, sending: Sending & { text: string }): Promise<Message> {
      const { text } = sending;
      requireUser(viewer);
      requireText('text', text);
      return send(viewer, sending, { type: 'text', text });
    },

    /** Sends whatever the application makes of it. Throws ERR_INVALID_CUSTOM_DATA for too much of it, and whatever sending throws. */
    async sendCustom(viewer: Viewer | undefined, custom: Sending & Custom): Promise<Message> {
      const { customData, subType = null, conversationText = null, ...sending } = custom;
      requireUser(viewer);
      requireCustomData('customData', customData);
      requireBeside(subType, conversationText);
      return send(viewer, sending, { type: 'custom', customData, subType, conversationText });
    },
  };
}

export type Sendings = ReturnType<typeof createSending>;

/** What of a message's own is checked without looking anything up. */
export function requireOwn({ muid = null, metadata, tags, parentId, quotedMessageId }: Omit<Sending, keyof Receiver>) {
  if (muid !== null && !MUID_PATTERN.test(muid)) throw badField('muid', 'must be 1 to 100 printable characters');
  requireJson('metadata', metadata, 'ERR_INVALID_METADATA');
  return {
    muid,
    tags: requireTags('tags', tags),
    parentId: parentId == null ? null : requireMessageId('parentId', parentId),
    quotedId: quotedMessageId == null ? null : requireMessageId('quotedMessageId', quotedMessageId),
  };
}

/** What the user sent with this `muid` before. Throws where it went elsewhere, was of another type, or may no longer be read. */
export async function findSent(
  tx: Handle,
  user: UserViewer,
  { conversation, mine }: Place,
  muid: string,
  { category, type }: Pick<Message, 'category' | 'type'>,
): Promise<Message | undefined> {
  const sent = await readableStore(tx).byMuid(user.id, muid);
  if (!sent) return undefined;
  if (sent.conversationId !== conversation.id) throw badField('muid', 'was used for a message to another receiver');
  if (sent.type !== type || sent.category !== category)
    throw badField('muid', 'was used for a message of another type');
  if (!sent.purged && sent.id > mine.clearedUpTo) return sent;
  throw badField('muid', 'was used for a message that is gone', 'ERR_MESSAGE_ID_NOT_FOUND');
}

/** The message that a reply answers: a readable one of this conversation that is no reply, no action and not deleted. */
async function requireParent(tx: Handle, user: UserViewer, { conversation }: Place, id: number): Promise<number> {
  const { message } = await getReadable(tx, user, id, 'parentId');
  if (message.conversationId !== conversation.id) {
    throw badField('parentId', 'names a message of another conversation', 'ERR_WRONG_MESSAGE_THREAD');
  }
  if (message.parentId !== null) {
    throw badField('parentId', 'names a reply: threads are one level deep', 'ERR_MESSAGE_THREAD_NESTING');
  }
  if (message.category === 'action') {
    throw badField('parentId', 'names an action, which has no replies', 'ERR_MESSAGE_ACTION_NOT_ALLOWED');
  }
  requireKept(message, 'parentId');
  return id;
}

async function requireQuoted(tx: Handle, user: UserViewer, { conversation }: Place, id: number): Promise<number> {
  const { message } = await getReadable(tx, user, id, 'quotedMessageId');
  if (message.conversationId !== conversation.id)
    throw badField('quotedMessageId', 'names a message of another conversation');
  requireKept(message, 'quotedMessageId');
  return id;
}

/** Who sends has read what came before, and is told so where that shows to somebody: the other of two. */
export async function readUpToOwn(
  tx: Handle,
  user: UserViewer,
  { conversation, mine, topics }: Place,
  message: Message,
) {
  const toSelf = conversation.groupId === null && conversation.userA === conversation.userB;
  const covers = toSelf || conversation.lastId > mine.readMark;
  const reached = { kind: 'read', upTo: message.id, counted: message.counted, covers } as const;
  await reach(tx, conversation, mine, reached, message.sentAt);
  if (!covers || toSelf || conversation.groupId !== null) return;
  await appendEvent(tx, {
    kind: 'MESSAGES_READ',
    at: message.sentAt,
    byId: user.id,
    conversationId: conversation.id,
    details: { upTo: message.id },
    topics,
  });
}

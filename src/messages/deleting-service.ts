import { now } from '../clock.ts';
import { type Conversation, scopeOf } from '../conversations/conversation.ts';
import { placeStore } from '../conversations/place-store.ts';
import { appendEvent } from '../events/append-store.ts';
import { badField } from '../input.ts';
import { type Database, type Handle, must } from '../store/handle.ts';
import { byOf, idOf, requireKey, requireViewer, type Viewer } from '../viewer.ts';
import { changeMessage, requireInGroup, setAndTell } from './changing-store.ts';
import { eraseMessages, purgeMessages } from './erase-store.ts';
import type { Message } from './message.ts';
import { notFound, type Readable, requireMessageId, topicsOf } from './readable-store.ts';
import { messageStore } from './store.ts';

interface Options {
  readonly db: Database;
  /** Sees to it that files go which no message has any more. */
  readonly sweepFiles: () => void;
  /** Ends a call, by its message, where it goes on. */
  readonly closeCall: (tx: Handle, conversation: Conversation, messageId: number, at: number) => Promise<void>;
}

/** Deletes messages: what they held is gone, their place stays. */
export function createDeleting({ db, sweepFiles, closeCall }: Options) {
  return {
    /**
     * Deletes a message, of the viewer's own or where they keep order: its sender, a group's admins and moderators, an API key.
     * Throws ERR_MESSAGE_NO_ACCESS for others, ERR_MESSAGE_ACTION_NOT_ALLOWED for actions and calls. What is deleted stays so.
     */
    async delete(viewer: Viewer | undefined, messageId: string): Promise<Message> {
      const known = requireViewer(viewer);
      const deleted = await changeMessage(db, known, messageId, async (tx, subject) => {
        const { message } = subject;
        requireNoAction(message);
        if (message.category === 'call')
          throw badField('messageId', 'names a call, which stays in the history', 'ERR_MESSAGE_ACTION_NOT_ALLOWED');
        await requireDeleter(tx, known, subject);
        if (message.deletedAt !== null) return message;
        const at = now();
        await eraseMessages(tx, [message.id]);
        const deleted = { deletedAt: at, deletedById: byOf(known) };
        await setAndTell(tx, known, subject, deleted, { kind: 'MESSAGE_DELETED', at });
        return must(await messageStore(tx).byId(message.id));
      });
      sweepFiles();
      return deleted;
    },

    /**
     * Deletes a message or a call for good: it is gone from every answer, and a call that goes on is over. For API keys alone, else AUTH_ERR_NO_ACCESS. Throws
     * ERR_MESSAGE_ACTION_NOT_ALLOWED for an action.
     */
    async purge(viewer: Viewer | undefined, messageId: string): Promise<void> {
      requireKey(viewer);
      const id = requireMessageId('messageId', messageId);
      const found = await messageStore(db.read).byId(id);
      if (!found) throw notFound('messageId', id);
      const conversation = must(await placeStore(db.read).byId(found.conversationId));
      await db.write(scopeOf(conversation), async (tx) => {
        const message = await messageStore(tx).byId(id);
        if (!message || message.purged) return;
        requireNoAction(message);
        const at = now();
        if (message.category === 'call') await closeCall(tx, conversation, id, at);
        await purgeMessages(tx, conversation, [id]);
        await appendEvent(tx, {
          kind: 'MESSAGE_DELETED',
          at,
          byId: null,
          conversationId: conversation.id,
          messageId: id,
          topics: await topicsOf(tx, conversation),
        });
      });
      sweepFiles();
    },
  };
}

function requireNoAction({ category }: Message): void {
  if (category !== 'action') return;
  throw badField('messageId', 'names an action, which is not deleted', 'ERR_MESSAGE_ACTION_NOT_ALLOWED');
}

async function requireDeleter(tx: Handle, viewer: Viewer, subject: Readable): Promise<void> {
  const { message, conversation } = subject;
  if (viewer.kind === 'key' || message.senderId === idOf(viewer)) return;
  if (conversation.groupId === null)
    throw badField('messageId', 'names a message of the other’s: only its sender deletes it', 'ERR_MESSAGE_NO_ACCESS');
  await requireInGroup(tx, viewer, subject, 'delete the messages of others');
}

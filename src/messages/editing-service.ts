import { isDeepStrictEqual } from 'node:util';
import { now } from '../clock.ts';
import { ChatError } from '../errors.ts';
import { badField, requireJson, requireLength, requireTags } from '../input.ts';
import type { Json } from '../json.ts';
import type { Database, Handle } from '../store/handle.ts';
import { requireUser, type Viewer } from '../viewer.ts';
import { changeMessage, requireKept, requireNoBlock, setAndTell } from './changing-store.ts';
import { requireCustomData, requireText } from './content.ts';
import { keepEdit } from './edits-store.ts';
import { mentionedIn, putMentions, putTags, searchWords } from './indexing-store.ts';
import { type Message, type MessageTypeName, typeNameOf } from './message.ts';
import { hasLinks, TEXT_MAX, textOf } from './text.ts';

/** What a message is to become: null clears a field that can be empty, and what is left out stays. */
export interface Editing {
  readonly messageId: string;
  readonly text?: string | null | undefined;
  readonly caption?: string | null | undefined;
  readonly customData?: Json | undefined;
  readonly metadata?: Json | undefined;
  readonly tags?: readonly string[] | null | undefined;
}

type Edited = Partial<Pick<Message, 'text' | 'caption' | 'customData' | 'metadata' | 'tags'>>;

/** The one type of message that has a field; the others are had by all. */
const ONLY_OF: Partial<Record<keyof Edited, MessageTypeName>> = {
  text: 'TextMessage',
  caption: 'MediaMessage',
  customData: 'CustomMessage',
};

/** Edits messages: what they were before is kept. */
export function createEditing({ db }: { db: Database }) {
  return {
    /**
     * Edits a message of the viewer's own. Throws ERR_MESSAGE_NOT_A_SENDER for another's, ERR_MESSAGE_ACTION_NOT_ALLOWED for a
     * deleted one, an action or a call, and ERR_BAD_REQUEST for a field that a message of its type has not. An edit that changes
     * nothing is none.
     */
    async edit(viewer: Viewer | undefined, { messageId, ...editing }: Editing): Promise<Message> {
      const user = requireUser(viewer);
      const edited = requireEdited(editing);
      return changeMessage(db, user, messageId, async (tx, subject) => {
        const { message } = subject;
        requireEditable(message, user.id);
        requireFields(message, edited);
        const changed = changedBy(message, edited);
        if (Object.keys(changed).length === 0) return message;
        await requireNoBlock(tx, user, subject);
        const at = now();
        await keepEdit(tx, message, at, user.id);
        const set = { ...changed, ...(await index(tx, message, changed)), editedAt: at, editedById: user.id };
        return setAndTell(tx, user, subject, set, { kind: 'MESSAGE_EDITED', at });
      });
    },
  };
}

/** The fields that were given, as sending would take them. */
function requireEdited({ text, caption, customData, metadata, tags }: Omit<Editing, 'messageId'>): Edited {
  if (text !== undefined) requireText('text', text);
  requireLength('caption', caption, TEXT_MAX);
  if (customData !== undefined) requireCustomData('customData', customData);
  requireJson('metadata', metadata, 'ERR_INVALID_METADATA');
  const given = { text, caption, customData, metadata, tags: tags === undefined ? tags : requireTags('tags', tags) };
  const edited = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (Object.keys(edited).length > 0) return edited;
  throw new ChatError('ERR_BAD_REQUEST', 'Nothing to edit: give at least one field beside `messageId`.');
}

function requireEditable(message: Message, userId: number): void {
  const { category, senderId } = message;
  if (category !== 'message')
    throw badField(
      'messageId',
      `names ${category === 'call' ? 'a call' : 'an action'}, which is not edited`,
      'ERR_MESSAGE_ACTION_NOT_ALLOWED',
    );
  requireKept(message);
  if (senderId !== userId)
    throw badField(
      'messageId',
      'names a message of somebody else: only its sender edits it',
      'ERR_MESSAGE_NOT_A_SENDER',
    );
}

function requireFields(message: Message, edited: Edited): void {
  const type = typeNameOf(message);
  const wrong = (Object.keys(edited) as (keyof Edited)[]).find((field) => (ONLY_OF[field] ?? type) !== type);
  if (wrong) throw badField(wrong, `is not a field of a ${type}, which the message is`);
}

/** Those fields that are to hold something else than the message does. */
function changedBy(message: Message, edited: Edited): Edited {
  const fields = Object.entries(edited) as [keyof Edited, Json][];
  return Object.fromEntries(fields.filter(([field, value]) => !isDeepStrictEqual(message[field], value)));
}

/** Lets the message be found by what it now says, and gives the columns that follow from that. */
async function index(tx: Handle, message: Message, changed: Edited): Promise<Partial<Message>> {
  if (changed.tags) await putTags(tx, message, changed.tags);
  const after = { ...message, ...changed };
  const text = textOf(after);
  if (text === textOf(message)) return {};
  const mentioned = await mentionedIn(tx, message.conversationId, text);
  await putMentions(tx, message, mentioned);
  await tx.putWords([{ id: message.id, words: searchWords(message.conversationId, text) }]);
  return { mentionCount: mentioned.length, hasLinks: hasLinks(after.text ?? after.caption ?? '') };
}

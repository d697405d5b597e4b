import { isDeepStrictEqual } from 'node:util';
import type { Conversation } from '../conversations/conversation.ts';
import { MEDIA_TYPES, typeNameOf } from '../messages/message.ts';
import { type Batch, type MessageRef, memberKey } from './batch.ts';
import { AT_THE_END, type Participant } from './conversations.ts';
import { LineError } from './fields.ts';
import { attachmentRow } from './message-parts.ts';
import type {
  AttachmentLine,
  ConversationLine,
  EditLine,
  MarkLine,
  PinLine,
  ReactionLine,
  SaveLine,
} from './own-lines.ts';
import type { Taken } from './people.ts';

/** The message that a line is about. Throws a LineError where it is not there, or has no content that the line could add to. */
function messageOf({ refs }: Batch, id: number): MessageRef {
  const ref = refs.get(id);
  if (!ref) throw new LineError('messageId', `there is no message ${id}`);
  if (ref.deletedAt !== null) throw new LineError('messageId', `message ${id} is deleted, and holds nothing`);
  return ref;
}

export function takeAttachment(batch: Batch, { messageId, position, ...file }: AttachmentLine): Taken {
  const message = messageOf(batch, messageId);
  if (typeNameOf(message) !== 'MediaMessage') {
    const types = MEDIA_TYPES.join(', ');
    throw new LineError(
      'messageId',
      `message ${messageId} is of type ${message.type}: only those of ${types} have files`,
    );
  }
  batch.rows.attachments.push(attachmentRow(messageId, position, file));
  if (message.url === null && position === 0) {
    message.url = file.url;
    batch.changed.add(message);
  }
  return 'added';
}

export function takeEdit(batch: Batch, line: EditLine): Taken {
  messageOf(batch, line.messageId);
  batch.rows.edits.push({
    messageId: line.messageId,
    position: line.position,
    editedAt: line.editedAt,
    editedById: batch.people.get(line.editedBy, 'editedBy').id,
    text: line.text ?? null,
    caption: line.caption ?? null,
    metadata: (line.metadata ?? null) as never,
    customData: (line.customData ?? null) as never,
  });
  return 'added';
}

export function takeReaction(batch: Batch, { messageId, uid, reaction, reactedAt }: ReactionLine): Taken {
  messageOf(batch, messageId);
  batch.rows.reactions.push({ messageId, reaction, userId: batch.people.get(uid, 'uid').id, at: reactedAt });
  return 'added';
}

export function takeSave(batch: Batch, { messageId, uid, savedAt }: SaveLine): Taken {
  messageOf(batch, messageId);
  batch.rows.saves.push({ messageId, userId: batch.people.get(uid, 'uid').id, savedAt });
  return 'added';
}

export function takePin(batch: Batch, { messageId, pinnedAt, pinnedBy }: PinLine): Taken {
  const message = messageOf(batch, messageId);
  const byId = pinnedBy == null ? null : batch.people.get(pinnedBy, 'pinnedBy').id;
  if (message.pinnedAt !== null) {
    if (message.pinnedAt !== pinnedAt) throw new LineError('pinnedAt', `is ${message.pinnedAt} already`);
    return 'there';
  }
  message.pinnedAt = pinnedAt;
  message.pinnedById = byId;
  batch.changed.add(message);
  return 'added';
}

export function takeMark(batch: Batch, line: MarkLine): Taken {
  const { people, rows } = batch;
  if (line.receiverType === 'user' && line.uid == null) throw new LineError('uid', 'is missing');
  const user = line.uid == null ? undefined : people.get(line.uid, 'uid');
  const conversation = conversationOf(batch, line, line.uid ?? '');
  refuseBeyond(conversation, 'messageId', line.messageId);
  const userId = user?.id ?? 0;
  rows.marks.push({ conversationId: conversation.id, userId, kind: line.type, upTo: line.messageId, at: line.at });
  return 'added';
}

/** Takes how a conversation stands for one of its users. Throws a LineError where it stands otherwise already. */
export function takeConversation(batch: Batch, line: ConversationLine): Taken {
  const { people, conversations } = batch;
  const user = people.get(line.uid, 'uid');
  const conversation = conversationOf(batch, line, line.uid);
  for (const field of ['lastReadMessageId', 'readMark', 'deliveredMark', 'clearedUpTo'] as const) {
    refuseBeyond(conversation, field, line[field] ?? 0);
  }
  const belongs = conversation.groupId === null || batch.members.has(memberKey(conversation.groupId, user.id));
  const participant = conversations.participant(user.id, conversation, belongs);
  const changes = { ...placeOf(participant, line), ...settingsOf(participant, line) };
  if (Object.keys(changes).length === 0) return 'there';
  Object.assign(participant, changes);
  conversations.change(participant);
  return 'added';
}

function conversationOf(batch: Batch, line: MarkLine | ConversationLine, uid: string): Conversation {
  const { people, groups, conversations, now } = batch;
  if (line.receiverType === 'group') return conversations.ofGroup(groups.get(line.receiver, 'receiver'));
  return conversations.ofPair(people.get(uid, 'uid'), people.get(line.receiver, 'receiver'), now);
}

function refuseBeyond({ lastId }: Conversation, field: string, id: number): void {
  if (id > lastId) throw new LineError(field, `is above ${lastId}, the conversation's last message`);
}

/** Where the user stands: settled once, by the import that brought them. What they cleared is not unread. */
function placeOf(participant: Participant, line: ConversationLine) {
  const { lastReadMessageId, readMark, deliveredMark, clearedUpTo } = line;
  if (lastReadMessageId == null) return {};
  const readUpTo = Math.max(lastReadMessageId, clearedUpTo ?? 0);
  if (readUpTo === participant.readUpTo) return {};
  if (participant.readUpTo !== AT_THE_END) {
    throw new LineError('lastReadMessageId', `is ${participant.readUpTo} already, and nothing is overwritten`);
  }
  const read = readMark ?? lastReadMessageId;
  return { readUpTo, readMark: read, deliveredMark: Math.max(read, deliveredMark ?? 0) };
}

function settingsOf(participant: Participant, line: ConversationLine): Partial<Participant> {
  const changes: Record<string, unknown> = {};
  for (const field of ['clearedUpTo', 'tags', 'pinnedAt', 'mutedUntil'] as const) {
    const [there, given] = [participant[field], line[field]];
    if (given == null || isDeepStrictEqual(there, given) || isUnset(given)) continue;
    if (!isUnset(there)) throw new LineError(field, `is ${JSON.stringify(there)} already, and nothing is overwritten`);
    changes[field] = given;
  }
  return changes;
}

const isUnset = (value: unknown): boolean =>
  value === null || value === 0 || (Array.isArray(value) && value.length === 0);

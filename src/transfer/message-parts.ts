import { randomBytes } from 'node:crypto';
import type { Message } from '../messages/message.ts';
import type { Batch } from './batch.ts';
import type { CallDraft, MessageDraft } from './message-draft.ts';
import type { Attachment } from './own-lines.ts';
import type { Person } from './people.ts';

const RING_SECONDS = 45;
const UNKNOWN_TYPE = 'application/octet-stream';

/** Adds a new message's files, and the call that it is. */
export function addParts(
  batch: Batch,
  { attachments, call }: MessageDraft,
  row: Message,
  receiver: Person | undefined,
): void {
  attachments?.forEach((attachment, position) => {
    batch.rows.attachments.push(attachmentRow(row.id, position, attachment));
  });
  if (call) addCall(batch, call, row, receiver);
}

/** A file's row. What its line leaves out is told by its address. */
export function attachmentRow(messageId: number, position: number, attachment: Attachment) {
  const { url, name, mimeType, size, extension, width, height, thumbnailUrl } = attachment;
  const file = url.split(/[?#]/)[0]?.split('/').at(-1) ?? '';
  return {
    messageId,
    position,
    url,
    name: name ?? (file || url),
    mimeType: mimeType ?? UNKNOWN_TYPE,
    size: size ?? 0,
    extension: extension ?? null,
    width: width ?? null,
    height: height ?? null,
    thumbnailUrl: thumbnailUrl ?? null,
  };
}

function addCall({ rows, sessions, people }: Batch, call: CallDraft, row: Message, receiver: Person | undefined): void {
  const { sessionId, status, initiatedAt, joinedAt, endedAt, secret } = call;
  sessions.set(sessionId, row.id);
  rows.calls.push({
    messageId: row.id,
    sessionId,
    conversationId: row.conversationId,
    initiatorId: row.senderId,
    callType: row.type === 'video' ? 'video' : 'audio',
    status,
    initiatedAt,
    joinedAt,
    endedAt,
    ringsUntil: status === 'initiated' ? initiatedAt + RING_SECONDS : null,
    secret: secret ?? randomBytes(20).toString('hex'),
  });
  const add = (userId: number, joined: number | null, left: number | null, declined: number | null) =>
    rows.callParticipants.push({ messageId: row.id, userId, joinedAt: joined, leftAt: left, declinedAt: declined });
  if (call.participants) {
    for (const one of call.participants) {
      const user = people.find(one.uid);
      if (user) add(user.id, one.joinedAt ?? null, one.leftAt ?? null, one.declinedAt ?? null);
    }
    return;
  }
  add(row.senderId, initiatedAt, endedAt, null);
  if (!receiver || receiver.id === row.senderId) return;
  add(receiver.id, joinedAt, joinedAt === null ? null : endedAt, null); // who is called takes part, also without joining
}

/** A message's receipts: its receiver's, or in a group all members'. */
export function addMarks(
  batch: Batch,
  { id, deliveredAt, readAt }: MessageDraft,
  row: Message,
  receiver: Person | undefined,
): void {
  const mark = { conversationId: row.conversationId, userId: receiver?.id ?? 0, upTo: id };
  if (deliveredAt != null) batch.rows.marks.push({ ...mark, kind: 'delivered', at: deliveredAt });
  if (readAt != null) batch.rows.marks.push({ ...mark, kind: 'read', at: readAt });
}

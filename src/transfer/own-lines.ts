import { z } from 'zod';
import { anything, key, messageId, optional, tags, text, time, uid } from './fields.ts';

const receiver = { receiverType: z.enum(['user', 'group']), receiver: uid };

/** `messageId` and all before it are delivered to, or read by, `uid`; without a uid: all members of a group. */
export const markLine = z.object({
  ...receiver,
  uid: optional(uid),
  type: z.enum(['delivered', 'read']),
  messageId,
  at: time,
});

/** Not a union: what is wrong would be told of one half of it. */
const messageIdOrNone = z.unknown().transform((value, context): number => {
  if (value === 0 || value === '0') return 0;
  const { success, data } = messageId.safeParse(value);
  if (success) return data;
  context.addIssue({ code: 'custom', message: "is a message's id, or 0" });
  return z.NEVER;
});

/** How a conversation stands for one of its users. */
export const conversationLine = z.object({
  ...receiver,
  uid,
  lastReadMessageId: optional(messageIdOrNone),
  readMark: optional(messageIdOrNone),
  deliveredMark: optional(messageIdOrNone),
  clearedUpTo: optional(messageIdOrNone),
  tags: optional(tags),
  pinnedAt: optional(time),
  mutedUntil: optional(time),
});

export const reactionLine = z.object({ messageId, uid, reaction: key, reactedAt: time });

export const editLine = z.object({
  messageId,
  position: z.number().int().min(0),
  editedAt: time,
  editedBy: uid,
  text: optional(text),
  caption: optional(text),
  metadata: anything,
  customData: anything,
});

export const pinLine = z.object({ messageId, pinnedAt: time, pinnedBy: optional(uid) });

export const saveLine = z.object({ messageId, uid, savedAt: time });

/** A file, as a message's own `data.attachments` and lines have it. */
export const attachment = z.object({
  url: text,
  name: optional(text),
  mimeType: optional(text),
  size: optional(z.int32().min(0)),
  extension: optional(text),
  width: optional(z.int32().min(0)),
  height: optional(z.int32().min(0)),
  thumbnailUrl: optional(text),
});

export const attachmentLine = attachment.extend({ messageId, position: z.number().int().min(0) });

export type MarkLine = z.infer<typeof markLine>;
export type ConversationLine = z.infer<typeof conversationLine>;
export type ReactionLine = z.infer<typeof reactionLine>;
export type EditLine = z.infer<typeof editLine>;
export type PinLine = z.infer<typeof pinLine>;
export type SaveLine = z.infer<typeof saveLine>;
export type Attachment = z.infer<typeof attachment>;
export type AttachmentLine = z.infer<typeof attachmentLine>;

import { z } from 'zod';
import { anything, key, messageId, optional, tags, text, time, uid } from './fields.ts';
import { attachment } from './own-lines.ts';

const person = z.looseObject({ uid });
const group = z.looseObject({ guid: uid });
/** A person by uid, or in full. Whatever else is known of them is looked at where they have to be made. */
const someone = z.union([person, uid]);
const thing = z.union([person, group]);
const entity = optional(z.object({ entity: optional(z.looseObject({})) }));
const entities = { sender: entity, receiver: entity, by: entity, on: entity, for: entity };
const scope = z.enum(['admin', 'moderator', 'participant']);

const CALL_STATUSES = ['initiated', 'ongoing', 'unanswered', 'rejected', 'busy', 'cancelled', 'ended'] as const;

/** What a call carries beside a message, at its own level or in `data.on.entity`. */
const call = {
  sessionId: optional(key),
  status: optional(text),
  initiatedAt: optional(time),
  joinedAt: optional(time),
  endedAt: optional(time),
};

/** A message in the data model's JSON, in each of the forms that the platform and `raw` give it. */
export const messageLine = z.object({
  id: messageId,
  muid: optional(key),
  sender: optional(someone),
  receiver: z.union([uid, thing]),
  receiverType: z.enum(['user', 'group']),
  category: z.enum(['message', 'custom', 'action', 'call']),
  type: key,
  sentAt: time,
  text: optional(text),
  url: optional(text),
  file: optional(text),
  caption: optional(text),
  customData: anything,
  subType: optional(text),
  conversationText: optional(text),
  action: optional(text),
  message: optional(text),
  actionBy: optional(thing),
  actionOn: optional(z.union([group, someone])),
  actionFor: optional(thing),
  oldScope: optional(scope),
  newScope: optional(scope),
  callInitiator: optional(person),
  callReceiver: optional(thing),
  ...call,
  participants: optional(
    z.array(z.object({ uid, joinedAt: optional(time), leftAt: optional(time), declinedAt: optional(time) })),
  ),
  metadata: anything,
  tags: optional(tags),
  updatedAt: optional(time),
  editedAt: optional(time),
  editedBy: optional(someone),
  deletedAt: optional(time),
  deletedBy: optional(someone),
  pinnedAt: optional(time),
  pinnedBy: optional(someone),
  deliveredAt: optional(time),
  readAt: optional(time),
  parentId: optional(messageId),
  quotedMessageId: optional(messageId),
  data: optional(z.looseObject({})),
});

/** What a message says once more, or alone, in `data`. */
export const messageData = z.object({
  text: optional(text),
  url: optional(text),
  caption: optional(text),
  attachments: optional(z.array(attachment)),
  customData: anything,
  subType: optional(text),
  conversationText: optional(text),
  metadata: anything,
  action: optional(text),
  extras: optional(z.object({ scope: optional(z.object({ old: optional(scope), new: optional(scope) })) })),
  ...entities,
  entities: optional(z.object(entities)),
});

/** The call that a message of category call is about, where `data.on` tells of it. */
export const callEntity = z.object({
  ...call,
  sessionid: optional(key),
  wsChannel: optional(z.object({ secret: optional(text) })),
});

export const callStatus = z.enum(CALL_STATUSES);
export const callType = z.enum(['audio', 'video']);
export const contentType = z.enum(['text', 'image', 'video', 'audio', 'file', 'custom']);
export const actionType = z.enum(['joined', 'left', 'kicked', 'banned', 'unbanned', 'added', 'scopeChanged']);

export type MessageLine = Omit<z.infer<typeof messageLine>, 'data'> & { data: z.infer<typeof messageData> | undefined };

import type { Message } from '../messages/message.ts';
import type * as tables from '../store/tables.sqlite.ts';
import type { Kind } from './parse.ts';

type Row<T extends { $inferSelect: unknown }> = T['$inferSelect'];
type Named = { readonly uid: string; readonly name: string };

/** A line of an export: the fields that hold something, always in the same order. */
export function line(kind: Kind, fields: object): string {
  return `${JSON.stringify({ kind, value: present(fields) })}\n`;
}

const present = (fields: object) =>
  Object.fromEntries(Object.entries(fields).filter(([name, field]) => !isEmpty(name, field)));

/** No tags are the same as none given. Of other lists, an empty one says something: a call without participants. */
const isEmpty = (name: string, field: unknown): boolean =>
  field == null || (name === 'tags' && Array.isArray(field) && field.length === 0);

export function userFields(user: Row<typeof tables.users>): object {
  const { id: _, sortKey: __, ...fields } = user;
  return fields;
}

export function groupFields(group: Row<typeof tables.groups> & { owner: string }): object {
  const { guid, name, type, passwordHash, description, icon, metadata, tags, owner, createdAt, updatedAt } = group;
  return { guid, name, type, passwordHash, description, icon, metadata, tags, owner, createdAt, updatedAt };
}

/** Who and what stands around a message. */
export interface Around {
  readonly user: (id: number) => Named;
  readonly receiver: { readonly receiver: string; readonly receiverType: 'user' | 'group' };
  readonly call: Row<typeof tables.calls> | undefined;
  readonly participants: readonly (Row<typeof tables.callParticipants> & { uid: string })[];
}

export function messageFields(message: Message, { user, receiver, call, participants }: Around): object {
  const uid = (id: number | null) => (id === null ? null : user(id).uid);
  return {
    id: String(message.id),
    muid: message.muid,
    sender: slim(user(message.senderId)),
    ...receiver,
    category: message.category,
    type: message.type,
    ...contentFields(message, user),
    ...(call ? callFields(call, participants) : {}),
    sentAt: message.sentAt,
    metadata: message.metadata,
    tags: message.tags,
    parentId: text(message.parentId),
    quotedMessageId: text(message.quotedId),
    updatedAt: message.updatedAt,
    editedAt: message.editedAt,
    editedBy: uid(message.editedById),
    deletedAt: message.deletedAt,
    deletedBy: uid(message.deletedById),
  };
}

function contentFields(message: Message, user: Around['user']): object {
  if (message.category === 'action') {
    const { action, actionOnId, oldScope, newScope } = message;
    const actionOn = actionOnId === null ? null : slim(user(actionOnId));
    return { action, actionOn, oldScope, newScope, message: message.text };
  }
  const { text: words, url, caption, subType, customData, conversationText } = message;
  return { text: words, url, caption, subType, customData, conversationText };
}

/** A call without its secret: whoever may join the media has it from the server. */
function callFields(call: Row<typeof tables.calls>, participants: Around['participants']): object {
  const { sessionId, status, initiatedAt, joinedAt, endedAt } = call;
  const who = participants
    .toSorted((a, b) => compare(a.uid, b.uid))
    .map(({ uid, joinedAt: joined, leftAt, declinedAt }) => present({ uid, joinedAt: joined, leftAt, declinedAt }));
  return { sessionId, status, initiatedAt, joinedAt, endedAt, participants: who };
}

export function attachmentFields(attachment: Row<typeof tables.attachments>): object {
  return { ...attachment, messageId: String(attachment.messageId) };
}

export function editFields(edit: Row<typeof tables.edits> & { uid: string }): object {
  const { messageId, position, editedAt, uid, text: words, caption, metadata, customData } = edit;
  return {
    messageId: String(messageId),
    position,
    editedAt,
    editedBy: uid,
    text: words,
    caption,
    metadata,
    customData,
  };
}

/** Uids and guids, and what else is ASCII, in the order of both databases. */
export const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const slim = ({ uid, name }: Named): Named => ({ uid, name });
const text = (id: number | null) => (id === null ? null : String(id));

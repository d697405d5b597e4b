import { groupConversationId, userConversationId } from '../conversations/conversation.ts';
import type { Group, Scope } from '../groups/group.ts';
import type { Json } from '../json.ts';
import type { User } from '../users/user.ts';
import { type Attachment, type Message, type Receipts, statusOf, typeNameOf } from './message.ts';

type Fields = { [key: string]: Json };

/** What stands around a message in the data model's JSON. People and groups come ready, as their reader may see them. */
export interface RawParts {
  readonly sender: Entity;
  readonly receiver: Entity;
  /** On whom an action was done. */
  readonly on?: Entity | undefined;
  readonly editedBy?: string | undefined;
  readonly deletedBy?: string | undefined;
  readonly pinnedBy?: string | undefined;
  readonly receipts?: Pick<Receipts, 'deliveredAt' | 'readAt'> | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
  readonly mentioned?: readonly Entity[] | undefined;
  readonly reactions?: readonly { reaction: string; count: number; mine: boolean }[] | undefined;
  readonly call?: RawCall | undefined;
}

/** A user or a group, by its id and in the data model's JSON. */
export interface Entity {
  readonly type: 'user' | 'group';
  readonly id: string;
  readonly json: Fields;
}

/** What a call's JSON holds beside a message's; `secret` only for who may know it. */
export interface RawCall {
  readonly sessionId: string;
  readonly callType: string;
  readonly status: string;
  readonly initiatedAt: number;
  readonly joinedAt: number | null;
  readonly endedAt: number | null;
  readonly secret: string | undefined;
}

/** The fields that have a value, in their order. */
function present(fields: { [key: string]: Json | undefined }): Fields {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, Json] => field[1] != null));
}

/** A user in the data model's JSON. `withPrivate`: also what only they and API keys see. */
export function rawUser(user: User, status: 'online' | 'offline', withPrivate: boolean): Entity {
  const json = present({
    uid: user.uid,
    name: user.name,
    avatar: user.avatar,
    link: user.link,
    status,
    credits: withPrivate ? user.credits : null,
    email: withPrivate ? user.email : null,
    role: user.role,
    statusMessage: user.statusMessage,
    lastActiveAt: user.lastActiveAt,
    metadata: user.metadata,
    tags: user.tags.length > 0 ? user.tags : null,
  });
  return { type: 'user', id: user.uid, json };
}

/** A group in the data model's JSON. */
export function rawGroup(group: Group, owner: string | undefined, hasJoined: boolean): Entity {
  const json = present({
    hasJoined,
    guid: group.guid,
    name: group.name,
    type: group.type,
    description: group.description,
    owner,
    icon: group.icon,
    membersCount: group.membersCount,
    createdAt: group.createdAt,
    updatedAt: group.updatedAt,
    metadata: group.metadata,
    tags: group.tags.length > 0 ? group.tags : null,
  });
  return { type: 'group', id: group.guid, json };
}

const wrap = ({ type, json }: Entity): Fields => ({ entity: json, entityType: type });

/** A message in the data model's own JSON, as its samples have it: what was written for that goes on working. */
export function rawMessage(message: Message, parts: RawParts): Fields {
  return present({
    id: String(message.id),
    muid: message.muid,
    conversationId: conversationIdOf(parts),
    sender: parts.sender.json,
    receiver: parts.receiver.id,
    receiverType: parts.receiver.type,
    category: message.category,
    type: message.type,
    ...ownFields(message, parts),
    data: {
      ...ownData(message, parts),
      entities: entities(message, parts),
      ...present({ metadata: message.metadata }),
    },
    sentAt: message.sentAt,
    ...(parts.call ? {} : receiptFields(parts)),
    metadata: message.metadata,
    tags: message.tags.length > 0 ? message.tags : null,
    parentId: message.parentId === null ? null : String(message.parentId),
    replyCount: message.replyCount || null,
    quotedMessageId: message.quotedId === null ? null : String(message.quotedId),
    mentionedUsers: parts.mentioned?.length ? parts.mentioned.map(({ json }) => json) : null,
    reactions: parts.reactions?.length
      ? parts.reactions.map(({ reaction, count, mine }) => ({ reaction, count, reactedByMe: mine }))
      : null,
    updatedAt: message.updatedAt,
    editedAt: message.editedAt,
    editedBy: parts.editedBy,
    deletedAt: message.deletedAt,
    deletedBy: parts.deletedBy,
    pinnedAt: message.pinnedAt,
    pinnedBy: parts.pinnedBy,
  });
}

function conversationIdOf({ sender, receiver }: RawParts): string {
  return receiver.type === 'group' ? groupConversationId(receiver.id) : userConversationId(sender.id, receiver.id);
}

function receiptFields({ receipts }: RawParts) {
  return receipts ? { status: statusOf(receipts), deliveredAt: receipts.deliveredAt, readAt: receipts.readAt } : {};
}

/** The fields that only messages of this type have. */
function ownFields(message: Message, { sender, receiver, on, call }: RawParts): { [key: string]: Json | undefined } {
  switch (typeNameOf(message)) {
    case 'TextMessage':
      return { text: message.text ?? '' };
    case 'MediaMessage':
      return { file: message.url, url: message.url, caption: message.caption };
    case 'CustomMessage':
      return {
        subType: message.subType,
        customData: message.customData,
        conversationText: message.conversationText,
      };
    case 'Action':
      return {
        action: message.action,
        actionBy: sender.json,
        actionOn: on?.json,
        actionFor: receiver.json,
        message: message.text,
      };
    case 'Call':
      return {
        action: call?.status,
        sessionId: call?.sessionId,
        status: call?.status,
        initiatedAt: call?.initiatedAt,
        joinedAt: call?.joinedAt,
        endedAt: call?.endedAt,
        callInitiator: sender.json,
        callReceiver: receiver.json,
      };
  }
}

/** What `data` holds beside its `entities`. */
function ownData(message: Message, parts: RawParts): Fields {
  const { sender, receiver, on } = parts;
  switch (typeNameOf(message)) {
    case 'TextMessage':
      return { text: message.text ?? '' };
    case 'MediaMessage': {
      const attachments = parts.attachments?.length ? parts.attachments.map(rawAttachment) : null;
      return present({ url: message.url, caption: message.caption, attachments });
    }
    case 'CustomMessage':
      return present({
        customData: message.customData,
        subType: message.subType,
        conversationText: message.conversationText,
      });
    case 'Action':
      return present({
        action: message.action,
        by: wrap(sender),
        on: on && wrap(on),
        for: wrap(receiver),
        extras: scopes(message.oldScope, message.newScope),
      });
    case 'Call':
      return present({ action: parts.call?.status, by: wrap(sender), on: callEntity(parts), for: wrap(receiver) });
  }
}

function entities(message: Message, parts: RawParts): Fields {
  const { sender, receiver, on } = parts;
  const both = { sender: wrap(sender), receiver: wrap(receiver) };
  if (message.category === 'message') return both;
  const object = message.category === 'call' ? callEntity(parts) : on && wrap(on);
  return present({ ...both, by: wrap(sender), on: object, for: wrap(receiver) });
}

function scopes(old: Scope | null, now: Scope | null): Fields | null {
  return old && now ? { scope: { old, new: now } } : null;
}

function callEntity({ sender, receiver, call }: RawParts): Fields | undefined {
  if (!call) return undefined;
  const entity = present({
    sessionid: call.sessionId,
    sender: sender.id,
    receiverType: receiver.type,
    receiver: receiver.id,
    status: call.status,
    type: call.callType,
    data: { entities: { sender: wrap(sender), receiver: wrap(receiver) } },
    initiatedAt: call.initiatedAt,
    joinedAt: call.joinedAt,
    endedAt: call.endedAt,
    wsChannel: present({ identity: `[parley]${call.sessionId}`, secret: call.secret, service: 'parley.call' }),
  });
  return { entity, entityType: 'call' };
}

/** A file of a media message in the data model's JSON. */
export function rawAttachment(attachment: Attachment): Fields {
  const { url, name, mimeType, size, extension, width, height, thumbnailUrl } = attachment;
  return present({ url, name, mimeType, size, extension, width, height, thumbnailUrl });
}

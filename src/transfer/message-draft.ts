import { typeNameOf } from '../messages/message.ts';
import type { messages } from '../store/tables.sqlite.ts';
import { LineError, take, taker } from './fields.ts';
import {
  actionType,
  callEntity,
  callStatus,
  callType,
  contentType,
  type MessageLine,
  messageData,
  messageLine,
} from './message-line.ts';
import type { Attachment } from './own-lines.ts';

type Row = typeof messages.$inferInsert;

/** Somebody or some group that a message names, with all that it tells of them. */
export type Named = { readonly uid?: unknown; readonly guid?: unknown; readonly [field: string]: unknown };

export interface CallDraft {
  readonly sessionId: string;
  readonly status: NonNullable<ReturnType<typeof callStatus.parse>>;
  readonly initiatedAt: number;
  readonly joinedAt: number | null;
  readonly endedAt: number | null;
  readonly secret: string | null;
  readonly participants: MessageLine['participants'];
}

/** The columns of a message that its line alone settles. */
export type Content = Pick<
  Row,
  'category' | 'type' | 'text' | 'url' | 'caption' | 'subType' | 'customData' | 'conversationText' | 'metadata'
> & { tags: string[] };

/** A message in one form, whichever its line had. People are uids here, and `named` says what the line tells of them. */
export interface MessageDraft {
  readonly id: number;
  readonly line: MessageLine;
  readonly senderUid: string;
  readonly receiverId: string;
  readonly content: Content;
  readonly action: ReturnType<typeof actionType.parse> | null;
  readonly actionOn: string | null;
  readonly scopes: { readonly old: Row['oldScope']; readonly new: Row['newScope'] };
  readonly call: CallDraft | undefined;
  readonly attachments: readonly Attachment[];
  readonly named: readonly Named[];
}

const takeLine = taker(messageLine);
const takeData = taker(messageData, 'data');

const NO_CONTENT = { text: null, url: null, caption: null, subType: null, customData: null, conversationText: null };

/** Reads a message. Throws a LineError for the first field that does not fit. */
export function draftMessage(value: unknown): MessageDraft {
  const { data: given, ...fields } = takeLine(value);
  const line: MessageLine = { ...fields, data: given ? takeData(given) : undefined };
  const { data, category } = line;
  const entities = data?.entities;
  const sender = line.sender ?? entities?.sender?.entity ?? by(line);
  const senderUid = idOf(sender, 'uid');
  if (senderUid === undefined) throw new LineError('sender', 'is missing');
  const kind = kindOf(line);
  const on = line.actionOn ?? data?.on?.entity ?? entities?.on?.entity;
  return {
    id: line.id,
    line,
    senderUid,
    receiverId: receiverOf(line),
    content: line.deletedAt == null ? contentOf(line, kind) : { ...NO_CONTENT, ...kind, metadata: null, tags: [] },
    action: category === 'action' ? take(actionType, line.action ?? data?.action, 'action') : null,
    actionOn: category === 'action' ? (idOf(on, 'uid') ?? null) : null,
    scopes: {
      old: line.oldScope ?? data?.extras?.scope?.old ?? null,
      new: line.newScope ?? data?.extras?.scope?.new ?? null,
    },
    call: category === 'call' ? callOf(line) : undefined,
    attachments: (line.deletedAt == null && typeNameOf(kind) === 'MediaMessage' && data?.attachments) || [],
    named: namedIn(line),
  };
}

/** The uid of somebody whom a field names by uid or in full. */
export const uidOf = (someone: string | Named): string => (typeof someone === 'string' ? someone : String(someone.uid));

const by = ({ actionBy, callInitiator, data }: MessageLine): Named | undefined =>
  actionBy ?? callInitiator ?? data?.by?.entity ?? data?.entities?.by?.entity ?? undefined;

function idOf(named: Named | string | null | undefined, name: 'uid' | 'guid'): string | undefined {
  if (typeof named === 'string') return named;
  const id = named?.[name];
  return typeof id === 'string' ? id : undefined;
}

function receiverOf({ receiver, receiverType }: MessageLine): string {
  if (typeof receiver === 'string') return receiver;
  const id = idOf(receiver, receiverType === 'user' ? 'uid' : 'guid');
  if (id === undefined) throw new LineError('receiver', `is a ${receiverType === 'user' ? 'uid' : 'guid'}`);
  return id;
}

/** A custom message of today's platform has a category of its own, and its type is the developer's. */
function kindOf({ category, type }: MessageLine): Pick<Content, 'category' | 'type'> {
  if (category === 'custom') return { category: 'message', type: 'custom' };
  if (category === 'message') return { category, type: take(contentType, type, 'type') };
  if (category === 'call') return { category, type: take(callType, type, 'type') };
  if (type !== 'groupMember') throw new LineError('type', 'expected "groupMember", as the category is "action"');
  return { category, type };
}

function contentOf(line: MessageLine, kind: Pick<Content, 'category' | 'type'>): Content {
  const { data } = line;
  const shared = { ...NO_CONTENT, ...kind, metadata: json(line.metadata ?? data?.metadata), tags: unique(line.tags) };
  if (kind.category === 'action') return { ...shared, text: line.message ?? null };
  if (kind.category === 'call') return shared;
  const text = line.text ?? data?.text ?? null;
  if (kind.type === 'text') {
    if (text === null) throw new LineError('text', 'is missing');
    return { ...shared, text };
  }
  if (kind.type === 'custom') {
    const ownType = line.category === 'custom' && line.type !== 'custom' ? line.type : null;
    return {
      ...shared,
      subType: line.subType ?? data?.subType ?? ownType,
      customData: json(line.customData ?? data?.customData),
      conversationText: line.conversationText ?? data?.conversationText ?? null,
    };
  }
  const url = line.url ?? line.file ?? data?.url ?? data?.attachments?.[0]?.url ?? null;
  return { ...shared, url, caption: line.caption ?? data?.caption ?? text };
}

const json = (value: unknown) => (value ?? null) as Content['metadata'];
const unique = (tags: MessageLine['tags']): string[] => (tags ? [...new Set(tags)] : []);

function callOf(line: MessageLine): CallDraft {
  const entity = line.data?.on?.entity ?? line.data?.entities?.on?.entity;
  const on = entity ? take(callEntity, entity, 'data.on.entity') : undefined;
  const sessionId = line.sessionId ?? on?.sessionId ?? on?.sessionid;
  if (!sessionId) throw new LineError('sessionId', 'is missing');
  return {
    sessionId,
    status: take(callStatus, line.status ?? on?.status ?? line.action ?? line.data?.action, 'status'),
    initiatedAt: line.initiatedAt ?? on?.initiatedAt ?? line.sentAt,
    joinedAt: line.joinedAt ?? on?.joinedAt ?? null,
    endedAt: line.endedAt ?? on?.endedAt ?? null,
    secret: on?.wsChannel?.secret ?? null,
    participants: line.participants,
  };
}

/** Everybody, and every group, that the line tells of in full. */
function namedIn(line: MessageLine): Named[] {
  const { data } = line;
  const named: (Named | string | null | undefined)[] = [
    line.sender,
    line.receiver,
    line.editedBy,
    line.deletedBy,
    line.pinnedBy,
  ];
  if (data?.entities) for (const one of Object.values(data.entities)) named.push(one?.entity);
  if (line.category !== 'message') {
    named.push(line.actionBy, line.actionOn, line.actionFor, line.callInitiator, line.callReceiver);
    named.push(data?.by?.entity, data?.on?.entity, data?.for?.entity);
  }
  return named.filter(
    (one): one is Named => typeof one === 'object' && one !== null && (one.uid ?? one.guid) !== undefined,
  );
}

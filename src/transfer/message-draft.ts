import { typeNameOf } from '../messages/message.ts';
import { hasLinks, mentionedUids } from '../messages/text.ts';
import { wordsOf } from '../messages/words.ts';
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

type Columns = 'text' | 'url' | 'caption' | 'subType' | 'customData' | 'conversationText' | 'metadata' | 'tags';

/** The columns of a message that its line alone settles; those that stay empty are left out. */
export type Content = Pick<Row, 'category' | 'type'> & { readonly [column in Columns]?: Row[column] | undefined };

/**
 * A message in one form, whichever its line had, and nothing that is said twice: it goes from thread to thread as JSON. People are
 * uids here, and `named` says what the line tells of them.
 */
export interface MessageDraft
  extends Pick<
    MessageLine,
    | 'receiverType'
    | 'muid'
    | 'sentAt'
    | 'updatedAt'
    | 'editedAt'
    | 'deletedAt'
    | 'pinnedAt'
    | 'deliveredAt'
    | 'readAt'
    | 'parentId'
    | 'quotedMessageId'
  > {
  readonly id: number;
  readonly senderUid: string;
  readonly receiverId: string;
  readonly editedBy: string | undefined;
  readonly deletedBy: string | undefined;
  readonly pinnedBy: string | undefined;
  readonly content: Content;
  /** What it is found by: its words with spaces between them, and whom it mentions. */
  readonly words: string;
  readonly mentions: readonly string[] | undefined;
  readonly hasLinks: boolean;
  readonly action: ReturnType<typeof actionType.parse> | undefined;
  readonly actionOn: string | undefined;
  readonly oldScope: Row['oldScope'];
  readonly newScope: Row['newScope'];
  readonly call: CallDraft | undefined;
  readonly attachments: readonly Attachment[] | undefined;
  readonly named: readonly Named[];
}

const takeLine = taker(messageLine);
const takeData = taker(messageData, 'data');

/** Reads a message in whichever form. Throws a LineError for the first field that does not fit. */
export function readMessage(value: unknown): MessageLine {
  const { data, ...fields } = takeLine(value);
  return { ...fields, data: data ? takeData(data) : undefined };
}

/** Makes of it the one form. Throws a LineError for the first field that is missing, or does not go with the others. */
export function draftMessage(line: MessageLine): MessageDraft {
  const { data, category } = line;
  const entities = data?.entities;
  const senderUid = idOf(line.sender ?? entities?.sender?.entity ?? by(line), 'uid');
  if (senderUid === undefined) throw new LineError('sender', 'is missing');
  const kind = kindOf(line);
  const on = line.actionOn ?? data?.on?.entity ?? entities?.on?.entity;
  const content: Content = line.deletedAt == null ? contentOf(line, kind) : kind;
  const text = kind.category === 'message' ? textOf(content) : '';
  return {
    id: line.id,
    receiverType: line.receiverType,
    muid: line.muid ?? undefined,
    sentAt: line.sentAt,
    updatedAt: line.updatedAt ?? undefined,
    editedAt: line.editedAt ?? undefined,
    deletedAt: line.deletedAt ?? undefined,
    pinnedAt: line.pinnedAt ?? undefined,
    deliveredAt: line.deliveredAt ?? undefined,
    readAt: line.readAt ?? undefined,
    parentId: line.parentId ?? undefined,
    quotedMessageId: line.quotedMessageId ?? undefined,
    senderUid,
    receiverId: receiverOf(line),
    editedBy: idOf(line.editedBy, 'uid'),
    deletedBy: idOf(line.deletedBy, 'uid'),
    pinnedBy: idOf(line.pinnedBy, 'uid'),
    content,
    words: wordsOf(text).join(' '),
    mentions: text.includes('<') ? mentionedUids(text) : undefined,
    hasLinks: hasLinks(content.text ?? content.caption ?? ''),
    action: category === 'action' ? take(actionType, line.action ?? data?.action, 'action') : undefined,
    actionOn: category === 'action' ? idOf(on, 'uid') : undefined,
    oldScope: line.oldScope ?? data?.extras?.scope?.old ?? undefined,
    newScope: line.newScope ?? data?.extras?.scope?.new ?? undefined,
    call: category === 'call' ? callOf(line) : undefined,
    attachments:
      line.deletedAt == null && typeNameOf(kind) === 'MediaMessage' ? (data?.attachments ?? undefined) : undefined,
    named: namedIn(line),
  };
}

const textOf = ({ text, caption, conversationText }: Content): string =>
  [text, caption, conversationText].filter((part) => part != null).join('\n');

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
  const shared = { ...kind, metadata: json(line.metadata ?? data?.metadata), tags: unique(line.tags) };
  if (kind.category === 'action') return { ...shared, text: line.message ?? undefined };
  if (kind.category === 'call') return shared;
  const text = line.text ?? data?.text ?? undefined;
  if (kind.type === 'text') {
    if (text === undefined) throw new LineError('text', 'is missing');
    return { ...shared, text };
  }
  if (kind.type === 'custom') {
    const ownType = line.category === 'custom' && line.type !== 'custom' ? line.type : undefined;
    return {
      ...shared,
      subType: line.subType ?? data?.subType ?? ownType,
      customData: json(line.customData ?? data?.customData),
      conversationText: line.conversationText ?? data?.conversationText,
    };
  }
  const url = line.url ?? line.file ?? data?.url ?? data?.attachments?.[0]?.url;
  return { ...shared, url, caption: line.caption ?? data?.caption ?? text };
}

const json = (value: unknown) => (value ?? undefined) as Content['metadata'];
const unique = (tags: MessageLine['tags']) => (tags ? [...new Set(tags)] : undefined);

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

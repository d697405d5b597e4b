import { LineError, take } from './fields.ts';
import { draftMessage, type MessageDraft, type Named, readMessage } from './message-draft.ts';
import type { MessageLine } from './message-line.ts';
import * as own from './own-lines.ts';
import * as profiles from './profile-lines.ts';

const DEPTH_MAX = 500;
const SUSPECT = /u(0000|d[89a-f])/i;
const OPAQUE = ['metadata', 'customData'];

const read = {
  user: (value: unknown) => take(profiles.userLine, value),
  group: (value: unknown) => take(profiles.groupLine, value),
  groupMember: (value: unknown) => take(profiles.memberLine, value),
  block: (value: unknown) => take(profiles.blockLine, value),
  message: readMessage,
  attachment: (value: unknown) => take(own.attachmentLine, value),
  edit: (value: unknown) => take(own.editLine, value),
  reaction: (value: unknown) => take(own.reactionLine, value),
  pin: (value: unknown) => take(own.pinLine, value),
  save: (value: unknown) => take(own.saveLine, value),
  mark: (value: unknown) => take(own.markLine, value),
  conversation: (value: unknown) => take(own.conversationLine, value),
} as const;

/** What a line can be about, in the order in which an export writes them. */
export type Kind = keyof typeof read;
export const KINDS = Object.keys(read) as Kind[];

/** What a line of each kind says. */
export interface Drafts {
  user: profiles.UserLine;
  group: profiles.GroupLine;
  groupMember: profiles.MemberLine;
  block: profiles.BlockLine;
  message: MessageDraft;
  attachment: own.AttachmentLine;
  edit: own.EditLine;
  reaction: own.ReactionLine;
  pin: own.PinLine;
  save: own.SaveLine;
  mark: own.MarkLine;
  conversation: own.ConversationLine;
}

export type Draft = { [K in Kind]: { readonly kind: K; readonly value: Drafts[K] } }[Kind];

/** Reads a line: `{kind, value}`, or a message by itself. Throws a LineError with what is wrong, and the field it is in. */
export function parseLine(text: string): Draft {
  const { kind, value } = unwrap(parseJson(text));
  const line = read[kind](value);
  if (text.includes('\\u') && SUSPECT.test(text)) refuseUnstorable(line, '', 0);
  else refuseOpaque(line, '');
  if (kind !== 'message') return { kind, value: line } as Draft;
  const { data } = line as MessageLine;
  if (data) refuseOpaque(data, 'data.');
  const draft = draftMessage(line as MessageLine);
  for (const one of draft.named) refuseNested(one);
  return { kind, value: draft };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LineError('', `is not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}

function unwrap(line: unknown): { kind: Kind; value: unknown } {
  if (typeof line !== 'object' || line === null || Array.isArray(line)) throw new LineError('', 'is not a JSON object');
  const { kind, value } = line as { kind?: unknown; value?: unknown };
  if (kind === undefined && ('category' in line || 'receiver' in line || 'sender' in line))
    return { kind: 'message', value: line };
  if (!KINDS.includes(kind as Kind)) throw new LineError('kind', `expected one of ${KINDS.join(', ')}`);
  return { kind: kind as Kind, value };
}

function refuseOpaque(line: object, within: string): void {
  for (const field of OPAQUE) refuseUnstorable((line as Record<string, unknown>)[field], `${within}${field}`, 0);
}

/** What is told of somebody is looked at only where they have to be made, but how deep it goes at once. */
function refuseNested(named: Named): void {
  for (const field in named) {
    if (typeof named[field] === 'object') refuseUnstorable(named[field], `${named.uid ?? named.guid}.${field}`, 0);
  }
}

/** No database keeps U+0000 and lone surrogates faithfully, and none what is nested without end. */
function refuseUnstorable(value: unknown, path: string, depth: number): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw new LineError(path, 'holds U+0000, which no database keeps');
    if (!value.isWellFormed()) throw new LineError(path, 'holds half of a surrogate pair, which no database keeps');
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth === DEPTH_MAX)
    throw new LineError(path.split('.').slice(0, 4).join('.'), `is nested more than ${DEPTH_MAX} deep`);
  for (const [name, inner] of Object.entries(value)) {
    refuseUnstorable(name, path, depth);
    refuseUnstorable(inner, path ? `${path}.${name}` : name, depth + 1);
  }
}

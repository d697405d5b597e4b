import type { attachments, edits, messages } from '../store/tables.sqlite.ts';

/** A row of `messages`, of whichever of the five types. */
export type Message = typeof messages.$inferSelect;

/** A message's id from its text; undefined where no message can have it. */
export function messageIdOf(text: string): number | undefined {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(id) ? id : undefined;
}

export type Attachment = typeof attachments.$inferSelect;

/** What a message was before an edit. */
export type Edit = typeof edits.$inferSelect;

/** Kinds of file that a media message can be of. */
export const MEDIA_TYPES = ['image', 'video', 'audio', 'file'] as const satisfies readonly Message['type'][];

/** The GraphQL type that a message is of. */
export type MessageTypeName = 'TextMessage' | 'MediaMessage' | 'CustomMessage' | 'Action' | 'Call';

/** The GraphQL type that a message is of. */
export function typeNameOf({ category, type }: Pick<Message, 'category' | 'type'>): MessageTypeName {
  if (category === 'action') return 'Action';
  if (category === 'call') return 'Call';
  if (type === 'text') return 'TextMessage';
  return type === 'custom' ? 'CustomMessage' : 'MediaMessage';
}

/** When a message reached whom it was for, and when the viewer: null where that has not happened. */
export interface Receipts {
  readonly id: number;
  readonly deliveredAt: number | null;
  readonly readAt: number | null;
  readonly deliveredToMeAt: number | null;
  readonly readByMeAt: number | null;
}

export type MessageStatus = 'sent' | 'delivered' | 'read';

/** How far a message has come. */
export function statusOf({ deliveredAt, readAt }: Pick<Receipts, 'deliveredAt' | 'readAt'>): MessageStatus {
  if (readAt !== null) return 'read';
  return deliveredAt === null ? 'sent' : 'delivered';
}

/** One reaction to a message, with how many gave it. `mine`: whether the viewer did; `first`: when it was first given. */
export interface Reaction {
  readonly messageId: number;
  readonly reaction: string;
  readonly count: number;
  readonly mine: boolean;
  readonly first: number;
}

type FirstGiven = Pick<Reaction, 'reaction' | 'first'>;

/** The order of a message's reactions: by name where they were first given in the same second, so that both databases agree. */
export const byFirstGiven = (a: FirstGiven, b: FirstGiven): number =>
  a.first - b.first || (a.reaction < b.reaction ? -1 : 1);

/** One receiver's receipts of a message. */
export interface Receipt {
  readonly userId: number;
  readonly sortKey: string;
  readonly deliveredAt: number | null;
  readonly readAt: number | null;
}

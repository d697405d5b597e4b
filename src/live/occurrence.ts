import type { Place } from '../events/cursor.ts';
import type { EventKind } from '../events/event.ts';
import type { Json } from '../json.ts';

/** What passes by and is not kept in the log. */
export type PassingKind = 'TYPING_STARTED' | 'TYPING_ENDED' | 'PRESENCE_CHANGED' | 'TRANSIENT_MESSAGE';

const PASSING: ReadonlySet<string> = new Set<PassingKind | 'CALL_SIGNAL'>([
  'CALL_SIGNAL',
  'TYPING_STARTED',
  'TYPING_ENDED',
  'PRESENCE_CHANGED',
  'TRANSIENT_MESSAGE',
]);

/** Whether it is an event of the log, and no passing one. */
export const isKept = ({ kind }: Pick<Occurrence, 'kind'>): boolean => !PASSING.has(kind);

/** Something that subscribers are told of: an event of the log, or something that passes by. */
export interface Occurrence {
  readonly kind: EventKind | PassingKind | 'RESYNC_REQUIRED' | 'CALL_SIGNAL';
  readonly at: number;
  /** The log's place after it: of what is not kept, that of the last event that is. */
  readonly place: Place;
  /** `place`, as clients know it. */
  readonly cursor: string;
  readonly topics: readonly string[];
  readonly byId: number | null;
  readonly conversationId: number | null;
  readonly messageId: number | null;
  readonly userId: number | null;
  readonly details: Json;
  /** What those who are told may not see of what it is about, whose ids alone remain then: the message, or the group with it. */
  readonly hidden: 'message' | 'group' | false;
}

/** An occurrence as one selection of fields shows it: made once, sent to many. */
export interface Rendered {
  readonly of: Occurrence;
  /** The execution's result. */
  readonly json: Buffer;
}

/** A result of executing a selection on an occurrence, rendered. */
export function render(of: Occurrence, result: object): Rendered {
  return { of, json: Buffer.from(JSON.stringify(result)) };
}

import type { Json } from '../json.ts';

/** What can happen that is kept in the log, and the small facts of that moment that an event of its kind holds beside ids. */
export interface EventDetails {
  readonly MESSAGE_SENT: null;
  readonly MESSAGE_EDITED: null;
  readonly MESSAGE_DELETED: null;
  readonly MESSAGE_PINNED: null;
  readonly MESSAGE_UNPINNED: null;
  readonly MESSAGE_SAVED: null;
  readonly MESSAGE_UNSAVED: null;
  readonly REACTION_ADDED: { readonly reaction: string };
  readonly REACTION_REMOVED: { readonly reaction: string };
  /** `upTo`: the last message's id. Without `byId` it is all the members of a group who have it by now. */
  readonly MESSAGES_DELIVERED: { readonly upTo: number };
  readonly MESSAGES_READ: { readonly upTo: number };
  readonly GROUP_UPDATED: { readonly guid: string };
  readonly GROUP_DELETED: { readonly guid: string };
  /** Of `userId`'s membership; `messageId` is the action's, where there is one. */
  readonly MEMBERSHIP_CHANGED: { readonly guid: string };
  readonly CALL_UPDATED: { readonly sessionId: string; readonly status: string };
  readonly CONVERSATION_UPDATED: null;
  readonly USER_UPDATED: null;
  readonly USER_BLOCKED: null;
  readonly USER_UNBLOCKED: null;
}

export type EventKind = keyof EventDetails;

/** Something that has happened, to be kept in the log. */
export type NewEvent = {
  [Kind in EventKind]: {
    readonly kind: Kind;
    /** Seconds since 1970. */
    readonly at: number;
    /** Whom it concerns: see `userTopic` and `groupTopic`. */
    readonly topics: readonly string[];
    /** Who did it; null where an API key did on nobody's behalf. */
    readonly byId: number | null;
    readonly conversationId?: number | undefined;
    readonly messageId?: number | undefined;
    readonly userId?: number | undefined;
  } & (EventDetails[Kind] extends null
    ? { readonly details?: never }
    : { readonly details: EventDetails[Kind] & Json });
}[EventKind];

/** What all of a user's devices hear. */
export const userTopic = (uid: string): string => `user:${uid}`;

/** What all members of a group hear. */
export const groupTopic = (guid: string): string => `group:${guid}`;

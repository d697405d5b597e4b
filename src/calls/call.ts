import type { callParticipants, calls } from '../store/tables.sqlite.ts';

/** A row of `calls`: what a message of category call is beside a message. */
export type Call = typeof calls.$inferSelect;

/** A row of `call_participants`: one user's part in a call. */
export type CallParticipant = typeof callParticipants.$inferSelect;

export type CallStatus = Call['status'];

/** Whether a user is in a call now, by their part in one that is not over. */
export const isIn = (part: Pick<CallParticipant, 'joinedAt' | 'leftAt'> | undefined): boolean =>
  part !== undefined && part.joinedAt !== null && part.leftAt === null;

/**
 * Whether a call has rung for as long as it may: it is over then, though the server may not have come to say so. Times are whole
 * seconds, so the second in which it ends still counts: it rings for up to a second longer, never shorter.
 */
export const isOverdue = ({ status, ringsUntil }: Pick<Call, 'status' | 'ringsUntil'>, at: number): boolean =>
  status === 'initiated' && at > (ringsUntil ?? 0);

/** Where a call's participants hear the signals that are for one of them: a topic for each. */
export const signalTopic = (sessionId: string, userId: number): string => `call:${sessionId}:${userId}`;

import type { Conversation } from '../conversations/conversation.ts';
import { placeStore } from '../conversations/place-store.ts';
import { appendEvent } from '../events/append-store.ts';
import type { Message } from '../messages/message.ts';
import { topicsOf } from '../messages/readable-store.ts';
import { messageStore } from '../messages/store.ts';
import { type Handle, must } from '../store/handle.ts';
import { type Call, type CallParticipant, type CallStatus, isIn, isOverdue } from './call.ts';
import { type Move, type Mover, type Outcome, outcomeOf } from './policy.ts';
import { callStore } from './store.ts';

/** A call in the hands of a transaction that has its conversation to itself. */
export interface Subject {
  readonly call: Call;
  readonly conversation: Conversation;
}

/** A move of somebody's, or, without `userId`, one that happens by itself. */
export interface Step {
  readonly move: Move;
  readonly userId?: number;
  /** What to call it where the receiver rejects; REJECTED where this is left out. */
  readonly rejectAs?: 'rejected' | 'busy' | undefined;
  /** Seconds since 1970. */
  readonly at: number;
}

/** What a user is to a call; undefined for who has no part in it. In a group it is members alone who have. */
export async function moverOf(
  tx: Handle,
  { call, conversation }: Subject,
  userId: number,
): Promise<{ readonly mover: Mover; readonly part: CallParticipant | undefined } | undefined> {
  const part = await callStore(tx).part(call.messageId, userId);
  if (conversation.groupId === null) {
    if (userId === call.initiatorId) return { mover: 'caller', part };
    return userId === conversation.userA || userId === conversation.userB ? { mover: 'receiver', part } : undefined;
  }
  const standing = await placeStore(tx).participant(userId, conversation.id);
  if (!standing?.active) return undefined;
  if (isIn(part)) return { mover: userId === call.initiatorId ? 'caller' : 'joined', part };
  return { mover: part && part.joinedAt !== null ? 'left' : 'member', part };
}

/** What comes of a move, by the tables; a call that has rung long enough is over, also before the server has said so. */
export const outcomeFor = ({ call, conversation }: Subject, mover: Mover, { move, at }: Step): Outcome =>
  outcomeOf(
    conversation.groupId !== null,
    move !== 'expire' && isOverdue(call, at) ? 'unanswered' : call.status,
    move,
    mover,
  );

/**
 * Does what the tables say comes of a step, and tells everybody concerned. Gives the call's message as it is then. Whether the step
 * may be taken has been found out before: its outcome is no refusal.
 */
export async function take(tx: Handle, subject: Subject, step: Step, outcome: Outcome): Promise<Message> {
  const { call } = subject;
  if (outcome === 'nothing') return must(await messageStore(tx).byId(call.messageId));
  const { at, userId, move } = step;
  if (userId !== undefined) await movePart(tx, subject, step, outcome);
  const next = await statusAfter(tx, subject, outcome, step);
  return moveTo(tx, subject, next, { at, byId: userId ?? null, move });
}

/** What a step makes of the part of who takes it. */
async function movePart(tx: Handle, { call }: Subject, { userId = 0, move, at }: Step, outcome: Outcome) {
  const { messageId } = call;
  const part = await callStore(tx).part(messageId, userId);
  if (move === 'accept') {
    const joined = { messageId, userId, joinedAt: part?.joinedAt ?? at, leftAt: null };
    if (part) await tx.updateMany(tx.t.callParticipants, ['messageId', 'userId'], [joined]);
    else await tx.insertMany(tx.t.callParticipants, [joined]);
  } else if (move === 'reject') {
    await tx.updateMany(tx.t.callParticipants, ['messageId', 'userId'], [{ messageId, userId, declinedAt: at }]);
  } else if (outcome === 'leave') {
    await tx.updateMany(tx.t.callParticipants, ['messageId', 'userId'], [{ messageId, userId, leftAt: at }]);
  }
}

async function statusAfter(
  tx: Handle,
  { call }: Subject,
  outcome: Outcome,
  { userId = 0, rejectAs }: Step,
): Promise<CallStatus> {
  if (outcome === 'rejected') return rejectAs ?? 'rejected';
  if (outcome !== 'leave') return outcome as CallStatus;
  return (await callStore(tx).otherIn(call.messageId, userId)) ? 'ongoing' : 'ended';
}

/** Gives a call its next status, or says again that it goes on where people come and go, and tells everybody concerned. */
export async function moveTo(
  tx: Handle,
  { call, conversation }: Subject,
  status: CallStatus,
  { at, byId, move }: { readonly at: number; readonly byId: number | null; readonly move?: Move },
): Promise<Message> {
  const { messageId, sessionId, initiatedAt } = call;
  const goesOn = status === 'ongoing';
  const joinedAt = call.joinedAt ?? (goesOn ? Math.max(at, initiatedAt) : null);
  const rang = move === 'expire' ? Math.min(at, call.ringsUntil ?? at) : at; // also where the server was down at that time
  const endedAt = goesOn ? null : Math.max(rang, joinedAt ?? initiatedAt);
  await tx.updateMany(tx.t.calls, ['messageId'], [{ messageId, status, joinedAt, endedAt, ringsUntil: null }]);
  if (endedAt !== null) await callStore(tx).emptied(messageId, endedAt);
  const updatedAt = Math.max(at, initiatedAt);
  await tx.updateMany(tx.t.messages, ['id'], [{ id: messageId, updatedAt }]);
  await tellOf(tx, conversation, { messageId, sessionId, status, at, byId });
  return { ...must(await messageStore(tx).byId(messageId)), updatedAt };
}

interface News extends Pick<Call, 'messageId' | 'sessionId' | 'status'> {
  readonly at: number;
  readonly byId: number | null;
}

/** Keeps in the log that a call began, or moved on. */
export async function tellOf(
  tx: Handle,
  conversation: Conversation,
  { messageId, sessionId, status, at, byId }: News,
): Promise<void> {
  await appendEvent(tx, {
    kind: 'CALL_UPDATED',
    at,
    byId,
    conversationId: conversation.id,
    messageId,
    details: { sessionId, status },
    topics: await topicsOf(tx, conversation),
  });
}

import type { Conversation } from '../conversations/conversation.ts';
import { type Person, pairOf, placeStore } from '../conversations/place-store.ts';
import { type Handle, must } from '../store/handle.ts';
import { isOverdue } from './call.ts';
import { moverOf, outcomeFor, type Step, take } from './moving-store.ts';
import { isRefusal } from './policy.ts';
import { callStore } from './store.ts';

const NOBODY = 0;

/**
 * Takes a step in every call of a conversation that is not over, in a transaction that has the conversation to itself. Where the step
 * is not for the call as it is, nothing happens. `only` names the message of the one call that is meant.
 */
async function stepInAll(tx: Handle, conversation: Conversation, step: Step, only?: number): Promise<void> {
  for (const call of await callStore(tx).liveIn(conversation.id)) {
    if (only !== undefined && call.messageId !== only) continue;
    const subject = { call, conversation };
    const { userId } = step;
    const found = userId === undefined ? { mover: 'nobody' as const } : await moverOf(tx, subject, userId);
    const outcome = found ? outcomeFor(subject, found.mover, step) : 'nothing';
    if (!isRefusal(outcome)) await take(tx, subject, step, outcome);
  }
}

/** Somebody goes from a conversation: out of its calls, and the one that they let ring is over. */
export const vanishFromCalls = (tx: Handle, conversation: Conversation, userId: number, at: number): Promise<void> =>
  stepInAll(tx, conversation, { move: 'vanish', userId, at });

/** A group is deleted: its call is over. */
export const closeCalls = (tx: Handle, conversation: Conversation, at: number): Promise<void> =>
  stepInAll(tx, conversation, { move: 'close', at });

/** A call is deleted for good: it is over first. */
export const closeCall = (tx: Handle, conversation: Conversation, messageId: number, at: number): Promise<void> =>
  stepInAll(tx, conversation, { move: 'close', at }, messageId);

/** One user blocks another: a call between the two is over. */
export async function endCallsBetween(tx: Handle, blocker: Person, blocked: Person, at: number): Promise<void> {
  const { userA, userB } = pairOf(blocker, blocked);
  const conversation = await placeStore(tx).byPair(userA, userB);
  if (conversation) await stepInAll(tx, conversation, { move: 'block', userId: blocker.id, at });
}

/** A call has rung for long enough, or goes on with nobody in it: it is over. One that is over already stays as it is. */
export async function expireCall(tx: Handle, messageId: number, at: number): Promise<void> {
  const [call] = await callStore(tx).byMessages([messageId]);
  if (!call) return;
  const isDue = call.status === 'ongoing' ? !(await callStore(tx).otherIn(messageId, NOBODY)) : isOverdue(call, at);
  if (!isDue) return;
  const subject = { call, conversation: must(await placeStore(tx).byId(call.conversationId)) };
  const step: Step = { move: 'expire', at };
  const outcome = outcomeFor(subject, 'nobody', step);
  if (!isRefusal(outcome)) await take(tx, subject, step, outcome);
}

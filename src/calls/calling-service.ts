import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { type Conversation, type Party, type Receiver, scopeOf, scopeWith } from '../conversations/conversation.ts';
import { enterConversation, type Place, placeStore, requireUnblocked } from '../conversations/place-store.ts';
import type { Conversations } from '../conversations/service.ts';
import { ChatError } from '../errors.ts';
import { badField } from '../input.ts';
import type { Json } from '../json.ts';
import { appendMessage } from '../messages/append-store.ts';
import type { Message } from '../messages/message.ts';
import { findSent, readUpToOwn, requireOwn } from '../messages/sending-service.ts';
import { type Database, type Handle, must } from '../store/handle.ts';
import { userStore } from '../users/store.ts';
import { isFound } from '../users/user.ts';
import { requireUser, type UserViewer, type Viewer } from '../viewer.ts';
import { type Call, type CallStatus, isOverdue } from './call.ts';
import { vanishFromCalls } from './ending-store.ts';
import { moverOf, moveTo, outcomeFor, type Step, take, tellOf } from './moving-store.ts';
import { isRefusal, refusalOf } from './policy.ts';
import { callStore } from './store.ts';

const RING_SECONDS = { usual: 45, min: 5, max: 300 };

/** Whom to call and how; null and left out mean the same. */
export interface Calling extends Receiver {
  readonly callType: Call['callType'];
  /** How long it rings, in seconds. */
  readonly timeout?: number | null | undefined;
  readonly metadata?: Json | undefined;
  readonly muid?: string | null | undefined;
}

interface Options {
  readonly db: Database;
  readonly conversations: Conversations;
  readonly clock: Clock;
  /** Hears that a call began, or moved on. */
  readonly onMove: () => void;
}

/**
 * Begins calls and moves them on, as the tables in policy.ts have it. What is done to a call is alone in its conversation; whoever comes
 * into one is alone, too, in all that decides whether they are in a call.
 */
export function createCalling({ db, conversations, clock, onMove }: Options) {
  /** Records the call: it rings, or is BUSY where its receiver is in another one. Throws where the caller may not call now. */
  async function ring(tx: Handle, user: UserViewer, party: Party, calling: Calling): Promise<Message> {
    const at = clock.now();
    const { muid } = calling;
    const place = await enterConversation(tx, user, party, at);
    const kind = { category: 'call', type: calling.callType } as const;
    const sent = muid == null ? undefined : await findSent(tx, user, place, muid, kind);
    if (sent) return sent;
    if (party.type === 'user') await requireUnblocked(tx, user, party.user);
    await holdPeople(tx, party.type === 'user' ? [user, party.user] : [user]);
    if (await callStore(tx).active(user.id, at)) throw busySelf();
    if (party.type === 'group') await requireSilence(tx, place.conversation, at);
    const isBusy = party.type === 'user' && (await callStore(tx).active(party.user.id, at)) !== undefined;
    const message = await record(tx, user, party, place, calling, at);
    if (!isBusy) return message;
    const [call] = await callStore(tx).byMessages([message.id]);
    return moveTo(tx, { call: must(call), conversation: place.conversation }, 'busy', { at, byId: null });
  }

  async function move(
    viewer: Viewer | undefined,
    sessionId: string,
    how: Pick<Step, 'move' | 'rejectAs'>,
  ): Promise<Message> {
    const user = requireUser(viewer);
    const found = await callStore(db.read).bySession(sessionId);
    const conversation = found && (await placeStore(db.read).byId(found.conversationId));
    if (!conversation) throw noSession(sessionId);
    const message = await db.write(scopeOf(conversation), async (tx) => {
      const call = await callStore(tx).bySession(sessionId);
      if (!call) throw noSession(sessionId); // gone for good meanwhile
      const subject = { call, conversation: must(await placeStore(tx).byId(conversation.id)) };
      const step: Step = { ...how, userId: user.id, at: clock.now() };
      const found = await moverOf(tx, subject, user.id);
      if (!found) throw refusalOf('ERR_CALL_NOT_A_PART');
      const outcome = outcomeFor(subject, found.mover, step);
      if (isRefusal(outcome)) throw refusalOf(outcome);
      if (how.move === 'accept') {
        await holdPeople(tx, [user]);
        if (await callStore(tx).active(user.id, step.at)) throw busySelf();
      }
      return take(tx, subject, step, outcome);
    });
    onMove();
    return message;
  }

  return {
    /**
     * Calls a user or a group, or gives the call that the caller began with the same `muid`. Where the receiver is in a call it is
     * BUSY at once. Throws ERR_CALLING_SELF, ERR_CALL_BUSY_SELF, ERR_CALL_BUSY_GROUP, and what sending a message throws.
     */
    async initiate(viewer: Viewer | undefined, calling: Calling): Promise<Message> {
      const user = requireUser(viewer);
      requireOwn({ muid: calling.muid, metadata: calling.metadata });
      requireTimeout(calling.timeout);
      const party = await conversations.getParty(user, calling);
      if (party.type === 'user' && party.user.id === user.id)
        throw new ChatError('ERR_CALLING_SELF', '`receiverId` is your own: nobody calls themselves.');
      const message = await db.write(scopeWith(user.id, party), (tx) => ring(tx, user, party, calling));
      onMove();
      return message;
    },

    /** Answers a call, or joins a group's. Throws ERR_CALL_BUSY_SELF where the viewer is in another one, and what the tables say. */
    accept: (viewer: Viewer | undefined, sessionId: string): Promise<Message> =>
      move(viewer, sessionId, { move: 'accept' }),

    /** Declines a call between two. Throws ERR_BAD_REQUEST for any other status, and what the tables say. */
    async reject(viewer: Viewer | undefined, sessionId: string, status: CallStatus): Promise<Message> {
      requireUser(viewer);
      if (status !== 'rejected' && status !== 'busy') throw badField('status', 'must be REJECTED or BUSY');
      return move(viewer, sessionId, { move: 'reject', rejectAs: status });
    },

    /** Gives up a call that nobody has answered. Throws what the tables say. */
    cancel: (viewer: Viewer | undefined, sessionId: string): Promise<Message> =>
      move(viewer, sessionId, { move: 'cancel' }),

    /** Ends a call between two; leaves a group's, which ends with the last one in it. Throws what the tables say. */
    end: (viewer: Viewer | undefined, sessionId: string): Promise<Message> => move(viewer, sessionId, { move: 'end' }),

    /** Takes a user who is deactivated or deleted out of all calls: no longer calling, called, or in one. */
    async leaveAll(userId: number): Promise<void> {
      for (const { id } of await callStore(db.read).conversationsOfLive(userId)) {
        const conversation = must(await placeStore(db.read).byId(id));
        await db.write(scopeOf(conversation), async (tx) =>
          vanishFromCalls(tx, must(await placeStore(tx).byId(id)), userId, clock.now()),
        );
      }
    },
  };
}

export type CallingService = ReturnType<typeof createCalling>;

/** Adds the call to its conversation, and tells everybody concerned that it rings. */
async function record(
  tx: Handle,
  user: UserViewer,
  party: Party,
  place: Place,
  { callType, timeout, metadata, muid }: Calling,
  at: number,
): Promise<Message> {
  const draft = { senderId: user.id, category: 'call', type: callType, metadata: metadata ?? null } as const;
  const message = await appendMessage(tx, place, { ...draft, muid: muid ?? null }, at);
  const { id: messageId, sentAt } = message;
  const call: Call = {
    messageId,
    sessionId: randomUUID(),
    conversationId: place.conversation.id,
    initiatorId: user.id,
    callType,
    status: 'initiated',
    initiatedAt: sentAt,
    joinedAt: null,
    endedAt: null,
    ringsUntil: at + (timeout ?? RING_SECONDS.usual),
    secret: randomBytes(20).toString('hex'),
  };
  await tx.insertMany(tx.t.calls, [call]);
  await tx.insertMany(tx.t.callParticipants, [{ messageId, userId: user.id, joinedAt: sentAt }]);
  if (party.type === 'user') await tx.insertMany(tx.t.callParticipants, [{ messageId, userId: party.user.id }]);
  await tellOf(tx, place.conversation, { ...call, at: sentAt, byId: user.id });
  await readUpToOwn(tx, user, place, message);
  return message;
}

/** Until the transaction ends, nobody else decides whether these are in a call. Throws where one is deactivated or deleted by now. */
async function holdPeople(tx: Handle, people: readonly { readonly id: number; readonly uid: string }[]): Promise<void> {
  for (const scope of people.map(({ id }) => `call:${id}`).sort()) await tx.alsoAlone(scope);
  const rows = await userStore(tx).byIds(people.map(({ id }) => id));
  const gone = rows.filter((row) => !isFound(row, false));
  if (gone.some(({ id }) => id === people[0]?.id))
    throw new ChatError('AUTH_ERR_NO_ACCESS', 'You were deactivated or deleted.');
  if (gone.length > 0) throw badField('receiverId', 'is of somebody who is not there any more', 'ERR_UID_NOT_FOUND');
}

/** Refuses a second call of a group's: ERR_CALL_BUSY_GROUP. */
async function requireSilence(tx: Handle, { id }: Conversation, at: number): Promise<void> {
  const live = await callStore(tx).liveIn(id);
  if (live.every((call) => isOverdue(call, at))) return;
  throw new ChatError('ERR_CALL_BUSY_GROUP', 'The group has a call already: join it with `acceptCall`.');
}

function requireTimeout(timeout: number | null | undefined): void {
  const { min, max } = RING_SECONDS;
  if (timeout == null || (timeout >= min && timeout <= max)) return;
  throw badField('timeout', `is ${timeout}: ${min} to ${max} seconds`);
}

const busySelf = (): ChatError =>
  new ChatError('ERR_CALL_BUSY_SELF', 'You are in a call: end it, or give it up, first.');

const noSession = (sessionId: string): ChatError =>
  new ChatError('ERR_CALL_SESSION_NOT_FOUND', `\`sessionId\`: there is no call with the session "${sessionId}".`);

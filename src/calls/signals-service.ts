import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Clock } from '../clock.ts';
import { placeStore } from '../conversations/place-store.ts';
import { ChatError } from '../errors.ts';
import { groupTopic } from '../events/event.ts';
import type { Passing } from '../events/passing.ts';
import { groupStore } from '../groups/store.ts';
import { badField, requireJson } from '../input.ts';
import type { Json } from '../json.ts';
import { type Database, must } from '../store/handle.ts';
import { userStore } from '../users/store.ts';
import { requireUser, type UserViewer, type Viewer } from '../viewer.ts';
import { isOverdue, signalTopic } from './call.ts';
import { moverOf, type Subject } from './moving-store.ts';
import { refusalOf, signalRefusal } from './policy.ts';
import { callStore } from './store.ts';

const RATE = { signals: 300, seconds: 10 }; // a call of ten takes some 200 to connect

/** What is sent to whom of a call. */
export interface Signal {
  readonly sessionId: string;
  /** The uid. */
  readonly to: string;
  readonly signal: Json;
}

interface Options {
  readonly db: Database;
  readonly passing: Passing;
  readonly clock: Clock;
}

/** What the participants of a call send each other to connect: it goes from one to another and is kept nowhere. */
export function createSignals({ db, passing, clock }: Options) {
  const rate = new RateLimiterMemory({ points: RATE.signals, duration: RATE.seconds });
  const lastOf = new Map<number, Promise<unknown>>();

  /** A user's jobs one after the other, in the order in which they came. */
  function inTurn<T>(userId: number, job: () => Promise<T>): Promise<T> {
    const mine = (lastOf.get(userId) ?? Promise.resolve()).then(job);
    const settled = mine
      .catch(() => {})
      .finally(() => {
        if (lastOf.get(userId) === settled) lastOf.delete(userId);
      });
    lastOf.set(userId, settled);
    return mine;
  }

  async function find(sessionId: string): Promise<Subject | undefined> {
    const call = await callStore(db.read).bySession(sessionId);
    return call && { call, conversation: must(await placeStore(db.read).byId(call.conversationId)) };
  }

  async function get(sessionId: string): Promise<Subject> {
    const subject = await find(sessionId);
    if (subject) return subject;
    throw new ChatError(
      'ERR_CALL_SESSION_NOT_FOUND',
      `\`sessionId\`: there is no call with the session "${sessionId}".`,
    );
  }

  /** Throws where a user neither sends nor hears signals of a call now. */
  async function requirePart(subject: Subject, userId: number): Promise<void> {
    const found = await moverOf(db.read, subject, userId);
    if (!found) throw refusalOf('ERR_CALL_NOT_A_PART');
    const status = isOverdue(subject.call, clock.now()) ? 'unanswered' : subject.call.status;
    const refusal = signalRefusal(status, found.mover);
    if (refusal) throw refusalOf(refusal);
  }

  async function requireRate({ id }: UserViewer): Promise<void> {
    await rate.consume(id).catch((error) => {
      if (!(error instanceof RateLimiterRes)) throw error;
      const wait = Math.ceil(error.msBeforeNext / 1000);
      throw new ChatError(
        'ERR_TOO_MANY_REQUESTS',
        `${RATE.signals} signals in ${RATE.seconds} seconds are the most: go on in ${wait} seconds.`,
      );
    });
  }

  return {
    /**
     * Sends something to another who is in the call, or for whom it rings: it reaches those of their devices that listen now, in the
     * order in which it was sent. Throws ERR_CALL_NOT_A_PART where either of them is not, ERR_CALL_TERMINATED,
     * ERR_CALL_SESSION_NOT_FOUND, ERR_LIMIT_EXCEEDED for more than 64 KB and ERR_TOO_MANY_REQUESTS for too many.
     */
    async send(viewer: Viewer | undefined, { sessionId, to, signal }: Signal): Promise<string> {
      const user = requireUser(viewer);
      requireJson('signal', signal, 'ERR_LIMIT_EXCEEDED');
      if (to === user.uid) throw badField('to', 'is your own uid: signals are for the others');
      return inTurn(user.id, async () => {
        await requireRate(user);
        const subject = await get(sessionId);
        await requirePart(subject, user.id);
        const other = await userStore(db.read).byUid(to);
        if (!other) throw badField('to', 'is of nobody in the call', 'ERR_CALL_NOT_A_PART');
        await requirePart(subject, other.id).catch((error) => {
          if (!(error instanceof ChatError) || error.code === 'ERR_CALL_TERMINATED') throw error;
          throw badField('to', 'is of nobody in the call', 'ERR_CALL_NOT_A_PART');
        });
        const topics = [signalTopic(sessionId, other.id)];
        passing.publish({ kind: 'CALL_SIGNAL', at: clock.now(), topics, fromId: user.id, signal });
        return sessionId;
      });
    },

    /** Throws what sending a signal would throw, where the user hears none either. */
    async requireListener(user: UserViewer, sessionId: string): Promise<void> {
      await requirePart(await get(sessionId), user.id);
    },

    /**
     * The topics that the user is sent signals under, now or later, as long as they take part in the call's conversation. A group's is
     * among them for what happens to it.
     */
    async topicsFor(user: UserViewer, sessionId: string): Promise<string[] | undefined> {
      const subject = await find(sessionId);
      if (!subject || !(await moverOf(db.read, subject, user.id))) return undefined;
      const { groupId } = subject.conversation;
      const group = groupId === null ? undefined : await groupStore(db.read).byId(groupId);
      return [signalTopic(sessionId, user.id), ...(group ? [groupTopic(group.guid)] : [])];
    },
  };
}

export type Signals = ReturnType<typeof createSignals>;

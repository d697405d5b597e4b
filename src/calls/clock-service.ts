import type { Clock } from '../clock.ts';
import { type Conversation, scopeOf } from '../conversations/conversation.ts';
import { placeStore } from '../conversations/place-store.ts';
import type { Presence } from '../presence/presence.ts';
import { type Database, type Handle, must } from '../store/handle.ts';
import { expireCall, vanishFromCalls } from './ending-store.ts';
import { callStore } from './store.ts';

const GONE_SECONDS = 30; // without a connection, after which a participant has left
const LOOK_SECONDS = 5; // PostgreSQL: how often to look for calls that other servers began
const RETRY_SECONDS = 1;

interface Options {
  readonly db: Database;
  readonly presence: Presence;
  readonly clock: Clock;
  /** Hears of what failed, which is tried again. */
  readonly report: (error: unknown) => void;
}

/**
 * Ends by the server's clock what nobody ends: the ringing that nobody answers, and the part of who has had no connection for 30 s since
 * they are in a call. What came due while the server was down is done when it starts; from then on everybody has their 30 s. Several
 * servers may do it at once: each looks again before it ends something.
 */
export function createCallClock({ db, presence, clock, report }: Options) {
  const store = callStore(db.read);
  const absentSince = new Map<string, number>(); // by part, of those who are in a call that goes on and not online
  let parts: ReadonlyMap<number, string> = new Map(); // of those who are in such a call: each one's part in it
  let state: 'idle' | 'on' | 'off' = 'idle';
  let running: Promise<void> | undefined;
  let again = false;
  let failed = false;
  let callOff = () => {};

  function wake(): void {
    if (state !== 'on') return;
    again = true;
    running ??= run().finally(() => {
      running = undefined;
      if (again) wake();
    });
  }

  async function run() {
    [again, failed] = [false, false];
    callOff();
    let next: number | undefined;
    try {
      next = earliest([await endRinging(), await endAbsence()]);
      if (db.read.dialect === 'postgres') next = Math.min(next ?? Number.POSITIVE_INFINITY, clock.now() + LOOK_SECONDS);
    } catch (error) {
      fail(error);
    }
    if (failed) next = clock.now() + RETRY_SECONDS;
    if (next !== undefined && state === 'on') callOff = clock.at(next, wake);
  }

  function fail(error: unknown) {
    failed = true;
    if (state === 'on') report(error);
  }

  /** Ends what has rung for long enough. Gives when there is more to do, where there is. */
  async function endRinging(): Promise<number | undefined> {
    const at = clock.now();
    const ringing = await store.ringsUntil();
    const isDue = ({ ringsUntil }: { ringsUntil: number | null }) => at > (ringsUntil ?? 0);
    for (const { messageId, conversationId } of ringing.filter(isDue)) {
      await alone(conversationId, (tx) => expireCall(tx, messageId, clock.now()));
    }
    return earliest(ringing.filter((one) => !isDue(one)).map(({ ringsUntil }) => (ringsUntil ?? 0) + 1));
  }

  /** Lets those leave who have been without a connection for long enough. Gives the same. */
  async function endAbsence(): Promise<number | undefined> {
    const at = clock.now();
    const rows = await store.inOngoing();
    parts = new Map(
      rows.flatMap(({ messageId, userId }) => (userId === null ? [] : [[userId, `${messageId} ${userId}`]])),
    );
    const known = new Set(parts.values());
    for (const part of absentSince.keys()) if (!known.has(part)) absentSince.delete(part);
    const due: number[] = [];
    for (const { messageId, conversationId, userId } of rows) {
      if (userId === null) {
        await alone(conversationId, (tx) => expireCall(tx, messageId, clock.now()));
        continue;
      }
      const part = `${messageId} ${userId}`;
      if (presence.isOnline(userId)) {
        absentSince.delete(part);
        continue;
      }
      const until = absenceOf(part, at) + GONE_SECONDS;
      if (until > at) due.push(until);
      else await alone(conversationId, (tx, conversation) => leave(tx, conversation, userId));
    }
    return earliest(due);
  }

  function absenceOf(part: string, at: number): number {
    const since = absentSince.get(part) ?? at;
    absentSince.set(part, since);
    return since;
  }

  async function leave(tx: Handle, conversation: Conversation, userId: number) {
    if (!presence.isOnline(userId)) await vanishFromCalls(tx, conversation, userId, clock.now());
  }

  async function alone(conversationId: number, job: (tx: Handle, conversation: Conversation) => Promise<void>) {
    try {
      const conversation = must(await placeStore(db.read).byId(conversationId));
      await db.write(scopeOf(conversation), async (tx) => job(tx, must(await placeStore(tx).byId(conversationId))));
    } catch (error) {
      fail(error); // and the others are not held up by it
    }
  }

  presence.listen((userId, status) => {
    const part = parts.get(userId);
    if (status === 'online' || part === undefined) return;
    absentSince.set(part, clock.now() - Math.round(presence.graceMs / 1000));
    wake();
  });

  return {
    /** Begins, with what came due before. Returns at once. */
    start(): void {
      state = 'on';
      wake();
    },
    /** A call began or moved on: there may be something else to wait for. */
    wake,
    /** Does no more, before the database is closed. */
    async stop(): Promise<void> {
      state = 'off';
      again = false;
      callOff();
      await running;
    },
    /** Resolves once what is due by now is done. */
    async settled(): Promise<void> {
      while (running) await running;
    },
  };
}

const earliest = (times: readonly (number | undefined)[]): number | undefined => {
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
};

import { expect } from 'vitest';
import { createApp, type Services } from '../../src/app.ts';
import type { CallStatus } from '../../src/calls/call.ts';
import { ChatError } from '../../src/errors.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import type { TestServer } from '../support/server.ts';
import { MEMBERS, PEOPLE } from './calls-world.ts';
import { createManualClock } from './manual-clock.ts';

export type Deed =
  | { readonly do: 'call'; readonly who: string; readonly to: string; readonly timeout: number }
  | { readonly do: 'accept' | 'reject' | 'cancel' | 'end'; readonly who: string; readonly nth: number }
  | { readonly do: 'connect' | 'disconnect' | 'leave' | 'join'; readonly who: string }
  | { readonly do: 'block' | 'unblock'; readonly who: string; readonly to: string };

/** Which status may follow which, as semantics have it; written anew, and not read from the code. */
const NEXT: Record<string, readonly CallStatus[]> = {
  '': ['initiated'],
  initiated: ['ongoing', 'rejected', 'busy', 'cancelled', 'unanswered'],
  ongoing: ['ongoing', 'ended'],
};

/** What a successful move makes of a call. */
const BECOMES: Record<string, readonly string[]> = {
  accept: ['ongoing'],
  reject: ['rejected'],
  cancel: ['cancelled'],
  end: ['ongoing', 'ended'],
};

/** How calls and what is around them are refused. */
const REFUSALS = new Set([
  'ERR_CALLING_SELF',
  'ERR_CALL_BUSY_SELF',
  'ERR_CALL_BUSY_GROUP',
  'ERR_CALL_USER_ALREADY_JOINED',
  'ERR_CALL_GROUP_INVALID_STATUS',
  'ERR_CALL_GROUP_ALREADY_LEFT',
  'ERR_CALL_TERMINATED',
  'ERR_CALL_NOT_A_PART',
  'ERR_CALL_NOT_STARTED',
  'AUTH_ERR_NO_ACCESS',
  'ERR_BLOCKED_SENDER',
  'ERR_BLOCKED_RECEIVER',
  'ERR_GUID_NOT_FOUND',
  'ERR_GROUP_NOT_JOINED',
  'ERR_OWNER_CANNOT_LEAVE',
]);

interface Rung {
  readonly sessionId: string;
  readonly caller: string;
  readonly receiver: string;
}

/** People who call each other, with a clock that moves when it is told to and a server that stops and starts again. */
export async function createTown(server: TestServer, time: number) {
  const { db } = server;
  const { t } = db.read;
  const clock = createManualClock(time);
  const position = await logPosition(server);
  const ids = new Map(
    (await db.read.db.select({ id: t.users.id, uid: t.users.uid }).from(t.users)).map((u) => [u.uid, u.id]),
  );
  const viewer = (uid: string) => ({ kind: 'user', id: ids.get(uid) ?? 0, uid, byKey: false }) as const;
  const rung: Rung[] = [];
  const connections = new Map<string, () => void>();
  let app = start();

  function start(): Services {
    const made = createApp(db, { callClock: clock, graceMs: 0, report: fail });
    made.callClock.start();
    return made;
  }

  function fail(error: unknown) {
    throw error;
  }

  const statusOf = async (messageId: number) =>
    (await db.read.db.select().from(t.calls)).find((call) => call.messageId === messageId);

  async function run(deed: Deed): Promise<void> {
    const { calling, presence, joining, members, blocks } = app;
    switch (deed.do) {
      case 'call': {
        const to =
          deed.to === 'hall'
            ? { receiverType: 'group', receiverId: 'hall' }
            : { receiverType: 'user', receiverId: deed.to };
        const message = await calling.initiate(viewer(deed.who), {
          ...to,
          callType: 'audio',
          timeout: deed.timeout,
        } as never);
        const call = await statusOf(message.id);
        rung.unshift({ sessionId: call?.sessionId ?? '', caller: deed.who, receiver: deed.to });
        return;
      }
      case 'connect':
        connections.get(deed.who)?.();
        connections.set(deed.who, presence.connect(viewer(deed.who).id));
        return;
      case 'disconnect':
        connections.get(deed.who)?.();
        connections.delete(deed.who);
        return;
      case 'leave':
        await joining.leave(viewer(deed.who), 'hall');
        return;
      case 'join':
        await members.add({ kind: 'key' }, { guid: 'hall', members: [{ uid: deed.who }] });
        return;
      case 'block':
        await blocks.block(viewer(deed.who), [deed.to]);
        return;
      case 'unblock':
        await blocks.unblock(viewer(deed.who), [deed.to]);
        return;
      default: {
        const call = rung[deed.nth];
        if (!call) return;
        const who = deed.who === 'caller' ? call.caller : deed.who === 'receiver' ? call.receiver : deed.who;
        if (who === 'hall') return;
        const before = await logPosition(server);
        await calling[deed.do](viewer(who), call.sessionId, 'rejected');
        const told = (await loggedSince(server, before)).filter(
          ({ by, kind }) => by === who && kind === 'CALL_UPDATED',
        );
        const became = told.map(({ details }) => details as { sessionId: string; status: string });
        const own = became.filter(({ sessionId }) => sessionId === call.sessionId).map(({ status }) => status);
        expect(
          own.some((status) => BECOMES[deed.do]?.includes(status)),
          `${deed.do} by ${who}: ${own}`,
        ).toBe(true);
      }
    }
  }

  async function settle() {
    await new Promise((resolve) => setTimeout(resolve, 2)); // presence, whose grace is 0 here, has seen who went
    await app.callClock.settled();
  }

  return {
    /** Does things at the same moment. Each is done or refused with a code of calls. */
    async atOnce(deeds: readonly Deed[]): Promise<void> {
      const results = await Promise.allSettled(deeds.map(run));
      for (const result of results) {
        if (result.status === 'fulfilled') continue;
        const { reason } = result;
        if (!(reason instanceof ChatError && REFUSALS.has(reason.code))) throw reason;
      }
      await settle();
    },

    async pass(seconds: number): Promise<void> {
      clock.advance(seconds);
      await settle();
    },

    /** Stops the server, and starts it again later: nobody is connected to it then. */
    async restart(seconds: number): Promise<void> {
      await app.callClock.stop();
      connections.clear();
      clock.advance(seconds);
      app = start();
      await settle();
    },

    /** That all is as it may be. */
    async check(): Promise<void> {
      const log = (await loggedSince(server, position)).filter(({ kind }) => kind === 'CALL_UPDATED');
      const last = new Map<string, string>();
      for (const { details } of log) {
        const { sessionId, status } = details as { sessionId: string; status: CallStatus };
        const before = last.get(sessionId) ?? '';
        expect(NEXT[before] ?? [], `${before} → ${status}`).toContain(status);
        last.set(sessionId, status);
      }
      const calls = (await db.read.db.select().from(t.calls)).filter(({ sessionId }) => last.has(sessionId));
      const parts = Map.groupBy(await db.read.db.select().from(t.callParticipants), ({ messageId }) => messageId);
      const standings = await db.read.db.select().from(t.participants);
      const belongs = new Set(standings.filter(({ active }) => active).map((p) => `${p.conversationId} ${p.userId}`));
      const inCalls: number[] = [];
      const inGroups: number[] = [];
      for (const call of calls) {
        expect(call.status).toBe(last.get(call.sessionId));
        const isIn = (parts.get(call.messageId) ?? []).filter(
          ({ joinedAt, leftAt }) => joinedAt !== null && leftAt === null,
        );
        const isLive = call.status === 'initiated' || call.status === 'ongoing';
        expect(isIn.length > 0, `${call.status} with ${isIn.length} in it`).toBe(isLive);
        expect(call.endedAt === null).toBe(isLive);
        expect(call.ringsUntil !== null).toBe(call.status === 'initiated');
        expect(call.joinedAt !== null).toBe(call.status === 'ongoing' || call.status === 'ended');
        if (call.endedAt !== null) expect(call.endedAt).toBeGreaterThanOrEqual(call.joinedAt ?? call.initiatedAt);
        if (call.ringsUntil !== null) expect(call.ringsUntil).toBeGreaterThanOrEqual(clock.now());
        if (!isLive) continue;
        inCalls.push(...isIn.map(({ userId }) => userId));
        inGroups.push(call.conversationId);
        for (const { userId } of isIn) {
          expect(belongs, `${userId} is in a call where they do not belong`).toContain(
            `${call.conversationId} ${userId}`,
          );
        }
      }
      expect(new Set(inCalls).size, 'somebody is in two calls').toBe(inCalls.length);
      expect(new Set(inGroups).size, 'two calls in one conversation').toBe(inGroups.length);
    },

    /** That every call comes to its end when nobody does anything any more, and everybody is free then. */
    async finish(): Promise<void> {
      for (const end of connections.values()) end();
      connections.clear();
      await settle();
      clock.advance(301);
      await settle();
      clock.advance(31);
      await settle();
      await this.check();
      const calls = await db.read.db.select().from(t.calls);
      expect(calls.filter(({ status }) => status === 'initiated' || status === 'ongoing')).toEqual([]);
      for (const uid of PEOPLE) expect(await app.calls.findActive(viewer(uid))).toBeUndefined();
      for (const who of PEOPLE)
        await app.blocks.unblock(
          viewer(who),
          PEOPLE.filter((one) => one !== who),
        );
      for (const [n, who] of PEOPLE.entries()) {
        const other = PEOPLE[(n + 1) % PEOPLE.length] ?? '';
        const { id } = await app.calling.initiate(viewer(who), {
          receiverType: 'user',
          receiverId: other,
          callType: 'audio',
        });
        const call = await statusOf(id);
        expect(call?.status).toBe('initiated');
        await app.calling.cancel(viewer(who), call?.sessionId ?? '');
      }
    },

    /** Leaves everything as it was before, for the next; gives the time. */
    async leave(): Promise<number> {
      connections.clear();
      await app.callClock.stop();
      clock.advance(1_000);
      const last = createApp(db, { callClock: clock });
      last.callClock.start();
      await last.callClock.settled();
      clock.advance(31);
      await last.callClock.settled();
      await last.callClock.stop();
      for (const who of PEOPLE)
        await last.blocks.unblock(
          viewer(who),
          PEOPLE.filter((one) => one !== who),
        );
      for (const who of PEOPLE) {
        if (!MEMBERS.includes(who)) await last.joining.leave(viewer(who), 'hall').catch(() => {});
      }
      await last.members.add({ kind: 'key' }, { guid: 'hall', members: MEMBERS.map((uid) => ({ uid })) });
      return clock.now();
    },
  };
}

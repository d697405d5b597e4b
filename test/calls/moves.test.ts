import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askerOf } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { CALLS_START, CALLS_WORLD, HALL, toUser } from './calls-world.ts';
import { createManualClock } from './manual-clock.ts';

const MOVES = ['acceptCall', 'rejectCall', 'cancelCall', 'endCall'] as const;
type Move = (typeof MOVES)[number];

const DONE = 'ERR_CALL_TERMINATED';
const IN = 'ERR_CALL_USER_ALREADY_JOINED';
const EARLY = 'ERR_CALL_NOT_STARTED';
const NOT_CALLER = 'AUTH_ERR_NO_ACCESS';
const OUT = 'ERR_CALL_NOT_A_PART';
const LEFT = 'ERR_CALL_GROUP_ALREADY_LEFT';
const GROUP = 'ERR_CALL_GROUP_INVALID_STATUS';

/** What each of a kind of person gets for accepting, rejecting, cancelling and ending: the call's status then, or a code. */
type Answers = Record<string, readonly [accept: string, reject: string, cancel: string, end: string]>;

const NEVER: Answers = {
  caller: [DONE, DONE, DONE, DONE],
  receiver: [DONE, DONE, DONE, DONE],
  stranger: [OUT, OUT, OUT, OUT],
};

const BETWEEN_TWO: Record<string, Answers> = {
  INITIATED: {
    caller: [IN, IN, 'CANCELLED', EARLY],
    receiver: ['ONGOING', 'REJECTED', NOT_CALLER, EARLY],
    stranger: [OUT, OUT, OUT, OUT],
  },
  ONGOING: {
    caller: [IN, IN, IN, 'ENDED'],
    receiver: [IN, IN, NOT_CALLER, 'ENDED'],
    stranger: [OUT, OUT, OUT, OUT],
  },
  UNANSWERED: NEVER,
  OVERDUE: NEVER, // it has rung for as long as it may, and the server has not come to say so
  REJECTED: NEVER,
  BUSY: NEVER,
  CANCELLED: NEVER,
  ENDED: NEVER,
};

const GROUP_OVER: Answers = { ...NEVER, receiver: [DONE, DONE, DONE, DONE], third: [DONE, DONE, DONE, DONE] };

const IN_A_GROUP: Record<string, Answers> = {
  INITIATED: {
    caller: [IN, GROUP, 'CANCELLED', EARLY],
    receiver: ['ONGOING', GROUP, NOT_CALLER, EARLY],
    stranger: [OUT, OUT, OUT, OUT],
  },
  ONGOING: {
    caller: [IN, GROUP, IN, 'ONGOING'],
    receiver: [IN, GROUP, NOT_CALLER, 'ONGOING'],
    third: ['ONGOING', GROUP, NOT_CALLER, OUT],
    stranger: [OUT, OUT, OUT, OUT],
  },
  LEFT: {
    caller: ['ONGOING', GROUP, LEFT, LEFT], // who left it
    receiver: [IN, GROUP, NOT_CALLER, 'ENDED'], // the last one in it
    third: ['ONGOING', GROUP, NOT_CALLER, OUT],
    stranger: [OUT, OUT, OUT, OUT],
  },
  UNANSWERED: GROUP_OVER,
  OVERDUE: GROUP_OVER,
  CANCELLED: GROUP_OVER,
  ENDED: GROUP_OVER,
};

/** What has to be done for a call that rings to be in a state; `T` lets its time pass. */
const WAYS: Record<string, readonly (readonly [who: string, move: Move | 'T' | 't', status?: string])[]> = {
  INITIATED: [],
  ONGOING: [['receiver', 'acceptCall']],
  LEFT: [
    ['receiver', 'acceptCall'],
    ['caller', 'endCall'],
  ],
  UNANSWERED: [['', 'T']],
  OVERDUE: [['', 't']],
  REJECTED: [['receiver', 'rejectCall', 'REJECTED']],
  BUSY: [['receiver', 'rejectCall', 'BUSY']],
  CANCELLED: [['caller', 'cancelCall']],
  ENDED: [
    ['receiver', 'acceptCall'],
    ['caller', 'endCall'],
    ['receiver', 'endCall'],
  ],
};

const WHO: Record<string, string> = { caller: 'ann', receiver: 'ben', third: 'cia', stranger: 'fay' };

eachDialect((dialect) => {
  const clock = createManualClock(CALLS_START);
  let server: TestServer;
  const ask = askerOf(() => server);
  beforeAll(async () => {
    server = await startTestServer({ dialect, lines: CALLS_WORLD, callClock: clock });
  });
  afterAll(() => server.stop());

  const ring = async (to: object) =>
    (await ask.run('ann', 'initiateCall', { ...to, callType: 'AUDIO' }, 'call { sessionId }')).call.sessionId;

  async function begin(state: string, to: object): Promise<string> {
    const sessionId = await ring(to);
    for (const [who, move, status] of WAYS[state] ?? []) {
      if (move === 'T') {
        clock.advance(46);
        await server.services.callClock.settled();
      } else if (move === 't') {
        await server.services.callClock.stop();
        clock.advance(46);
      } else if (state === 'ENDED' && move === 'endCall' && who === 'receiver' && to !== HALL) {
        break;
      } else {
        await ask.run(WHO[who] ?? '', move, { sessionId, ...(status && { status }) }, 'call { id }');
      }
    }
    return sessionId;
  }

  /** Ends whatever goes on, so that nobody is in a call. */
  async function hush(sessionId: string) {
    server.services.callClock.start();
    await server.services.callClock.settled();
    for (const move of ['cancelCall', 'endCall'] as const) {
      for (const who of ['ann', 'ben', 'cia']) {
        await ask.answer(who, `mutation ($id: ID!) { ${move}(input: { sessionId: $id }) { call { id } } }`, {
          id: sessionId,
        });
      }
    }
    for (const uid of ['ann', 'ben', 'cia'])
      expect(await ask.data(uid, '{ activeCall { id } }')).toEqual({ activeCall: null });
  }

  const isCode = (outcome: string) => outcome.includes('_');
  const rows = (answers: Answers) =>
    Object.entries(answers).flatMap(([who, outcomes]) =>
      outcomes.map((outcome, n) => ({ who, move: MOVES[n] as Move, outcome })),
    );
  const inputOf = (sessionId: string, move: Move) => ({
    sessionId,
    ...(move === 'rejectCall' && { status: 'REJECTED' }),
  });

  describe.each([
    ['a call between two', toUser('ben'), BETWEEN_TWO],
    ['a group’s call', HALL, IN_A_GROUP],
  ])('%s', (_what, to, table) => {
    test.each(Object.entries(table))(
      'that is %s refuses what is not for it, each with its code',
      async (state, answers) => {
        const sessionId = await begin(state, to);
        const before = await logPosition(server);
        for (const { who, move, outcome } of rows(answers).filter((row) => isCode(row.outcome))) {
          const code = await ask.refusal(WHO[who] ?? '', move, inputOf(sessionId, move));
          expect(`${who} ${move}: ${code}`).toBe(`${who} ${move}: ${outcome}`);
        }
        expect(await loggedSince(server, before)).toEqual([]);
        await hush(sessionId);
      },
    );

    const moves = Object.entries(table).flatMap(([state, answers]) =>
      rows(answers)
        .filter(({ outcome }) => !isCode(outcome))
        .map(({ who, move, outcome }) => [state, who, move, outcome] as const),
    );
    test.each(moves)('that is %s, where the %s does %s, becomes %s for all', async (state, who, move, outcome) => {
      const sessionId = await begin(state, to);
      const before = await logPosition(server);
      const as = WHO[who] ?? '';
      const { call } = await ask.run(as, move, inputOf(sessionId, move), 'call { id callStatus updatedAt }');
      expect(call).toEqual({ id: expect.any(String), callStatus: outcome, updatedAt: expect.any(Number) });
      const details = { sessionId, status: outcome.toLowerCase() };
      const topics = to === HALL ? ['group:hall'] : ['user:ann', 'user:ben'];
      const event = { kind: 'CALL_UPDATED', by: as, messageId: Number(call.id), details, topics };
      expect(await loggedSince(server, before)).toEqual([expect.objectContaining(event)]);
      await hush(sessionId);
    });
  });
});

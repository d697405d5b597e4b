import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkAll } from '../../src/transfer/check-service.ts';
import { askerOf } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { holdClock } from '../support/held-clock.ts';
import { member, user } from '../support/lines.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { CALLS_START, CALLS_WORLD, HALL, toUser } from './calls-world.ts';
import { createManualClock } from './manual-clock.ts';

const ALL = `call { id sessionId callType callStatus initiatedAt joinedAt endedAt muid metadata raw participants { uid }
  callInitiator { uid } callReceiver { ... on User { uid } ... on Group { guid } } }`;

eachDialect((dialect) => {
  const clock = createManualClock(CALLS_START);
  let server: TestServer;
  const ask = askerOf(() => server);
  const call = async (as: string, to: object, more: object = {}) =>
    (await ask.run(as, 'initiateCall', { ...to, callType: 'VIDEO', ...more }, ALL)).call;
  const move = async (as: string, name: string, sessionId: string, more: object = {}) =>
    (await ask.run(as, name, { sessionId, ...more }, ALL)).call;
  const active = async (as: string) =>
    (await ask.data(as, '{ activeCall { sessionId callStatus } }')).activeCall?.sessionId ?? null;
  const unread = async (as: string) => (await ask.data(as, '{ unreadMessageCount }')).unreadMessageCount;

  beforeAll(async () => {
    server = await startTestServer({ dialect, lines: CALLS_WORLD, callClock: clock });
  });
  afterAll(async () => {
    expect(await checkAll(server.db)).toEqual([]);
    await server.stop();
  });

  test('a call is one message that both see, unread for the other, and moves on as it is answered and ended', async () => {
    const before = await unread('ben');
    const rung = await call('ann', toUser('ben'), { metadata: { from: 'a test' } });
    expect(rung).toMatchObject({
      callType: 'VIDEO',
      callStatus: 'INITIATED',
      joinedAt: null,
      endedAt: null,
      metadata: { from: 'a test' },
      callInitiator: { uid: 'ann' },
      callReceiver: { uid: 'ben' },
      participants: [{ uid: 'ann' }],
    });
    const { sessionId, id } = rung;
    expect(await unread('ben')).toBe(before + 1);
    expect([await active('ann'), await active('ben'), await active('cia')]).toEqual([sessionId, sessionId, null]);
    clock.advance(7);
    const answered = await move('ben', 'acceptCall', sessionId);
    expect(answered).toMatchObject({ id, callStatus: 'ONGOING', participants: [{ uid: 'ann' }, { uid: 'ben' }] });
    expect(answered.joinedAt).toBe(CALLS_START + 7);
    clock.advance(5);
    const ended = await move('ann', 'endCall', sessionId);
    expect(ended).toMatchObject({ id, callStatus: 'ENDED', joinedAt: CALLS_START + 7, endedAt: CALLS_START + 12 });
    expect([await active('ann'), await active('ben')]).toEqual([null, null]);
    const history =
      '{ conversation(with: { receiverType: USER, receiverId: "ann" }) { messages(filter: { categories: [CALL] }) { nodes { id } } } }';
    expect((await ask.data('ben', history)).conversation.messages.nodes).toEqual([{ id }]);
  });

  test('the secret of its channel is shown to those who take part, and API keys, alone', async () => {
    const { sessionId } = await call('ann', HALL);
    await move('ben', 'acceptCall', sessionId);
    const secretFor = async (as: string) => {
      const { call } = await ask.data(as, 'query ($id: ID!) { call(sessionId: $id) { raw } }', { id: sessionId });
      return call?.raw.data.on.entity.wsChannel.secret;
    };
    const secret = await secretFor('KEY');
    expect(secret).toMatch(/^[0-9a-f]{40}$/);
    expect(await Promise.all(['ann', 'ben', 'cia', 'fay'].map(secretFor))).toEqual([
      secret,
      secret,
      undefined,
      undefined,
    ]);
    await move('ann', 'endCall', sessionId);
    await move('ben', 'endCall', sessionId);
  });

  test('called again with its `muid`, the first call is given, whatever has become of it, and nothing is logged', async () => {
    holdClock();
    const first = await call('cia', toUser('dan'), { muid: 'ring-1' });
    const before = await logPosition(server);
    expect(await call('cia', toUser('dan'), { muid: 'ring-1', callType: 'VIDEO' })).toEqual(first);
    await move('cia', 'cancelCall', first.sessionId);
    const after = await logPosition(server);
    expect((await call('cia', toUser('dan'), { muid: 'ring-1' })).callStatus).toBe('CANCELLED');
    expect([after - before, (await logPosition(server)) - after]).toEqual([1, 0]);
    const elsewhere = { ...toUser('eva'), callType: 'VIDEO', muid: 'ring-1' };
    expect(await ask.refusal('cia', 'initiateCall', elsewhere)).toBe('ERR_BAD_REQUEST');
  });

  test('who calls somebody who is in a call finds them busy: it is recorded, and rings for nobody', async () => {
    const { sessionId } = await call('ann', toUser('ben'));
    const position = await logPosition(server);
    const before = await unread('ann');
    const busy = await call('cia', toUser('ann'));
    expect(busy).toMatchObject({ callStatus: 'BUSY', endedAt: CALLS_START + 12, joinedAt: null });
    expect(await unread('ann')).toBe(before + 1);
    const log = await loggedSince(server, position);
    const told = log.filter(({ kind }) => kind === 'CALL_UPDATED').map(({ details }) => details);
    expect(told).toEqual(['initiated', 'busy'].map((status) => ({ sessionId: busy.sessionId, status })));
    expect(await active('cia')).toBeNull();
    expect(await ask.refusal('cia', 'cancelCall', { sessionId: busy.sessionId })).toBe('ERR_CALL_TERMINATED');
    await move('ann', 'cancelCall', sessionId);
  });

  test('two who call each other at the same moment: one rings, the other is busy', async () => {
    const [one, other] = await Promise.all([call('fay', toUser('gus')), call('gus', toUser('fay'))]);
    expect([one.callStatus, other.callStatus].sort()).toEqual(['BUSY', 'INITIATED']);
    const [ringing, caller] = one.callStatus === 'BUSY' ? [other, 'gus'] : [one, 'fay'];
    await move(caller, 'cancelCall', ringing.sessionId);
  });

  test('whom two call at once may answer one, and is in a call for the other', async () => {
    const [one, other] = await Promise.all([call('fay', toUser('gus')), call('hal', toUser('gus'))]);
    expect([one.callStatus, other.callStatus]).toEqual(['INITIATED', 'INITIATED']);
    await move('gus', 'acceptCall', one.sessionId);
    expect(await ask.refusal('gus', 'acceptCall', { sessionId: other.sessionId })).toBe('ERR_CALL_BUSY_SELF');
    expect((await move('gus', 'rejectCall', other.sessionId, { status: 'BUSY' })).callStatus).toBe('BUSY');
    await move('fay', 'endCall', one.sessionId);
  });

  test('who answers two calls at the same moment is in one of them', async () => {
    const sessions = (await Promise.all(['fay', 'hal'].map((uid) => call(uid, toUser('gus'))))).map((c) => c.sessionId);
    const document = 'mutation ($id: ID!) { acceptCall(input: { sessionId: $id }) { call { callStatus } } }';
    const answers = await Promise.all(sessions.map((id) => ask.codes('gus', document, { id })));
    expect(answers.flat()).toEqual(['ERR_CALL_BUSY_SELF']);
    for (const [n, uid] of ['fay', 'hal'].entries()) {
      await move(uid, answers[n]?.length ? 'cancelCall' : 'endCall', sessions[n] ?? '');
    }
  });

  test('who calls from two devices at the same moment calls once, also different people', async () => {
    const document = `mutation ($input: InitiateCallInput!) { initiateCall(input: $input) { call { sessionId } } }`;
    const both = await Promise.all(
      ['gus', 'hal'].map((uid) => ask.answer('fay', document, { input: { ...toUser(uid), callType: 'AUDIO' } })),
    );
    expect(both.flatMap(({ errors }) => errors.map(({ extensions }) => extensions['code']))).toEqual([
      'ERR_CALL_BUSY_SELF',
    ]);
    await move('fay', 'cancelCall', both.find(({ errors }) => errors.length === 0)?.data.initiateCall.call.sessionId);
  });

  test.each([
    ['acceptCall', 'ben', 'acceptCall', 'ben', ['ERR_CALL_USER_ALREADY_JOINED']],
    ['acceptCall', 'ben', 'cancelCall', 'ann', ['ERR_CALL_USER_ALREADY_JOINED', 'ERR_CALL_TERMINATED']],
    ['acceptCall', 'ben', 'rejectCall', 'ben', ['ERR_CALL_USER_ALREADY_JOINED', 'ERR_CALL_TERMINATED']],
    ['rejectCall', 'ben', 'cancelCall', 'ann', ['ERR_CALL_TERMINATED']],
  ])('of %s by %s and %s by %s at the same moment one wins', async (one, who, other, whose, codes) => {
    const { sessionId } = await call('ann', toUser('ben'));
    const position = await logPosition(server);
    const run = (as: string, name: string) =>
      ask.codes(
        as,
        `mutation ($id: ID!) { ${name}(input: { sessionId: $id ${name === 'rejectCall' ? 'status: REJECTED' : ''} }) { call { id } } }`,
        { id: sessionId },
      );
    const lost = (await Promise.all([run(who, one), run(whose, other)])).flat();
    expect(lost).toHaveLength(1);
    expect(codes).toContain(lost[0]);
    expect(await loggedSince(server, position)).toHaveLength(1);
    if ((await active('ann')) !== null) await move('ann', 'endCall', sessionId);
  });

  test('in a group anybody joins, leaves and comes back, and the last one out ends it', async () => {
    const { sessionId } = await call('ann', HALL);
    expect(await ask.refusal('cia', 'initiateCall', { ...HALL, callType: 'AUDIO' })).toBe('ERR_CALL_BUSY_GROUP');
    expect([await active('cia'), await active('fay')]).toEqual([sessionId, null]);
    await move('cia', 'acceptCall', sessionId);
    await move('dan', 'acceptCall', sessionId);
    expect(await active('ben')).toBeNull(); // it rings no more
    await move('ann', 'endCall', sessionId);
    await move('cia', 'endCall', sessionId);
    const back = await move('ann', 'acceptCall', sessionId);
    expect(back.participants).toEqual([{ uid: 'ann' }, { uid: 'cia' }, { uid: 'dan' }]);
    expect((await call('cia', toUser('ann'))).callStatus).toBe('BUSY');
    expect((await move('ann', 'endCall', sessionId)).callStatus).toBe('ONGOING');
    expect((await move('dan', 'endCall', sessionId)).callStatus).toBe('ENDED');
  });

  test('for the one who deleted the conversation for themself a call rings as ever', async () => {
    await ask.run('hal', 'deleteConversation', toUser('gus'), 'conversationId');
    const { sessionId } = await call('gus', toUser('hal'));
    expect((await move('hal', 'acceptCall', sessionId)).callStatus).toBe('ONGOING');
    await ask.run('hal', 'deleteConversation', toUser('gus'), 'conversationId');
    expect((await move('hal', 'endCall', sessionId)).callStatus).toBe('ENDED');
  });

  describe('is refused', () => {
    beforeAll(async () => {
      await server.seed([user('idle', 'Idle', { deactivatedAt: 1 }), user('ivy', 'Ivy'), member('hall', 'ivy')]);
      await ask.run('fay', 'blockUsers', { uids: ['ivy'] }, 'results { code }');
    });
    test.each([
      ['to oneself', 'ann', toUser('ann'), 'ERR_CALLING_SELF'],
      ['to nobody', 'ann', toUser('nobody'), 'ERR_UID_NOT_FOUND'],
      ['to somebody deactivated', 'ann', toUser('idle'), 'ERR_UID_NOT_FOUND'],
      ['to a private group of others', 'fay', HALL, 'ERR_GUID_NOT_FOUND'],
      ['to whom one has blocked', 'fay', toUser('ivy'), 'ERR_BLOCKED_RECEIVER'],
      ['to who has blocked one', 'ivy', toUser('fay'), 'ERR_BLOCKED_SENDER'],
      ['that rings too short', 'ann', { ...toUser('ben'), timeout: 4 }, 'ERR_BAD_REQUEST'],
      ['that rings too long', 'ann', { ...toUser('ben'), timeout: 301 }, 'ERR_BAD_REQUEST'],
      ['with too much metadata', 'ann', { ...toUser('ben'), metadata: 'x'.repeat(65_536) }, 'ERR_INVALID_METADATA'],
      ['with a muid that is none', 'ann', { ...toUser('ben'), muid: '\n' }, 'ERR_BAD_REQUEST'],
      ['of an API key', 'KEY', toUser('ben'), 'AUTH_ERR_NO_ACCESS'],
      ['of nobody', 'NOBODY', toUser('ben'), 'AUTH_ERR_NO_ACCESS'],
    ])('a call %s', async (_what, as, input, code) => {
      const before = await logPosition(server);
      expect(await ask.refusal(as, 'initiateCall', { callType: 'AUDIO', ...input })).toBe(code);
      expect(await logPosition(server)).toBe(before);
    });

    test('what is done to a call that is not there, by who can’t do it, or with a status that is no answer', async () => {
      expect(await ask.refusal('ann', 'acceptCall', { sessionId: 'none' })).toBe('ERR_CALL_SESSION_NOT_FOUND');
      const { sessionId } = await call('ann', toUser('ben'));
      for (const [as, code] of [
        ['KEY', 'AUTH_ERR_NO_ACCESS'],
        ['NOBODY', 'AUTH_ERR_NO_ACCESS'],
      ] as const) {
        expect(await ask.refusal(as, 'endCall', { sessionId })).toBe(code);
      }
      expect(await ask.refusal('ben', 'rejectCall', { sessionId, status: 'ENDED' })).toBe('ERR_BAD_REQUEST');
      await move('ann', 'cancelCall', sessionId);
    });
  });
});

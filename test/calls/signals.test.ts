import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askerOf } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { clientFor, hear } from '../support/listener.ts';
import { logPosition } from '../support/log.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { CALLS_START, CALLS_WORLD, HALL, toUser } from './calls-world.ts';
import { createManualClock } from './manual-clock.ts';

const LISTEN = 'subscription ($id: ID!) { callSignals(sessionId: $id) { from { uid } signal } }';
const SENT_MAX = 300; // in 10 s

eachDialect((dialect) => {
  const clock = createManualClock(CALLS_START);
  let server: TestServer;
  const ask = askerOf(() => server);
  const ring = async (as: string, to: object) =>
    (await ask.run(as, 'initiateCall', { ...to, callType: 'AUDIO' }, 'call { sessionId }')).call.sessionId;
  const move = (as: string, name: string, sessionId: string) => ask.run(as, name, { sessionId }, 'call { id }');
  const send = (as: string, sessionId: string, to: string, signal: unknown) =>
    ask.run(as, 'sendCallSignal', { sessionId, to, signal }, 'sessionId');
  const refusal = (as: string, sessionId: string, to: string, signal: unknown = 1) =>
    ask.refusal(as, 'sendCallSignal', { sessionId, to, signal });
  const begin = (as: string, id: string) => hear(clientFor(server, { as }), LISTEN, { id });
  /** Listens, and lets somebody greet until that is heard: no signal says from when on others are. */
  const listen = async (as: string, id: string, from: string) => {
    const heard = await begin(as, id);
    const greeted = () => heard.waiting.length > 0;
    await expect.poll(() => send(from, id, as, 'hello').then(nextTurn).then(greeted), { interval: 5 }).toBe(true);
    await send(from, id, as, 'now');
    while ((await heard.next()).callSignals.signal !== 'now');
    return heard;
  };
  const codeOf = async (as: string, id: string) => {
    const heard = await begin(as, id);
    return (await heard.ended)[0]?.extensions?.code;
  };

  beforeAll(async () => {
    server = await startTestServer({ dialect, lines: CALLS_WORLD, callClock: clock });
  });
  afterAll(() => server.stop());

  test('signals reach all devices of the one they are for, in order, each once, and are kept nowhere', async () => {
    const sessionId = await ring('ann', toUser('ben'));
    const ben = await listen('ben', sessionId, 'ann');
    const second = await listen('ben', sessionId, 'ann');
    const ann = await listen('ann', sessionId, 'ben');
    while (ben.waiting.length > 0) await ben.next(); // what the second was greeted with
    const everything = await hear(clientFor(server, { as: 'ben' }), 'subscription { events { __typename } }');
    const position = await logPosition(server);
    const signals = Array.from({ length: 40 }, (_, n) => ({ candidate: n, nested: [null, '🙂'] }));
    const socket = clientFor(server, { as: 'ann' });
    const document = 'mutation ($input: SendCallSignalInput!) { sendCallSignal(input: $input) { sessionId } }';
    await Promise.all(signals.map((signal) => hear(socket, document, { input: { sessionId, to: 'ben', signal } }))); // none waits for the one before
    expect(await send('ben', sessionId, 'ann', 'an answer')).toEqual({ sessionId });
    for (const device of [ben, second]) {
      for (const signal of signals)
        expect(await device.next()).toEqual({ callSignals: { from: { uid: 'ann' }, signal } });
      expect(device.waiting).toEqual([]);
    }
    expect(await ann.next()).toEqual({ callSignals: { from: { uid: 'ben' }, signal: 'an answer' } });
    // On PostgreSQL, that the call rings may be told late, where another transaction of the whole server was still under way.
    const told = everything.waiting.filter(({ events }) => events.__typename !== 'CallUpdatedEvent');
    expect([ann.waiting, told]).toEqual([[], []]);
    expect(await logPosition(server)).toBe(position);
    await move('ann', 'cancelCall', sessionId);
  });

  test('they are for those between whom a call rings or goes on, and for nobody else', async () => {
    const sessionId = await ring('ann', toUser('ben'));
    expect(await refusal('fay', sessionId, 'ann')).toBe('ERR_CALL_NOT_A_PART');
    expect(await refusal('ann', sessionId, 'fay')).toBe('ERR_CALL_NOT_A_PART');
    expect(await refusal('ann', sessionId, 'nobody')).toBe('ERR_CALL_NOT_A_PART');
    expect(await refusal('ann', sessionId, 'ann')).toBe('ERR_BAD_REQUEST');
    expect(await refusal('ann', 'none', 'ben')).toBe('ERR_CALL_SESSION_NOT_FOUND');
    expect(await refusal('KEY', sessionId, 'ben')).toBe('AUTH_ERR_NO_ACCESS');
    expect(await refusal('ann', sessionId, 'ben', 'x'.repeat(65_536))).toBe('ERR_LIMIT_EXCEEDED');
    expect(await refusal('ann', sessionId, 'ben', null)).toBe('ERR_BAD_REQUEST');
    expect([await codeOf('fay', sessionId), await codeOf('ann', 'none')]).toEqual([
      'ERR_CALL_NOT_A_PART',
      'ERR_CALL_SESSION_NOT_FOUND',
    ]);
    await move('ben', 'acceptCall', sessionId);
    await send('ann', sessionId, 'ben', 1);
    await move('ann', 'endCall', sessionId);
    expect(await refusal('ben', sessionId, 'ann')).toBe('ERR_CALL_TERMINATED');
    expect(await codeOf('ben', sessionId)).toBe('ERR_CALL_TERMINATED');
  });

  test('in a group they are for those who are in it, and while it rings for every member', async () => {
    const sessionId = await ring('ann', HALL);
    await send('ann', sessionId, 'cia', 'come');
    await move('ben', 'acceptCall', sessionId);
    const cia = await begin('cia', sessionId); // has not joined
    expect((await cia.ended)[0]?.extensions?.code).toBe('ERR_CALL_NOT_A_PART');
    expect(await refusal('cia', sessionId, 'ann')).toBe('ERR_CALL_NOT_A_PART');
    expect(await refusal('ann', sessionId, 'cia')).toBe('ERR_CALL_NOT_A_PART');
    expect(await refusal('fay', sessionId, 'ann')).toBe('ERR_CALL_NOT_A_PART');
    await move('ben', 'endCall', sessionId);
    expect(await refusal('ben', sessionId, 'ann')).toBe('ERR_CALL_GROUP_ALREADY_LEFT');
    expect(await refusal('ann', sessionId, 'ben')).toBe('ERR_CALL_NOT_A_PART');
    await move('ben', 'acceptCall', sessionId);
    const heard = await listen('ben', sessionId, 'ann');
    await send('ann', sessionId, 'ben', 'again');
    expect(await heard.next()).toMatchObject({ callSignals: { signal: 'again' } });
    await ask.run('ann', 'kickGroupMember', { guid: 'hall', uid: 'ben' }, '__typename');
    expect(await heard.ended).not.toEqual([]);
    expect(await refusal('ann', sessionId, 'ben')).toBe('ERR_CALL_NOT_A_PART');
    await move('ann', 'endCall', sessionId);
  });

  test('who listens in a group’s call no longer does once the group is deleted', async () => {
    const guid = 'booth';
    await ask.run(
      'ann',
      'createGroup',
      { guid, name: 'Booth', type: 'PUBLIC', members: [{ uid: 'ben' }] },
      '__typename',
    );
    const sessionId = await ring('ann', { receiverType: 'GROUP', receiverId: guid });
    await move('ben', 'acceptCall', sessionId);
    const heard = await listen('ben', sessionId, 'ann');
    await ask.run('ann', 'deleteGroup', { guid }, '__typename');
    expect(await heard.ended).not.toEqual([]);
  });

  test('who listens goes on where they come into another group: until they answer, and once the call is over', async () => {
    const over = await ring('ann', toUser('ben'));
    const ended = await listen('ben', over, 'ann');
    await move('ann', 'cancelCall', over);
    const sessionId = await ring('ann', HALL);
    const heard = await listen('cia', sessionId, 'ann');
    await move('dan', 'acceptCall', sessionId);
    const changes = 'subscription { events(kinds: [MEMBERSHIP_CHANGED]) { kind } }';
    const devices = await Promise.all(['ben', 'cia'].map((as) => hear(clientFor(server, { as }), changes)));
    const members = [{ uid: 'ben' }, { uid: 'cia' }];
    await ask.run('ann', 'createGroup', { guid: 'yard', name: 'Yard', type: 'PUBLIC', members }, '__typename');
    for (const { uid } of members)
      await ask.run('ann', 'changeGroupMemberScope', { guid: 'yard', uid, scope: 'MODERATOR' }, '__typename');
    for (const device of devices) for (let told = 0; told < 3; told += 1) await device.next(); // so the first was dealt with
    await move('cia', 'acceptCall', sessionId);
    await send('ann', sessionId, 'cia', 'welcome');
    expect(await heard.next()).toMatchObject({ callSignals: { signal: 'welcome' } });
    expect(await codeOf('ben', over)).toBe('ERR_CALL_TERMINATED');
    expect(await Promise.race([ended.ended, nextTurn('goes on')])).toBe('goes on');
    await move('ann', 'endCall', sessionId);
    await move('cia', 'endCall', sessionId);
    await move('dan', 'endCall', sessionId);
  });

  test('they are refused once there are too many, until some time has passed', async () => {
    const sessionId = await ring('gus', toUser('hal'));
    const document = 'mutation ($input: SendCallSignalInput!) { sendCallSignal(input: $input) { sessionId } }';
    const input = { sessionId, to: 'hal', signal: 1 };
    const codes = await Promise.all(Array.from({ length: SENT_MAX + 5 }, () => ask.codes('gus', document, { input })));
    expect(codes.flat()).toEqual(Array(5).fill('ERR_TOO_MANY_REQUESTS'));
    await send('hal', sessionId, 'gus', 'others have their own');
    await move('gus', 'cancelCall', sessionId);
  });

  test('all devices hear that a call rings, that one of them answered, and that it ended', async () => {
    const events =
      'subscription { events(kinds: [CALL_UPDATED]) { ... on CallUpdatedEvent { sessionId status call { callStatus } } } }';
    const devices = await Promise.all(['ann', 'ben', 'ben'].map((as) => hear(clientFor(server, { as }), events)));
    const sessionId = await ring('ann', toUser('ben'));
    const one = 'subscription ($id: ID!) { callUpdated(sessionId: $id) { callStatus } }';
    const call = await hear(clientFor(server, { as: 'ann' }), one, { id: sessionId });
    await move('ben', 'acceptCall', sessionId);
    await move('ann', 'endCall', sessionId);
    for (const device of devices) {
      const told = [await device.next(), await device.next(), await device.next()].map(({ events: event }) => event);
      expect(told.map(({ status }) => status)).toEqual(['INITIATED', 'ONGOING', 'ENDED']);
      expect(told.every((event) => event.sessionId === sessionId)).toBe(true);
    }
    expect([await call.next(), await call.next()].length).toBe(2);
  });
});

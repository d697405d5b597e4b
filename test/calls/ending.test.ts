import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { now } from '../../src/clock.ts';
import { checkAll } from '../../src/transfer/check-service.ts';
import { askerOf } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { audioCall, member, user } from '../support/lines.ts';
import { clientFor, hear } from '../support/listener.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { CALLS_WORLD, HALL, toUser } from './calls-world.ts';
import { createManualClock } from './manual-clock.ts';

eachDialect((dialect) => {
  const clock = createManualClock(now());
  let server: TestServer;
  const ask = askerOf(() => server);
  const ring = async (as: string, to: object, more: object = {}) =>
    (await ask.run(as, 'initiateCall', { ...to, callType: 'AUDIO', ...more }, 'call { sessionId }')).call.sessionId;
  const move = (as: string, name: string, sessionId: string) => ask.run(as, name, { sessionId }, 'call { id }');
  const look = async (sessionId: string) =>
    (await ask.data('KEY', 'query ($id: ID!) { call(sessionId: $id) { callStatus endedAt } }', { id: sessionId })).call;
  const status = async (sessionId: string) => (await look(sessionId)).callStatus;
  const active = async (as: string) =>
    (await ask.data(as, '{ activeCall { sessionId } }')).activeCall?.sessionId ?? null;
  /** Lets time pass, and what is due be done. */
  const pass = async (seconds: number) => {
    await server.services.callClock.settled();
    clock.advance(seconds);
    await server.services.callClock.settled();
  };

  beforeAll(async () => {
    server = await startTestServer({ dialect, lines: CALLS_WORLD, callClock: clock, graceMs: 0 });
  });
  afterEach(async () => {
    expect(await checkAll(server.db)).toEqual([]);
  });
  afterAll(() => server.stop());

  describe('the server’s clock', () => {
    test('ends what has rung for 45 s, or as long as the caller said, and tells both once', async () => {
      const usual = await ring('ann', toUser('ben'));
      const short = await ring('cia', toUser('dan'), { timeout: 5 });
      const before = await logPosition(server);
      const began = clock.now();
      await pass(5);
      expect(await status(short)).toBe('INITIATED');
      await pass(1);
      expect(await look(short)).toEqual({ callStatus: 'UNANSWERED', endedAt: began + 5 });
      await pass(39);
      expect(await status(usual)).toBe('INITIATED');
      await pass(1);
      expect(await look(usual)).toEqual({ callStatus: 'UNANSWERED', endedAt: began + 45 });
      await pass(300);
      const told = (await loggedSince(server, before)).map(({ by, details, topics }) => ({ by, details, topics }));
      expect(told).toEqual([
        { by: null, details: { sessionId: short, status: 'unanswered' }, topics: ['user:cia', 'user:dan'] },
        { by: null, details: { sessionId: usual, status: 'unanswered' }, topics: ['user:ann', 'user:ben'] },
      ]);
    });

    test('ends it when the server starts where that was down meanwhile, also on several nodes at once', async () => {
      await server.services.callClock.stop();
      const sessions = [await ring('ann', toUser('ben')), await ring('cia', HALL)];
      const began = clock.now();
      await pass(3_600);
      expect(await Promise.all(sessions.map(status))).toEqual(['INITIATED', 'INITIATED']);
      expect(await active('ann')).toBeNull();
      const again = await ring('ann', toUser('ben')); // nobody is in a call that has rung long enough
      expect(await status(again)).toBe('INITIATED');
      const before = await logPosition(server);
      const nodes = [1, 2, 3].map(() => createApp(server.db, { callClock: clock }).callClock);
      for (const node of nodes) node.start();
      await Promise.all(nodes.map((node) => node.settled()));
      expect(await Promise.all(sessions.map(look))).toEqual(
        sessions.map(() => ({ callStatus: 'UNANSWERED', endedAt: began + 45 })),
      );
      expect(await loggedSince(server, before)).toHaveLength(2);
      await Promise.all(nodes.map((node) => node.stop()));
      server.services.callClock.start();
      await move('ann', 'cancelCall', again);
    });

    test('lets those leave who have had no connection for 30 s, and no others', async () => {
      const { presence } = server.services;
      const [ann, ben, cia] = (await Promise.all(['ann', 'ben', 'cia'].map(rowOf))) as [number, number, number];
      const connections = [ann, ben, cia].map((id) => presence.connect(id));
      const second = presence.connect(ben); // another device
      const pair = await ring('ann', toUser('ben'));
      await move('ben', 'acceptCall', pair);
      await pass(100);
      expect(await status(pair)).toBe('ONGOING');
      connections[1]?.();
      await settled(ben, false, true);
      await pass(100);
      expect(await status(pair)).toBe('ONGOING');
      second();
      await settled(ben, true, false);
      await pass(29);
      expect(await status(pair)).toBe('ONGOING');
      await pass(1);
      expect(await look(pair)).toEqual({ callStatus: 'ENDED', endedAt: clock.now() });

      const back = presence.connect(ben);
      const hall = await ring('ann', HALL);
      await move('ben', 'acceptCall', hall);
      await move('cia', 'acceptCall', hall);
      back();
      await settled(ben, true, false);
      await pass(20);
      const again = presence.connect(ben); // in time
      await pass(60);
      expect(await active('ben')).toBe(hall);
      again();
      await settled(ben, true, false);
      await pass(30);
      expect([await active('ben'), await status(hall)]).toEqual([null, 'ONGOING']);
      for (const end of connections) end();
      await settled(cia, true, false);
      await pass(30);
      expect(await status(hall)).toBe('ENDED');
    });

    test('gives everybody 30 s to come back after a restart, and then lets those leave who did not', async () => {
      const hall = await ring('ann', HALL);
      await move('ben', 'acceptCall', hall);
      await server.services.callClock.stop();
      clock.advance(20);
      const restarted = createApp(server.db, { callClock: clock, graceMs: 0 });
      restarted.callClock.start();
      await restarted.callClock.settled();
      clock.advance(29);
      await restarted.callClock.settled();
      expect([await active('ann'), await active('ben')]).toEqual([hall, hall]);
      const end = restarted.presence.connect(await rowOf('ben'));
      clock.advance(1);
      await restarted.callClock.settled();
      expect([await active('ann'), await active('ben')]).toEqual([null, hall]);
      await move('ben', 'endCall', hall);
      await restarted.callClock.stop();
      end();
      server.services.callClock.start();
    });

    test('ends what was imported as if it went on', async () => {
      const began = { initiatedAt: clock.now() - 99 };
      await server.seed([
        audioCall(9_001, 'gus', { user: 'hal' }, { sessionId: 'old-1', status: 'initiated', ...began }),
        audioCall(
          9_002,
          'gus',
          { user: 'hal' },
          { sessionId: 'old-2', status: 'ongoing', joinedAt: clock.now() - 90, ...began },
        ),
        audioCall(9_003, 'gus', { user: 'fay' }, { sessionId: 'old-3', status: 'ongoing', participants: [], ...began }),
      ]);
      server.services.callClock.wake();
      await server.services.callClock.settled();
      expect(await Promise.all(['old-1', 'old-2', 'old-3'].map(status))).toEqual(['UNANSWERED', 'ONGOING', 'ENDED']);
      await pass(30);
      expect(await status('old-2')).toBe('ENDED');
    });

    const rowOf = async (uid: string): Promise<number> => {
      const { db, t } = server.db.read;
      return (await db.select().from(t.users)).find((one) => one.uid === uid)?.id ?? 0;
    };
    /** Once presence has seen who went, and what that makes due is done. */
    const settled = async (id: number, was: boolean, is: boolean) => {
      if (was !== is) await expect.poll(() => server.services.presence.isOnline(id), { interval: 5 }).toBe(is);
      await server.services.callClock.settled();
    };
  });

  describe('who leaves the group leaves its call:', () => {
    test.each([
      ['by leaving', 'dan', 'leaveGroup', { guid: 'room' }],
      ['by being kicked', 'ann', 'kickGroupMember', { guid: 'room', uid: 'dan' }],
      ['by being banned', 'ann', 'banGroupMember', { guid: 'room', uid: 'dan' }],
    ])('%s', async (_how, as, mutation, input) => {
      const to = await openRoom();
      const rung = await ring('dan', to);
      await ask.run(as, mutation, input, '__typename');
      expect(await status(rung)).toBe('CANCELLED'); // nobody rings in a group that they are not in
      await closeRoom();
      await openRoom();
      const sessionId = await ring('eva', to);
      await move('dan', 'acceptCall', sessionId);
      await move('eva', 'endCall', sessionId);
      await ask.run(as, mutation, input, '__typename');
      expect([await status(sessionId), await active('dan')]).toEqual(['ENDED', null]);
      expect(await ask.refusal('dan', 'acceptCall', { sessionId })).toBe('ERR_CALL_NOT_A_PART');
      await closeRoom();
    });

    test('and with the group its call is over', async () => {
      const to = await openRoom();
      const sessionId = await ring('dan', to);
      await move('eva', 'acceptCall', sessionId);
      const before = await logPosition(server);
      await closeRoom();
      const kinds = (await loggedSince(server, before)).map(({ kind }) => kind);
      expect(kinds.slice(0, 2)).toEqual(['CALL_UPDATED', 'GROUP_DELETED']);
      expect([await active('dan'), await active('eva')]).toEqual([null, null]);
    });

    const openRoom = async () => {
      const members = ['dan', 'eva'].map((uid) => ({ uid }));
      await ask.run('ann', 'createGroup', { guid: 'room', name: 'Room', type: 'PUBLIC', members }, '__typename');
      return { receiverType: 'GROUP', receiverId: 'room' };
    };
    const closeRoom = () => ask.run('ann', 'deleteGroup', { guid: 'room' }, 'guid');
  });

  describe('a block', () => {
    test.each([
      ['of the caller ends the ringing', 'hal', 'gus', false, 'REJECTED'],
      ['by the caller ends the ringing', 'gus', 'hal', false, 'CANCELLED'],
      ['ends what goes on', 'hal', 'gus', true, 'ENDED'],
    ])('%s', async (_what, blocker, blocked, isAnswered, becomes) => {
      const sessionId = await ring('gus', toUser('hal'));
      if (isAnswered) await move('hal', 'acceptCall', sessionId);
      await ask.run(blocker, 'blockUsers', { uids: [blocked] }, 'results { code }');
      expect(await status(sessionId)).toBe(becomes);
      await ask.run(blocker, 'unblockUsers', { uids: [blocked] }, 'results { code }');
    });

    test('of another member leaves a group’s call as it is', async () => {
      const sessionId = await ring('ann', HALL);
      await move('ben', 'acceptCall', sessionId);
      await ask.run('ann', 'blockUsers', { uids: ['ben'] }, 'results { code }');
      expect([await active('ann'), await active('ben')]).toEqual([sessionId, sessionId]);
      await ask.run('ann', 'unblockUsers', { uids: ['ben'] }, 'results { code }');
      for (const uid of ['ann', 'ben']) await move(uid, 'endCall', sessionId);
    });
  });

  describe.each([
    ['deactivated', 'deactivateUsers', (uid: string) => ({ uids: [uid] })],
    ['deleted', 'deleteUser', (uid: string) => ({ uid })],
    ['deleted for good', 'deleteUser', (uid: string) => ({ uid, permanent: true })],
  ])('who is %s', (how, mutation, inputOf) => {
    test('calls nobody, is called by nobody, and is in no call any more', async () => {
      const uid = (n: number) => `gone-${how.replaceAll(' ', '-')}-${n}`;
      const uids = [1, 2, 3, 4].map(uid);
      await server.seed([...uids.map((one) => user(one, one)), ...uids.map((one) => member('hall', one))]);
      const calls = [
        await ring(uid(1), toUser('fay')),
        await ring('gus', toUser(uid(2))),
        await ring('hal', toUser(uid(3))),
      ];
      await move(uid(3), 'acceptCall', calls[2]);
      calls.push(await ring('ann', HALL));
      await move(uid(4), 'acceptCall', calls[3]);
      for (const one of uids) await ask.run('KEY', mutation, inputOf(one), '__typename');
      const first = how === 'deleted for good' ? undefined : 'CANCELLED'; // the message is gone too
      const become = await Promise.all(calls.map(async (id) => (await look(id))?.callStatus));
      expect(become).toEqual([first, 'UNANSWERED', 'ENDED', 'ONGOING']);
      expect(await Promise.all(['gus', 'hal'].map(active))).toEqual([null, null]);
      await move('ann', 'endCall', calls[3]);
      expect(await status(calls[3])).toBe('ENDED'); // nobody else was in it
    });
  });

  test('a call that an API key deletes for good holds nobody, and those in it are told', async () => {
    const sessionId = await ring('ann', toUser('ben'));
    const { call } = await ask.run('ben', 'acceptCall', { sessionId }, 'call { id }');
    const client = clientFor(server, { as: 'ben' });
    const updated = 'subscription ($id: ID!) { callUpdated(sessionId: $id) { id sessionId } }';
    const events =
      'subscription { events(kinds: [CALL_UPDATED]) { ... on CallUpdatedEvent { sessionId status call { id } } } }';
    const heard = await Promise.all([hear(client, updated, { id: sessionId }), hear(client, events)]);
    await ask.run('KEY', 'deleteMessage', { messageId: call.id, permanent: true }, '__typename');
    expect((await heard[1].next()).events).toEqual({ sessionId, status: 'ENDED', call: null });
    expect((await heard[0].ended)[0]?.extensions?.code).toBe('ERR_CALL_SESSION_NOT_FOUND');
    expect([await active('ann'), await active('ben')]).toEqual([null, null]);
    expect(await ask.refusal('ann', 'endCall', { sessionId })).toBe('ERR_CALL_SESSION_NOT_FOUND');
    await move('ann', 'cancelCall', await ring('ann', toUser('ben')));
  });
});

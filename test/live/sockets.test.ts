import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { askerOf, useServer } from '../support/ask.ts';
import { runSql } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { openStream } from '../support/event-stream.ts';
import { openAs, openSocket, operation } from '../support/raw-socket.ts';
import { serverForTest } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const SENT = `subscription ($after: String) { events(after: $after, kinds: [MESSAGE_SENT]) {
  cursor ... on MessageSentEvent { messageId } } }`;
const toUser = (uid: string) => ({ receiverType: 'USER', receiverId: uid });

describe('on a socket', () => {
  const ask = useServer('sqlite', WORLD);
  const send = async (text: string) =>
    (await ask.run('bob', 'sendTextMessage', { ...toUser('ada'), text }, 'message { id }')).message.id as string;
  const { live, presence } = { live: () => ask.server().services.live, presence: () => ask.server().services.presence };
  const messageIds = (messages: readonly { payload: { data: { events: { messageId: string } } } }[]) =>
    messages.map(({ payload }) => payload.data.events.messageId);

  test.each([
    ['a syntax error', { query: '{ users(' }],
    ['an invalid document', { query: '{ nothing }' }],
    ['a document without an operation', { query: 'fragment a on Query { __typename }' }],
    ['a name that no operation has', { query: 'query A { __typename }', operationName: 'B' }],
    ['several operations and no name', { query: 'query A { __typename } query B { __typename }' }],
    ['a refused subscription', { query: 'subscription { callUpdated(sessionId: "none") { __typename } }' }],
  ])('%s is answered on that operation alone', async (_what, payload) => {
    const raw = await openAs(ask.server(), 'ada');
    raw.send(operation('before', SENT), { id: 'it', type: 'subscribe', payload });
    const answer = await raw.next();
    const errors = answer.type === 'error' ? answer.payload : answer.payload.errors;
    expect(answer.id).toBe('it');
    expect(errors).toHaveLength(1);
    expect(Object.keys(errors[0].extensions)).toEqual(['code']);
    expect(errors[0].message).not.toMatch(/internal/i);
    if (answer.type === 'next') expect(await raw.next()).toEqual({ id: 'it', type: 'complete' });
    const id = await send('Still there?');
    expect(messageIds([await raw.next()])).toEqual([id]);
    raw.send(operation('it', '{ __typename }'));
    expect(await raw.next()).toMatchObject({ id: 'it', type: 'next' });
  });

  test('a query and a mutation are answered and completed', async () => {
    const raw = await openAs(ask.server(), 'ada');
    const mutation = 'mutation ($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { text } } }';
    raw.send(operation('q', '{ me { uid } }'));
    expect([await raw.next(), await raw.next()]).toEqual([
      { id: 'q', type: 'next', payload: { data: { me: { uid: 'ada' } } } },
      { id: 'q', type: 'complete' },
    ]);
    raw.send(operation('m', mutation, { input: { ...toUser('bob'), text: 'By socket' } }));
    expect((await raw.next()).payload).toEqual({ data: { sendTextMessage: { message: { text: 'By socket' } } } });
    raw.send(operation('x', mutation, { input: { ...toUser('nobody'), text: 'To nobody' } }));
    await raw.next();
    expect((await raw.next()).payload).toMatchObject({ errors: [{ extensions: { code: 'ERR_UID_NOT_FOUND' } }] });
  });

  test('a field that fails inside is masked, with the id of the request', async () => {
    const broken = await serverForTest({ lines: WORLD });
    const raw = await openAs(broken, 'ada', { headers: { 'x-request-id': 'mine-1' } });
    await runSql(broken.database, 'alter table groups rename to gone');
    raw.send(operation('1', '{ groups { nodes { guid } } }'));
    const { payload } = await raw.next();
    expect(payload.errors).toMatchObject([
      { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'mine-1' } },
    ]);
    expect(JSON.stringify(payload)).not.toMatch(/sqlite|table|stack|\.ts/i);
  });

  test('nobody may be signed in, and then asks for what needs nobody', async () => {
    const raw = await openSocket(ask.server());
    raw.send({ type: 'connection_init' });
    expect(await raw.next()).toEqual({ type: 'connection_ack' });
    raw.send(operation('1', SENT));
    expect(await raw.next()).toMatchObject({
      id: '1',
      payload: { errors: [{ extensions: { code: 'AUTH_ERR_NO_ACCESS' } }] },
    });
  });

  test('a ping is answered with what it held, one of WebSocket itself too', async () => {
    const raw = await openSocket(ask.server());
    raw.send({ type: 'ping', payload: { n: 1 } }, { type: 'ping' });
    expect([await raw.next(), await raw.next()]).toEqual([{ type: 'pong', payload: { n: 1 } }, { type: 'pong' }]);
    const pong = new Promise((resolve) => raw.socket.once('pong', (data) => resolve(data.toString())));
    raw.socket.ping('there?');
    expect(await pong).toBe('there?');
  });

  test('ids of any kind are given back as they came', async () => {
    const raw = await openAs(ask.server(), 'ada');
    for (const id of ['"', '\\', '\n', '\u2028', '😀', '__proto__', 'constructor', 'x'.repeat(128)]) {
      raw.send(operation(id, '{ __typename }'));
      expect(await raw.next()).toMatchObject({ id, type: 'next' });
      expect(await raw.next()).toEqual({ id, type: 'complete' });
      raw.send(operation(id, SENT), operation('settled', '{ __typename }'));
      while ((await raw.next()).type !== 'complete');
      await send('Hello');
      expect(await raw.next()).toMatchObject({ id, type: 'next' });
      raw.send({ id, type: 'complete' });
    }
  });

  test('an id that is used again in the same packet is a new operation', async () => {
    const raw = await openAs(ask.server(), 'ada');
    raw.socket.send(JSON.stringify(operation('1', SENT)));
    for (let count = 0; count < 20; count += 1) raw.send({ id: '1', type: 'complete' }, operation('1', SENT));
    raw.send(operation('settled', '{ __typename }'));
    while ((await raw.next()).type !== 'complete');
    expect(live().hub.size()).toBe(1);
    const ids = [await send('Once'), await send('Twice')];
    expect(messageIds([await raw.next(), await raw.next()])).toEqual(ids);
    expect(raw.waiting).toEqual([]);
  });

  test('what is completed at once, or dies with its socket, leaves nothing behind', async () => {
    const { cursor } = await ask.data('ada', '{ cursor }');
    for (let n = 0; n < 40; n += 1) await send(`Behind ${n}`);
    for (let round = 0; round < 20; round += 1) {
      const raw = await openAs(ask.server(), 'ada');
      for (let n = 0; n < 5; n += 1) raw.send(operation(`${n}`, SENT, { after: cursor }));
      if (round % 2) raw.send({ id: '0', type: 'complete' }, { id: '1', type: 'complete' });
      if (round % 3) await wait(round / 2);
      if (round % 4 === 0) raw.socket.close();
      else raw.socket.terminate();
      await raw.closed;
    }
    await expect.poll(() => [live().hub.size(), live().sessions.size()]).toEqual([0, 0]);
  });

  test('a socket that is gone before it is signed in is nobody’s presence', async () => {
    const gone = await serverForTest({ lines: WORLD, graceMs: 0 });
    for (let round = 0; round < 20; round += 1) {
      const raw = await openSocket(gone);
      raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${gone.apiKey}`, 'x-act-as': 'ada' } });
      raw.socket.terminate();
    }
    await expect
      .poll(() => [gone.services.live.sessions.size(), gone.services.presence.online().length])
      .toEqual([0, 0]);
  });

  test('two sockets of one user hear the same, and one goes without the other', async () => {
    const [one, two] = [await openAs(ask.server(), 'ada'), await openAs(ask.server(), 'ada')];
    for (const raw of [one, two]) {
      raw.send(operation('e', SENT), operation('settled', '{ __typename }'));
      while ((await raw.next()).type !== 'complete');
    }
    const first = await send('To both');
    expect(messageIds([await one.next(), await two.next()])).toEqual([first, first]);
    one.socket.terminate();
    await expect.poll(() => live().sessions.size()).toBe(1);
    const second = await send('To one');
    expect(messageIds([await two.next()])).toEqual([second]);
    const { id } = (await ask.server().db.read.db.select().from(ask.server().db.read.t.users)).find(
      ({ uid }) => uid === 'ada',
    ) ?? { id: 0 };
    expect(presence().isOnline(id)).toBe(true);
  });

  test('a stop of the server while somebody catches up waits for nothing', async () => {
    const stopping = await serverForTest({ lines: WORLD });
    const other = askerOf(() => stopping);
    const { cursor } = await other.data('ada', '{ cursor }');
    for (let n = 0; n < 100; n += 1)
      await other.run('bob', 'sendTextMessage', { ...toUser('ada'), text: 'x'.repeat(5_000) }, 'message { id }');
    const raws = await Promise.all(Array.from({ length: 10 }, () => openAs(stopping, 'ada')));
    const whole = SENT.replace('messageId', 'message { ... on TextMessage { text } }');
    for (const raw of raws) raw.send(operation('e', whole, { after: cursor }));
    const stream = await openStream(stopping, { as: 'ada' }, whole, { after: cursor });
    await stream.next();
    const start = performance.now();
    const stopped = stopping.stop();
    expect(await Promise.all(raws.map(({ closed }) => closed))).toEqual(
      raws.map(() => ({ code: 1012, reason: 'Parley is stopping: connect again' })),
    );
    await expect(
      (async () => {
        while (await stream.next());
      })(),
    ).rejects.toThrow(); // broken off: no end that clients would take for one
    await stopped;
    expect(performance.now() - start).toBeLessThan(4_000);
  });
});

eachDialect((dialect) => {
  test.runIf(dialect === 'postgres')(
    'an id that is used again while the operation before it still starts is a new operation',
    async () => {
      const server = await serverForTest({ dialect, lines: WORLD });
      const raw = await openAs(server, 'ada');
      const lock = new pg.Client({ connectionString: server.database });
      await lock.connect();
      await lock.query('begin; lock table users in access exclusive mode');
      const presence = 'subscription ($u: [ID!]!) { presence(uids: $u) { uid } }';
      raw.send(
        operation('1', presence, { u: ['bob'] }),
        { id: '1', type: 'complete' },
        operation('1', presence, { u: ['cyd'] }),
      );
      raw.send(
        operation('2', '{ users { nodes { uid } } }'),
        { id: '2', type: 'complete' },
        operation('2', '{ __typename }'),
      );
      expect(await raw.next()).toEqual({ id: '2', type: 'next', payload: { data: { __typename: 'Query' } } });
      expect(await raw.next()).toEqual({ id: '2', type: 'complete' });
      await lock.end();
      await expect.poll(() => server.services.live.hub.size()).toBe(1);
      for (const uid of ['bob', 'cyd']) await openAs(server, uid);
      expect(await raw.next()).toMatchObject({ id: '1', payload: { data: { presence: { uid: 'cyd' } } } });
      raw.socket.terminate();
      await expect.poll(() => server.services.live.hub.size()).toBe(0);
      expect(raw.waiting).toEqual([]);
    },
  );
});

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { createClient as askWith, type Who } from '../support/client.ts';
import { databaseForTest } from '../support/database.ts';
import { serveParley } from '../support/parley.ts';
import { openAs, openSocket, operation } from '../support/raw-socket.ts';
import { serverForTest, startTestServer, type TestServer } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const TEXTS = `subscription ($after: String) { events(after: $after, kinds: [MESSAGE_SENT]) {
  cursor ... on MessageSentEvent { message { ... on TextMessage { text } } } } }`;
const SEND = 'mutation ($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id } } }';
const EVENTS = 'subscription ($after: String) { events(after: $after, kinds: [MESSAGE_SENT]) { cursor } }';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ lines: WORLD });
});
afterAll(() => server.stop());

describe('a socket is closed with', () => {
  test.each([
    ['what is no JSON', '{"type":'],
    ['JSON that is no object', '["ping"]'],
    ['a message without a type', {}],
    ['a type that there is not', { type: 'start' }],
    ['a message that only servers send', { type: 'connection_ack' }],
    ['a message that only servers send, of an operation', { id: '1', type: 'next', payload: {} }],
    ['an empty id', { id: '', type: 'subscribe', payload: { query: '{ __typename }' } }],
    ['an id that is too long', operation('x'.repeat(129), '{ __typename }')],
    ['no query', { id: '1', type: 'subscribe', payload: {} }],
    ['variables that are a list', { id: '1', type: 'subscribe', payload: { query: '{ __typename }', variables: [] } }],
    ['nothing but brackets', '['.repeat(200_000)],
  ])('4400 for %s', async (_what, message) => {
    const raw = await openAs(server, 'ada');
    raw.send(message);
    expect(await raw.closed).toMatchObject({ code: 4400 });
  });

  test('4400 for bytes', async () => {
    const raw = await openAs(server, 'ada');
    raw.socket.send(Buffer.from('{"type":"ping"}'));
    expect(await raw.closed).toMatchObject({ code: 4400, reason: 'Messages are text' });
  });

  test('4401 for an operation before connection_init', async () => {
    const raw = await openSocket(server);
    raw.send(operation('1', '{ __typename }'));
    expect(await raw.closed).toMatchObject({ code: 4401 });
  });

  test.each([
    ['a key that there is not', { authorization: 'Bearer nobody knows it' }, 'AUTH_ERR_APIKEY_NOT_FOUND'],
    ['a token that there is not', { authorization: 'Bearer pt_unknown' }, 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND'],
    ['nobody to act as', { authorization: () => server.apiKey, 'x-act-as': 'nobody' }, 'ERR_UID_NOT_FOUND'],
    ['a reason too long for a close frame', { authorization: () => server.apiKey, 'x-act-as': 'ü'.repeat(99) }, 'ERR_'],
  ])('4403 for %s', async (_what, params, reason) => {
    const raw = await openSocket(server);
    const { authorization } = params;
    const payload = {
      ...params,
      authorization: `Bearer ${typeof authorization === 'string' ? authorization.slice(7) : authorization()}`,
    };
    raw.send({ type: 'connection_init', payload });
    expect(await raw.closed).toMatchObject({ code: 4403, reason: expect.stringContaining(reason) });
  });

  test('4406 for another subprotocol, or none', async () => {
    const raw = await openSocket(server, { protocols: [] });
    expect(await raw.closed).toMatchObject({ code: 4406 });
    await expect(openSocket(server, { protocols: 'graphql-ws' })).rejects.toThrow('no subprotocol'); // so this client sees it
  });

  test('4408 for no connection_init within 5 s, and not before', async () => {
    const start = performance.now();
    const raw = await openSocket(server);
    raw.send({ type: 'ping' });
    expect(await raw.closed).toMatchObject({ code: 4408 });
    expect(performance.now() - start).toBeGreaterThan(4_900);
  });

  test.each([
    ['for all of the 5 s', 0],
    ['when they ended', 4_950],
  ])('4408 not where a connection_init had come in time, and the server was held up %s', async (_when, openFor) => {
    const raw = await openSocket(server);
    await wait(openFor);
    await nextTurn(); // or the process would read before it looks at its timers
    raw.send({ type: 'connection_init' });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_100 - openFor); // the process reads nothing meanwhile
    expect(await raw.next()).toEqual({ type: 'connection_ack' });
  });

  test('4409 for an id that is in use, however long', async () => {
    const raw = await openAs(server, 'ada');
    const id = 'ü'.repeat(128);
    raw.send(operation(id, EVENTS), operation(id, EVENTS));
    expect(await raw.closed).toMatchObject({ code: 4409 });
  });

  test('4429 for a second connection_init', async () => {
    const raw = await openSocket(server);
    raw.send({ type: 'connection_init' }, { type: 'connection_init' });
    expect(await raw.closed).toMatchObject({ code: 4429, reason: 'connection_init came twice' });
  });

  test('4429 for more messages a second than there may be, of whatever kind', async () => {
    for (const say of [{ type: 'ping' }, { type: 'pong' }, { id: '1', type: 'complete' }, '\u0000']) {
      const raw = await openAs(server, 'ada');
      for (let count = 0; count < 201; count += 1) {
        if (say === '\u0000') raw.socket.ping();
        else raw.send(say);
      }
      expect(await raw.closed).toMatchObject({ code: 4429, reason: 'More than 200 messages a second' });
    }
  });

  test('4500 where signing in fails for a reason of the server alone, which is not told', async () => {
    const broken = await serverForTest({ lines: WORLD });
    const raw = await openSocket(broken);
    await broken.db.close();
    raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${broken.apiKey}`, 'x-act-as': 'ada' } });
    expect(await raw.closed).toEqual({ code: 4500, reason: 'Internal server error' });
  });

  test('1009 for a message that is too large, as soon as it says so', async () => {
    const raw = await openAs(server, 'ada');
    raw.send(`{"type":"ping","payload":{"a":"${'x'.repeat(512 * 1024)}"}}`);
    expect(await raw.closed).toMatchObject({ code: 1009 });
    const small = await serverForTest({ env: { PARLEY_MAX_BODY_KB: '1' } });
    const other = await openSocket(small);
    other.send(`{"type":"ping","payload":{"a":"${'x'.repeat(1024)}"}}`);
    expect(await other.closed).toMatchObject({ code: 1009 });
  });

  test('1009 for a message that says it has 2 GB, before it comes, and 1008 for one in endless parts', async () => {
    const [large, parts] = [await openAs(server, 'ada'), await openAs(server, 'ada')];
    const before = process.memoryUsage().rss;
    const { _socket: wire } = large.socket as unknown as { _socket: Socket };
    wire.write(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3, 4])); // its head alone
    expect(await large.closed).toMatchObject({ code: 1009 });
    for (let n = 0; n < 20_000; n += 1) parts.socket.send('', { fin: false });
    expect(await parts.closed).toMatchObject({ code: 1008 });
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024);
  });

  test('1007 for text that is no UTF-8', async () => {
    const raw = await openAs(server, 'ada');
    raw.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect(await raw.closed).toMatchObject({ code: 1007 });
  });
});

test('a socket that is closed does nothing any more, though its client does not answer the close', async () => {
  const { hub, sessions } = server.services.live;
  const raw = await openAs(server, 'ada');
  raw.send(operation('e', EVENTS), operation('q', '{ __typename }'));
  await raw.next();
  expect([hub.size(), sessions.size()]).toEqual([1, 1]);
  const { cursor } = (await server.query('{ cursor }')).data;
  raw.socket.pause(); // it does not read, so it does not answer
  const input = { receiverType: 'USER', receiverId: 'bob', text: 'Too late' };
  raw.send('{', operation('m', SEND, { input }));
  await expect.poll(() => [hub.size(), sessions.size()]).toEqual([0, 0]);
  raw.socket.resume();
  expect((await raw.closed).code).toBe(4400);
  expect((await server.query('{ cursor }')).data).toEqual({ cursor });
});

test('clients of graphql-ws come back from a server that stops with 1012, and miss nothing', async () => {
  const env = { PARLEY_DATABASE: await databaseForTest('sqlite'), PARLEY_API_KEY: server.apiKey };
  let parley = await serveParley(env);
  const ask = (document: string, variables: object, who: Who) =>
    askWith(parley.url, server.apiKey)(document, variables, who);
  for (const uid of ['ada', 'bob']) {
    await ask(
      'mutation ($uid: ID!, $name: String!) { createUser(input: { uid: $uid, name: $name }) { user { uid } } }',
      { uid, name: uid },
      {},
    );
  }
  const heard: string[] = [];
  const closes: number[] = [];
  let after = (await ask('{ cursor }', {}, { as: 'ada' })).data.cursor as string;
  const ready = Promise.withResolvers<void>();
  const client = createClient({
    url: () => `${parley.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${server.apiKey}`, 'x-act-as': 'ada' },
    retryAttempts: 1_000,
    shouldRetry: () => true, // also while nobody answers, which is no close
    retryWait: () => wait(100),
    on: { closed: (event) => closes.push((event as CloseEvent).code), connected: () => ready.resolve() },
  });
  onTestFinished(() => void client.dispose());
  const variables = {
    get after() {
      return after;
    },
  };
  client.subscribe<{ events: { cursor: string; message: { text: string } } }>(
    { query: TEXTS, variables },
    {
      next: ({ data }) => {
        after = data?.events.cursor ?? after;
        heard.push(data?.events.message.text ?? 'an error');
      },
      error: (error) => heard.push(JSON.stringify(error)),
      complete: () => {},
    },
  );
  const say = (words: string) =>
    ask(SEND, { input: { receiverType: 'USER', receiverId: 'ada', text: words } }, { as: 'bob' });
  await ready.promise;
  await say('One');
  await expect.poll(() => heard).toEqual(['One']);
  parley.child.kill('SIGTERM');
  expect(await parley.exited).toBe(0);
  const before = parley.url;
  parley = await serveParley({ ...env, PORT: new URL(before).port });
  await say('Two');
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['One', 'Two']);
  expect(closes[0]).toBe(1012);
});

describe('an upgrade is answered over HTTP', () => {
  const upgrade = async (url: string, lines: readonly string[], path = '/graphql') => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(
      [
        `GET ${path} HTTP/1.1`,
        ...(lines.some((line) => /^host:/i.test(line)) ? [] : [`host: ${hostname}:${port}`]),
        'connection: Upgrade',
        'upgrade: websocket',
        'sec-websocket-version: 13',
        'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
        ...lines,
        '',
        '',
      ].join('\r\n'),
    );
    return text(socket); // ends where the server closes its side and ours: see refuseUpgrade
  };

  test.each([
    ['another path', '/chat', [], 404],
    ['two Authorization headers', '/graphql', ['authorization: Bearer a', 'authorization: Bearer b'], 400],
    ['two X-Act-As headers', '/graphql', ['x-act-as: ada', 'x-act-as: bob'], 400],
    ['a Host that is none', '/graphql', ['host: a/b'], 400],
    ['an old version of WebSocket', '/graphql', ['sec-websocket-version: 7'], 400],
  ])('for %s', async (_what, path, lines, status) => {
    const answer = await upgrade(server.url, lines, path);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    if (path !== '/graphql') expect(answer).toContain('"code":"ERR_BAD_REQUEST"');
  });

  test('for a page of a strange host in development, and not for its own', async () => {
    const dev = await serverForTest({ env: { PARLEY_API_KEY: '' } });
    expect(await upgrade(dev.url, ['host: chat.example'])).toMatch(/^HTTP\/1.1 421 /);
    const raw = await openSocket(dev, { headers: { host: 'localhost:4000' } });
    expect(raw.socket.readyState).toBe(WebSocket.OPEN);
  });

  test('for a page of an origin that PARLEY_ORIGINS does not name', async () => {
    const strict = await serverForTest({ env: { PARLEY_ORIGINS: 'https://app.example.org, https://b.example' } });
    for (const origin of ['https://evil.example', 'http://app.example.org', 'https://app.example.org.evil', 'null']) {
      expect(await upgrade(strict.url, [`origin: ${origin}`])).toMatch(/^HTTP\/1.1 403 .*"AUTH_ERR_NO_ACCESS"/s);
    }
    for (const origin of ['https://app.example.org', 'https://b.example', strict.url, undefined]) {
      const raw = await openSocket(strict, origin === undefined ? {} : { origin });
      expect(raw.socket.readyState).toBe(WebSocket.OPEN);
    }
    const any = await openSocket(server, { origin: 'https://evil.example' });
    expect(any.socket.readyState).toBe(WebSocket.OPEN);
  });

  test('by a server that is stopping', async () => {
    const stopping = await startTestServer();
    const { hostname, port } = new URL(stopping.url);
    const socket = connect(Number(port), hostname);
    const body = '{"query":"{ __typename }"}';
    const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    socket.write(head + body.slice(0, 5));
    await wait(200); // until the server has read it, which it does not say
    const stopped = stopping.stop();
    socket.write(
      `${body.slice(5)}GET /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n`,
    );
    expect(await text(socket)).toMatch(/HTTP\/1.1 503 .*stopping/s);
    await stopped;
  });

  test('and ends nothing where the client is gone before it', async () => {
    const { hostname, port } = new URL(server.url);
    for (let count = 0; count < 20; count += 1) {
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      socket.write('GET /chat HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n');
      socket.resetAndDestroy();
    }
    expect((await server.query('{ __typename }')).status).toBe(200);
  });

  test('as if it were none, where it is for another protocol', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close, Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n\r\n`,
    );
    expect(await text(socket)).toMatch(/^HTTP\/1.1 200 .*alive/s);
  });
});

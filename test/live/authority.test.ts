import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { now } from '../../src/clock.ts';
import { claimsOf, sign } from '../auth/sign.ts';
import { type Asker, askerOf } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { openSocket, type RawSocket } from '../support/raw-socket.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { WORLD } from '../support/world.ts';
import { toUser } from './every-event.ts';

const SECRET = 'a secret of thirty-two characters, at the least';
const EVENTS = 'subscription { events(kinds: [MESSAGE_SENT]) { ... on MessageSentEvent { messageId } } }';
const FORBIDDEN = 4403;

eachDialect((dialect) => {
  let server: TestServer;
  let ask: Asker;
  let people = 0;

  beforeAll(async () => {
    server = await startTestServer({ dialect, lines: WORLD, env: { PARLEY_JWT_SECRET: SECRET } });
    ask = askerOf(() => server);
    return () => server.stop();
  });

  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
  const tokenOf = async (uid: string, expiresIn?: number): Promise<string> =>
    (await ask.run('KEY', 'createAuthToken', { uid, expiresIn }, 'authToken')).authToken;
  const jwtOf = (uid: string, more: object = {}) => sign({ ...claimsOf(uid), ...more }, 'HS256', Buffer.from(SECRET));
  /** Somebody of whom no other test knows. */
  const somebody = async (): Promise<string> => {
    people += 1;
    await ask.run('KEY', 'createUser', { uid: `p-${people}`, name: 'Somebody' }, '__typename');
    return `p-${people}`;
  };

  async function connect(params: object, headers: Record<string, string> = {}): Promise<RawSocket> {
    const socket = await openSocket(server, { headers });
    socket.send({ type: 'connection_init', payload: params });
    return socket;
  }
  async function signedIn(params: object, headers?: Record<string, string>): Promise<RawSocket> {
    const socket = await connect(params, headers);
    expect(await socket.next()).toEqual({ type: 'connection_ack' });
    return socket;
  }
  const query = async (socket: RawSocket, document: string, variables?: object) => {
    socket.send({ id: 'q', type: 'subscribe', payload: { query: document, variables } });
    for (;;) {
      const message = await socket.next();
      if (message.id !== 'q' || message.type === 'complete') continue;
      if (message.type === 'error') return { errors: message.payload };
      expect(await socket.next()).toEqual({ id: 'q', type: 'complete' });
      return message.payload;
    }
  };
  const whoIs = async (socket: RawSocket) => (await query(socket, '{ me { uid } }')).data?.me?.uid;
  const listen = async (socket: RawSocket) => {
    socket.send({ id: 'events', type: 'subscribe', payload: { query: EVENTS } });
    await query(socket, '{ __typename }');
  };
  const renew = (socket: RawSocket, authToken: string) =>
    query(socket, 'mutation ($input: RenewSessionInput!) { renewSession(input: $input) { expiresAt } }', {
      input: { authToken },
    });
  /** How a socket is closed, which has to come within a second. */
  async function closedAtOnce({ closed }: RawSocket): Promise<{ code: number; reason: string }> {
    const found = await Promise.race([closed, wait(1_000)]);
    if (!found) throw new Error('still open after a second');
    return found;
  }

  describe('somebody signs in on a socket', () => {
    test('by a token, a JWT, or an API key that acts for them, in connectionParams of any case', async () => {
      for (const params of [
        bearer(await tokenOf('ada')),
        { Authorization: `Bearer ${await jwtOf('ada')}` },
        { ...bearer(server.apiKey), 'X-Act-As': 'ada' },
        { AUTHORIZATION: `Bearer ${server.apiKey}`, 'x-act-as': 'ada' },
      ]) {
        expect(await whoIs(await signedIn(params))).toBe('ada');
      }
    });

    test('by the headers of the upgrade, unless connectionParams say otherwise', async () => {
      const token = await tokenOf('ada');
      expect(await whoIs(await signedIn({}, bearer(token)))).toBe('ada');
      expect(await whoIs(await signedIn({}, { ...bearer(server.apiKey), 'x-act-as': 'bob' }))).toBe('bob');
      expect(await whoIs(await signedIn(bearer(await tokenOf('cyd')), bearer(token)))).toBe('cyd');
    });

    test('or nobody does: then nothing is heard', async () => {
      const socket = await signedIn({});
      expect((await query(socket, '{ __typename }')).data).toEqual({ __typename: 'Query' });
      expect((await query(socket, '{ me { uid } }')).errors[0].extensions.code).toBe('AUTH_ERR_NO_ACCESS');
      expect((await query(socket, EVENTS)).errors[0].extensions.code).toBe('AUTH_ERR_NO_ACCESS');
    });

    test('and an API key that acts for nobody hears nothing either', async () => {
      const socket = await signedIn(bearer(server.apiKey));
      expect((await query(socket, EVENTS)).errors[0].extensions.code).toBe('AUTH_ERR_NO_ACCESS');
    });

    test.for([
      ['a token that there is not', async () => bearer('pt_nothing'), 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND'],
      ['a key that there is not', async () => bearer('some other key that is wrong'), 'AUTH_ERR_APIKEY_NOT_FOUND'],
      ['a JWT that has expired', async () => bearer(await jwtOf('ada', { exp: now() - 1 })), 'AUTH_ERR_TOKEN_EXPIRED'],
      [
        'a token that acts for another',
        async () => ({ ...bearer(await tokenOf('ada')), 'x-act-as': 'bob' }),
        'AUTH_ERR_NO_ACCESS',
      ],
      [
        'a key that acts for who is not there',
        async () => ({ ...bearer(server.apiKey), 'x-act-as': 'nobody' }),
        'ERR_UID_NOT_FOUND',
      ],
      [
        'a key that acts for who rests',
        async () => ({ ...bearer(server.apiKey), 'x-act-as': 'dot' }),
        'AUTH_ERR_NO_ACCESS',
      ],
    ] as const)('but not by %s: 4403', async ([, params, code]) => {
      const { code: closedWith, reason } = await closedAtOnce(await connect(await params()));
      expect(closedWith).toBe(FORBIDDEN);
      expect(reason).toContain(code);
    });
  });

  describe.for([
    ['that listens', true],
    ['that does not listen', false],
  ] as const)('a socket %s is closed with 4403', ([, listens]) => {
    const open = async (params: object) => {
      const socket = await signedIn(params);
      if (listens) await listen(socket);
      return socket;
    };

    test('when their token or JWT expires, and not before', async () => {
      const uid = await somebody();
      const expires = now() + 2;
      const jwt = await jwtOf(uid, { exp: expires });
      const sockets = [await open(bearer(await tokenOf(uid, 2))), await open(bearer(jwt))];
      for (const { closed } of sockets) {
        const { code, reason } = await closed;
        expect([code, reason]).toEqual([FORBIDDEN, expect.stringContaining('AUTH_ERR_TOKEN_EXPIRED')]);
        expect(now()).toBeGreaterThanOrEqual(expires);
        expect(Date.now() / 1000).toBeLessThan(expires + 2); // the token's second may have been the next
      }
    });

    test('when the user’s tokens are revoked, by a token or a JWT; an API key that acts for them goes on', async () => {
      const uid = await somebody();
      const [token, jwt, key, other] = await Promise.all([
        open(bearer(await tokenOf(uid))),
        open(bearer(await jwtOf(uid))),
        open({ ...bearer(server.apiKey), 'x-act-as': uid }),
        open(bearer(await tokenOf('cyd'))),
      ]);
      await ask.run('KEY', 'revokeAuthTokens', { uid }, 'count');
      for (const socket of [token, jwt]) {
        const { code, reason } = await closedAtOnce(socket);
        expect([code, reason]).toEqual([FORBIDDEN, expect.stringContaining('AUTH_ERR_AUTH_TOKEN_NOT_FOUND')]);
      }
      expect(await whoIs(key)).toBe(uid);
      expect(await whoIs(other)).toBe('cyd');
    });

    test.for([
      ['is deactivated', 'deactivateUsers', (uid: string) => ({ uids: [uid] })],
      ['is deleted', 'deleteUser', (uid: string) => ({ uid })],
      ['is deleted for good', 'deleteUser', (uid: string) => ({ uid, permanent: true })],
    ] as const)('when the user %s, whatever they signed in by', async ([, mutation, input]) => {
      const uid = await somebody();
      const sockets = await Promise.all([
        open(bearer(await tokenOf(uid))),
        open(bearer(await jwtOf(uid))),
        open({ ...bearer(server.apiKey), 'x-act-as': uid }),
      ]);
      await ask.run('KEY', mutation, input(uid), '__typename');
      for (const socket of sockets) {
        const { code, reason } = await closedAtOnce(socket);
        expect([code, reason]).toEqual([
          FORBIDDEN,
          expect.stringMatching(/AUTH_ERR_NO_ACCESS|TOKEN_NOT_FOUND|UID_NOT_FOUND/),
        ]);
      }
    });
  });

  test('after its end nothing is heard of what comes', async () => {
    const uid = await somebody();
    const socket = await signedIn(bearer(await tokenOf(uid)));
    await listen(socket);
    await ask.run('KEY', 'revokeAuthTokens', { uid }, 'count');
    await ask.run('ada', 'sendTextMessage', { ...toUser(uid), text: 'Too late' }, '__typename');
    await closedAtOnce(socket);
    expect(socket.waiting.filter(({ id }) => id === 'events')).toEqual([]);
  });

  test('a changed profile, and another’s revocation, close nothing', async () => {
    const uid = await somebody();
    const socket = await signedIn(bearer(await tokenOf(uid)));
    await ask.run('KEY', 'updateUser', { uid, name: 'Somebody else' }, '__typename');
    await ask.run('KEY', 'revokeAuthTokens', { uid: 'li' }, 'count');
    await ask.run('KEY', 'deactivateUsers', { uids: ['smile'] }, '__typename');
    expect(await whoIs(socket)).toBe(uid);
  });

  describe('renewSession', () => {
    test('goes on with a fresh token: the old one’s end no longer closes the socket, the fresh one’s does', async () => {
      const uid = await somebody();
      const socket = await signedIn(bearer(await tokenOf(uid, 2)));
      await listen(socket);
      const { data } = await renew(socket, await tokenOf(uid, 4));
      const expires = data.renewSession.expiresAt;
      expect(expires).toBeGreaterThan(now() + 1);
      await wait(2_200);
      expect(await whoIs(socket)).toBe(uid);
      const { code } = await socket.closed;
      expect(code).toBe(FORBIDDEN);
      expect(now()).toBeGreaterThanOrEqual(expires);
      expect(now()).toBeLessThanOrEqual(expires + 1);
    });

    test('goes on with one that never expires, and then ends when that is revoked', async () => {
      const uid = await somebody();
      const socket = await signedIn(bearer(await jwtOf(uid, { exp: now() + 2 })));
      expect((await renew(socket, await tokenOf(uid))).data.renewSession.expiresAt).toBeNull();
      await wait(2_200);
      expect(await whoIs(socket)).toBe(uid);
      await ask.run('KEY', 'revokeAuthTokens', { uid }, 'count');
      expect((await closedAtOnce(socket)).code).toBe(FORBIDDEN);
    });

    test('refuses a token of somebody else, one that has expired or was revoked, and a key; the socket goes on', async () => {
      const [uid, other] = [await somebody(), await somebody()];
      const revoked = await tokenOf(uid);
      await ask.run('KEY', 'revokeAuthTokens', { uid }, 'count');
      const socket = await signedIn(bearer(await tokenOf(uid)));
      for (const [secret, code] of [
        [await tokenOf(other), 'ERR_BAD_REQUEST'],
        [server.apiKey, 'ERR_BAD_REQUEST'],
        [revoked, 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND'],
        [await jwtOf(uid, { exp: now() - 5, iat: now() - 10 }), 'AUTH_ERR_TOKEN_EXPIRED'],
        ['pt_nothing', 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND'],
      ] as const) {
        expect((await renew(socket, secret)).errors[0].extensions.code).toBe(code);
        expect(await whoIs(socket)).toBe(uid);
      }
    });

    test('is refused where nobody is signed in, and over HTTP', async () => {
      const authToken = await tokenOf('ada');
      expect((await renew(await signedIn({}), authToken)).errors).toHaveLength(1);
      expect(await ask.refusal('ada', 'renewSession', { authToken })).toBe('ERR_BAD_REQUEST');
    });
  });
});

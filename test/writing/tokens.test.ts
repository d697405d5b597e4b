import { describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { createAuth } from '../../src/auth/service.ts';
import { now } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { claimsOf, sign } from '../auth/sign.ts';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { logPosition } from '../support/log.ts';
import { serverForTest } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const TOKEN = 'authToken expiresAt user { uid email }';

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const create = (uid: string, expiresIn?: number | null) =>
    ask.run('KEY', 'createAuthToken', { uid, expiresIn }, TOKEN);
  const whose = async (token: string) => {
    const { data, errors } = await ask.server().query('{ me { uid } }', undefined, { token });
    return errors[0]?.extensions['code'] ?? data.me.uid;
  };
  const kept = async (uid: string) => {
    const { db, t } = ask.server().db.read;
    const rows = await db.select().from(t.authTokens);
    const people = await db.select({ id: t.users.id, uid: t.users.uid }).from(t.users);
    const id = people.find((one) => one.uid === uid)?.id;
    return rows.filter(({ userId }) => userId === id).length;
  };

  describe('a new token', () => {
    test('signs its user in beside those they have, until revoked', async () => {
      const [first, second] = [await create('bob'), await create('bob', null)];
      expect(first).toEqual({
        authToken: expect.stringMatching(/^pt_[\w-]{43}$/),
        expiresAt: null,
        user: { uid: 'bob', email: 'bob@example.org' },
      });
      expect([await whose(first.authToken), await whose(second.authToken)]).toEqual(['bob', 'bob']);
      expect(await ask.run('KEY', 'revokeAuthTokens', { uid: 'bob' }, 'count')).toEqual({ count: 2 });
      expect(await whose(first.authToken)).toBe('AUTH_ERR_AUTH_TOKEN_NOT_FOUND');
      expect(await whose(second.authToken)).toBe('AUTH_ERR_AUTH_TOKEN_NOT_FOUND');
      expect(await ask.run('KEY', 'revokeAuthTokens', { uid: 'bob' }, 'count')).toEqual({ count: 0 });
    });

    test('expires when it was to, and its row goes with the next one', async () => {
      const start = now();
      const { authToken, expiresAt } = await create('cyd', 1);
      expect(expiresAt - start).toBeGreaterThanOrEqual(1);
      await expect.poll(() => whose(authToken), { timeout: 4_000 }).toBe('AUTH_ERR_TOKEN_EXPIRED');
      await create('cyd', 2_147_483_647);
      await create('cyd');
      expect(await kept('cyd')).toBe(2);
    });

    test.each([
      ['nobody', { uid: 'nobody' }, 'ERR_UID_NOT_FOUND'],
      ['somebody deleted', { uid: 'eve' }, 'ERR_UID_NOT_FOUND'],
      ['somebody deactivated', { uid: 'dot' }, 'AUTH_ERR_NO_ACCESS'],
      ['no time at all', { uid: 'ada', expiresIn: 0 }, 'ERR_BAD_REQUEST'],
      ['a time that is over', { uid: 'ada', expiresIn: -1 }, 'ERR_BAD_REQUEST'],
      ['half a second', { uid: 'ada', expiresIn: 0.5 }, 'ERR_BAD_REQUEST'],
    ])('for %s is refused, and not made', async (_what, input, code) => {
      const before = await kept(input.uid);
      expect(await ask.refusal('KEY', 'createAuthToken', input)).toBe(code);
      expect(await kept(input.uid)).toBe(before);
    });
  });

  test('tokens of somebody deactivated are revoked, and come back with nobody', async () => {
    const { authToken } = await create('emile');
    await ask.run('KEY', 'deactivateUsers', { uids: ['emile'] }, 'results { code }');
    expect(await ask.run('KEY', 'revokeAuthTokens', { uid: 'emile' }, 'count')).toEqual({ count: 1 });
    await ask.run('KEY', 'reactivateUsers', { uids: ['emile'] }, 'results { code }');
    expect(await whose(authToken)).toBe('AUTH_ERR_AUTH_TOKEN_NOT_FOUND');
  });

  test.each(['nobody', 'eve'])('tokens of %s, whom there is not, can’t be revoked', async (uid) => {
    expect(await ask.refusal('KEY', 'revokeAuthTokens', { uid })).toBe('ERR_UID_NOT_FOUND');
  });

  test.each(['createAuthToken', 'revokeAuthTokens'])('%s is for API keys on nobody’s behalf', async (mutation) => {
    const { authToken } = await create('ada');
    const [before, tokens] = [await logPosition(ask.server()), await kept('ada')];
    expect(await ask.refusal('ada', mutation, { uid: 'ada' })).toBe('AUTH_ERR_NO_ACCESS');
    expect(await ask.refusal('NOBODY', mutation, { uid: 'ada' })).toBe('AUTH_ERR_NO_ACCESS');
    expect(await whose(authToken)).toBe('ada');
    expect([await logPosition(ask.server()), await kept('ada')]).toEqual([before, tokens]);
  });

  test('a session says who asks, until when, and what a revocation goes by', async () => {
    const secret = 'a secret that the host application has too';
    const { db } = await serverForTest({ dialect, lines: WORLD });

    const { users, activity, tokens } = createApp(db);
    const config = readConfig({ PARLEY_JWT_SECRET: secret });
    const { signIn } = createAuth({ db, users, activity, config, apiKey: 'the key' });
    const session = (bearer: string, actAs?: string) => signIn({ authorization: `Bearer ${bearer}`, actAs });
    const { authToken, expiresAt } = await tokens.create({ kind: 'key' }, { uid: 'ada', expiresIn: 60 });
    const ada = { kind: 'user', id: expect.any(Number), uid: 'ada', byKey: false };
    expect(await session(authToken)).toEqual({
      viewer: ada,
      expiresAt,
      credential: { kind: 'token', id: expect.any(Number) },
    });
    const claims = claimsOf('ada');
    expect(await session(await sign(claims, 'HS256', Buffer.from(secret)))).toEqual({
      viewer: ada,
      expiresAt: claims.exp,
      credential: { kind: 'jwt', issuedAt: claims.iat },
    });
    const byKey = { expiresAt: null, credential: { kind: 'key' } };
    expect(await session('the key')).toEqual({ ...byKey, viewer: { kind: 'key' } });
    expect(await session('the key', 'ada')).toEqual({ ...byKey, viewer: { ...ada, byKey: true } });
    expect(await signIn({ authorization: undefined, actAs: undefined })).toBeUndefined();
  });
});

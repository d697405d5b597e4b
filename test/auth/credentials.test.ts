import { hash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { now } from '../../src/clock.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { ADA, addUser, BOB, makeToken } from './people.ts';
import { whoAmI, withHeader } from './who-am-i.ts';

eachDialect((dialect) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ dialect, lines: [ADA, BOB] });
  });
  afterAll(() => server.stop());

  const refusal = async (who: Parameters<typeof whoAmI>[1]) => {
    const { status, code } = await whoAmI(server, who);
    return `${status} ${code}`;
  };

  test('an API key signs in on nobody’s behalf', async () => {
    expect(await whoAmI(server, {})).toEqual({ status: 200, uid: null });
  });

  test('an API key kept in the database signs in like the one in the settings', async () => {
    const key = 'a key beside the first';
    await server.db.write('keys', (tx) =>
      tx.insertMany(tx.t.apiKeys, [{ hash: hash('sha256', key), name: 'second', createdAt: now() }]),
    );
    expect(await whoAmI(server, { token: key })).toEqual({ status: 200, uid: null });
  });

  test('an unknown API key is refused, and not repeated', async () => {
    const { message, ...rest } = await whoAmI(server, { token: 'no-such-key-anywhere' });
    expect(rest).toEqual({ status: 401, code: 'AUTH_ERR_APIKEY_NOT_FOUND' });
    expect(message).not.toContain('no-such-key');
  });

  test('a user token signs in as its user', async () => {
    const token = await makeToken(server.db, 'ada');
    expect(await whoAmI(server, { token })).toEqual({ status: 200, uid: 'ada' });
  });

  test('two tokens of one user both hold', async () => {
    const [first, second] = [await makeToken(server.db, 'ada'), await makeToken(server.db, 'ada')];
    expect(first).not.toBe(second);
    expect(await whoAmI(server, { token: first })).toEqual({ status: 200, uid: 'ada' });
    expect(await whoAmI(server, { token: second })).toEqual({ status: 200, uid: 'ada' });
  });

  test('the database does not hold the text of a token', async () => {
    const token = await makeToken(server.db, 'ada');
    const { db, t, all } = server.db.read;
    const rows = await all(
      () => db.select().from(t.authTokens),
      () => ({}),
    )();
    expect(rows).not.toHaveLength(0);
    expect(JSON.stringify(rows)).not.toContain(token.slice('pt_'.length));
  });

  test('an unknown user token is refused', async () => {
    expect(await refusal({ token: 'pt_nobody' })).toBe('401 AUTH_ERR_AUTH_TOKEN_NOT_FOUND');
  });

  test('a user token holds until it expires, and not after', async () => {
    const token = await makeToken(server.db, 'ada', 2);
    expect(await whoAmI(server, { token })).toEqual({ status: 200, uid: 'ada' });
    await expect.poll(() => refusal({ token }), { timeout: 5_000 }).toBe('401 AUTH_ERR_TOKEN_EXPIRED');
  });

  test('revoking ends the tokens of that user alone', async () => {
    const [bobs, adas] = [await makeToken(server.db, 'bob'), await makeToken(server.db, 'ada')];
    await createApp(server.db).tokens.revoke({ kind: 'key' }, 'bob');
    expect(await refusal({ token: bobs })).toBe('401 AUTH_ERR_AUTH_TOKEN_NOT_FOUND');
    expect(await whoAmI(server, { token: adas })).toEqual({ status: 200, uid: 'ada' });
  });

  test('a deactivated user’s token is refused', async () => {
    await addUser(server.db, 'resting');
    const token = await makeToken(server.db, 'resting');
    await createApp(server.db).profiles.deactivate({ kind: 'key' }, ['resting']);
    expect(await refusal({ token })).toBe('401 AUTH_ERR_NO_ACCESS');
  });

  test.each([
    ['another scheme', 'Basic YWRhOnBhc3N3b3Jk'],
    ['no secret', 'Bearer'],
    ['no scheme', 'pt_nobody'],
    ['nothing', ''],
  ])('a header with %s is refused, with the form that it must have', async (_what, header) => {
    const { message, ...rest } = await whoAmI(server, withHeader(header));
    expect(rest).toEqual({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
    expect(message).toContain('Bearer <user token, JWT or API key>');
    expect(message).not.toContain('YWRh');
  });

  test('the scheme is taken in upper and lower case', async () => {
    expect(await whoAmI(server, withHeader(`bearer ${server.apiKey}`))).toEqual({ status: 200, uid: null });
  });

  test('without credentials the schema answers, and what needs a viewer does not', async () => {
    const { data, status } = await server.query('{ __typename }', undefined, { anonymous: true });
    expect({ data, status }).toEqual({ data: { __typename: 'Query' }, status: 200 });
    expect(await refusal({ anonymous: true })).toBe('200 AUTH_ERR_NO_ACCESS');
  });

  test('an API key acts as a user', async () => {
    expect(await whoAmI(server, { as: 'ada' })).toEqual({ status: 200, uid: 'ada' });
  });

  test.each(['nobody', 'ADA', 'a b'])('acting as "%s", whom there is not, is refused', async (as) => {
    expect(await refusal({ as })).toBe('401 ERR_UID_NOT_FOUND');
  });

  test('acting as a deactivated user is refused', async () => {
    await addUser(server.db, 'asleep', { deactivatedAt: now() });
    expect(await refusal({ as: 'asleep' })).toBe('401 AUTH_ERR_NO_ACCESS');
  });

  test('acting as a deleted user is refused as if there had never been one', async () => {
    await addUser(server.db, 'gone', { deletedAt: now() });
    expect(await refusal({ as: 'gone' })).toBe('401 ERR_UID_NOT_FOUND');
  });

  test('a user token can’t act as anybody', async () => {
    const token = await makeToken(server.db, 'ada');
    const { message, ...rest } = await whoAmI(server, { token, as: 'bob' });
    expect(rest).toEqual({ status: 401, code: 'AUTH_ERR_NO_ACCESS' });
    expect(message).toContain('X-Act-As');
  });

  test('acting as somebody takes credentials', async () => {
    expect(await refusal({ anonymous: true, as: 'ada' })).toBe('401 AUTH_ERR_NO_ACCESS');
  });

  test('a wrong API key acts as nobody', async () => {
    expect(await refusal({ token: 'no-such-key-anywhere', as: 'ada' })).toBe('401 AUTH_ERR_APIKEY_NOT_FOUND');
  });

  const PRIVATE = 'query ($uid: ID!) { user(uid: $uid) { email credits } me { email credits } }';

  test('a user sees their own email and credits, and nobody else’s', async () => {
    const token = await makeToken(server.db, 'ada');
    const { data } = await server.query(PRIVATE, { uid: 'bob' }, { token });
    expect(data).toEqual({
      user: { email: null, credits: null },
      me: { email: 'ada@example.org', credits: 7 },
    });
  });

  test('a key that acts as a user sees what that user sees', async () => {
    const { data } = await server.query(PRIVATE, { uid: 'bob' }, { as: 'ada' });
    expect(data).toEqual({
      user: { email: null, credits: null },
      me: { email: 'ada@example.org', credits: 7 },
    });
  });

  test('a key on nobody’s behalf sees everybody’s email and credits', async () => {
    const { data } = await server.query(PRIVATE, { uid: 'bob' });
    expect(data).toEqual({ user: { email: 'bob@example.org', credits: 3 }, me: null });
  });
});

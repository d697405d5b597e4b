import { type JWTPayload, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { now } from '../../src/clock.ts';
import { serverForTest, startTestServer, type TestServer } from '../support/server.ts';
import { ADA, BOB } from './people.ts';
import { AUDIENCE, claimsOf, ISSUER, sign } from './sign.ts';
import { whoAmI } from './who-am-i.ts';

const SECRET = 'a secret that the host application has too';
const key = Buffer.from(SECRET);

let server: TestServer;
beforeAll(async () => {
  const env = { PARLEY_JWT_SECRET: SECRET, PARLEY_JWT_ISSUER: ISSUER, PARLEY_JWT_AUDIENCE: AUDIENCE };
  server = await startTestServer({ env, lines: [ADA, BOB] });
});
afterAll(() => server.stop());

const ask = async (claims: JWTPayload, alg = 'HS256') => whoAmI(server, { token: await sign(claims, alg, key) });

test('a JWT that the host application signed signs in as its subject', async () => {
  expect(await ask(claimsOf('ada'))).toEqual({ status: 200, uid: 'ada' });
});

test('a JWT signed with another secret is refused', async () => {
  const token = await sign(claimsOf('ada'), 'HS256', Buffer.from('some other secret of the same length'));
  expect(await whoAmI(server, { token })).toMatchObject({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
});

test('a JWT whose claims were changed is refused', async () => {
  const [header, , signature] = (await sign(claimsOf('ada'), 'HS256', key)).split('.');
  const claims = Buffer.from(JSON.stringify(claimsOf('bob'))).toString('base64url');
  const answer = await whoAmI(server, { token: `${header}.${claims}.${signature}` });
  expect(answer).toMatchObject({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
});

test('an expired JWT is refused from its second on', async () => {
  expect(await ask({ ...claimsOf('ada'), exp: now() })).toMatchObject({ status: 401, code: 'AUTH_ERR_TOKEN_EXPIRED' });
});

test('a JWT that names no time to expire holds', async () => {
  const { exp: _, ...forGood } = claimsOf('ada');
  expect(await ask(forGood)).toEqual({ status: 200, uid: 'ada' });
});

test('a clock that is a few seconds ahead is forgiven', async () => {
  expect(await ask({ ...claimsOf('ada'), iat: now() + 3, nbf: now() + 3 })).toEqual({ status: 200, uid: 'ada' });
});

test.each<[string, JWTPayload, RegExp]>([
  ['from another issuer', { iss: 'https://evil.example.org' }, /"iss"/],
  ['for another audience', { aud: 'mail' }, /"aud"/],
  ['not yet valid', { nbf: now() + 60 }, /"nbf"/],
  ['from the future', { iat: now() + 60 }, /"iat"/],
  ['whose subject is no uid', { sub: 'Ada' }, /"sub" must be a uid/],
])('a JWT %s is refused, with the reason', async (_what, claims, reason) => {
  const { message, ...rest } = await ask({ ...claimsOf('ada'), ...claims });
  expect(rest).toEqual({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
  expect(message).toMatch(reason);
});

test.each(['sub', 'iss', 'aud'])('a JWT without "%s" is refused', async (claim) => {
  const { [claim]: _, ...claims } = claimsOf('ada');
  expect(await ask(claims)).toMatchObject({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
});

test('a JWT of several audiences may name ours among them', async () => {
  expect(await ask({ ...claimsOf('ada'), aud: ['mail', AUDIENCE] })).toEqual({ status: 200, uid: 'ada' });
});

test('a JWT without a signature is refused', async () => {
  const token = new UnsecuredJWT(claimsOf('ada')).encode();
  expect(await whoAmI(server, { token })).toMatchObject({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
});

test('a JWT signed with another algorithm is refused, and the one that is taken is named', async () => {
  const { message, ...rest } = await ask(claimsOf('ada'), 'HS512');
  expect(rest).toEqual({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
  expect(message).toContain('HS256');
});

test.each(['..', 'a.b.c', 'eyJhbGciOiJIUzI1NiJ9.e30.'])('"%s" is refused', async (token) => {
  expect(await whoAmI(server, { token })).toMatchObject({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
});

test('a JWT for a user whom there is not is refused where the server makes none', async () => {
  expect(await ask(claimsOf('carol'))).toMatchObject({ status: 401, code: 'ERR_UID_NOT_FOUND' });
});

test('a JWT can’t act as anybody', async () => {
  const token = await sign(claimsOf('ada'), 'HS256', key);
  expect(await whoAmI(server, { token, as: 'bob' })).toMatchObject({ status: 401, code: 'AUTH_ERR_NO_ACCESS' });
});

test('without a setting for them every JWT is refused, and the settings are named', async () => {
  const other = await serverForTest();
  const { message, ...rest } = await whoAmI(other, { token: await sign(claimsOf('ada'), 'HS256', key) });
  expect(rest).toEqual({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
  expect(message).toMatch(/PARLEY_JWT_SECRET.*PARLEY_JWKS_URL/);
});

test('where no issuer and audience are set, none are needed', async () => {
  const other = await serverForTest({ env: { PARLEY_JWT_SECRET: SECRET }, lines: [ADA] });
  const token = await sign({ sub: 'ada' }, 'HS256', key);
  expect(await whoAmI(other, { token })).toEqual({ status: 200, uid: 'ada' });
});

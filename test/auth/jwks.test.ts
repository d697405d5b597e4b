import { afterEach, beforeEach, expect, test } from 'vitest';
import { serverForTest } from '../support/server.ts';
import { ADA } from './people.ts';
import { AUDIENCE, claimsOf, ISSUER, makeKeys, serveKeys, sign } from './sign.ts';
import { whoAmI } from './who-am-i.ts';

const rsa = await makeKeys('RS256', 'rsa');
const ec = await makeKeys('ES256', 'ec');

let keys: Awaited<ReturnType<typeof serveKeys>>;
beforeEach(async () => {
  keys = await serveKeys([rsa.jwk, ec.jwk]);
});
afterEach(() => keys.close());

const startServer = () =>
  serverForTest({
    env: { PARLEY_JWKS_URL: keys.url, PARLEY_JWT_ISSUER: ISSUER, PARLEY_JWT_AUDIENCE: AUDIENCE },
    lines: [ADA],
  });

test.each([
  ['RS256', rsa],
  ['ES256', ec],
])('a JWT signed with %s by a key of the set signs in, and the set is asked for once', async (_alg, { sign }) => {
  const server = await startServer();
  expect(await whoAmI(server, { token: await sign(claimsOf('ada')) })).toEqual({ status: 200, uid: 'ada' });
  expect(await whoAmI(server, { token: await sign(claimsOf('ada')) })).toEqual({ status: 200, uid: 'ada' });
  expect(keys.asked).toBe(1);
});

test('a new key is taken once the set has it, and one that has left it no more', async () => {
  const server = await startServer();
  const fresh = await makeKeys('ES256', 'fresh');
  expect(await whoAmI(server, { token: await ec.sign(claimsOf('ada')) })).toMatchObject({ status: 200 });
  keys.keys = [fresh.jwk];
  const ask = async () => whoAmI(server, { token: await fresh.sign(claimsOf('ada')) });
  await expect.poll(ask, { timeout: 10_000 }).toEqual({ status: 200, uid: 'ada' });
  const old = await whoAmI(server, { token: await ec.sign(claimsOf('ada')) });
  expect(old).toMatchObject({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
});

test('a key that the set does not have signs nobody in', async () => {
  const server = await startServer();
  const stranger = await makeKeys('RS256', 'rsa');
  const token = await stranger.sign(claimsOf('ada'));
  expect(await whoAmI(server, { token })).toMatchObject({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
});

test.each([
  ['as text', rsa.publicKey.export({ type: 'spki', format: 'pem' })],
  ['as bytes', rsa.publicKey.export({ type: 'spki', format: 'der' })],
  ['as the set lists it', JSON.stringify(rsa.jwk)],
])('a public key, %s, is not taken for a secret', async (_form, key) => {
  const server = await startServer();
  const token = await sign(claimsOf('ada'), 'HS256', Buffer.from(key), 'rsa');
  const { message, ...rest } = await whoAmI(server, { token });
  expect(rest).toEqual({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
  expect(message).toContain('RS256 or ES256');
});

test('another algorithm of the same key is refused', async () => {
  const server = await startServer();
  const token = await sign(claimsOf('ada'), 'PS256', rsa.privateKey, 'rsa');
  expect(await whoAmI(server, { token })).toMatchObject({ status: 401, code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' });
});

test('keys that can’t be had are the server’s fault, not the token’s', async () => {
  const server = await startServer();
  keys.keys = 'no list' as never;
  const answer = await whoAmI(server, { token: await rsa.sign(claimsOf('ada')) });
  expect(answer).toMatchObject({ status: 500, code: 'INTERNAL_SERVER_ERROR' });
});

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { now } from '../../src/clock.ts';

export const ISSUER = 'https://app.example.org';
export const AUDIENCE = 'chat';

/** What a JWT of the host application says where a test says nothing else. */
export const claimsOf = (sub: string): JWTPayload => ({
  sub,
  iss: ISSUER,
  aud: AUDIENCE,
  iat: now(),
  exp: now() + 600,
});

/** A signed JWT; a claim that is undefined is left out. */
export const sign = (claims: JWTPayload, alg: string, key: KeyObject | Uint8Array, kid?: string): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg, ...(kid && { kid }) }).sign(key);

/** A pair of keys for the algorithm, with the public one as a key set lists it. */
export async function makeKeys(alg: 'RS256' | 'ES256', kid: string) {
  const { privateKey, publicKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk: JWK = { ...(await exportJWK(publicKey)), alg, kid, use: 'sig' };
  return { privateKey, publicKey, jwk, sign: (claims: JWTPayload) => sign(claims, alg, privateKey, kid) };
}

/** Serves a key set as an identity provider does; `keys` may be changed, `asked` counts the requests. */
export async function serveKeys(keys: JWK[]) {
  const state = { keys, asked: 0 };
  const server = createServer((_req, res) => {
    state.asked += 1;
    res.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: state.keys }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, { url: `http://127.0.0.1:${port}/keys`, close: () => void server.close() });
}

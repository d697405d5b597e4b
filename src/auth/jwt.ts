import { createSecretKey } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { now } from '../clock.ts';
import type { Config } from '../config.ts';
import { ChatError } from '../errors.ts';
import { ID_PATTERN } from '../users/user.ts';

const CLOCK_TOLERANCE_S = 5; // for clocks that are ahead of ours; nothing is accepted after it has expired
const JWKS_TIMEOUT_MS = 5_000;
const JWKS_AGE_MAX_MS = 600_000;
const JWKS_COOLDOWN_MS = 5_000; // a token with an unknown key makes us ask again, but not more often than this

/** What is wrong with the token, as opposed to the keys or the way to them. */
const REFUSED = /^ERR_(JWT_|JWS_|JOSE_ALG_NOT_ALLOWED|JOSE_NOT_SUPPORTED|JWKS_NO_MATCHING|JWKS_MULTIPLE_MATCHING)/;

/** What a JWT that was signed for us says; times are seconds. */
export interface Claims {
  readonly uid: string;
  readonly name: string | undefined;
  readonly issuedAt: number | undefined;
  readonly expiresAt: number | undefined;
}

/**
 * What checks JWTs as the settings say, which must name a key. It throws AUTH_ERR_TOKEN_EXPIRED or
 * AUTH_ERR_AUTH_TOKEN_NOT_FOUND with the reason; anything else it throws is about the keys, not the token.
 */
export function createJwtReader(config: Config): (jwt: string) => Promise<Claims> {
  const { key, algorithms } = trustedKeys(config);
  const options = {
    algorithms,
    clockTolerance: CLOCK_TOLERANCE_S,
    ...(config.PARLEY_JWT_ISSUER && { issuer: config.PARLEY_JWT_ISSUER }),
    ...(config.PARLEY_JWT_AUDIENCE && { audience: config.PARLEY_JWT_AUDIENCE }),
  };
  return async (jwt) => {
    try {
      const { payload } = await jwtVerify(jwt, key, options);
      return readClaims(payload);
    } catch (error) {
      throw explain(error, algorithms);
    }
  };
}

/** The algorithms belong to the setting, never to the token's header: a public key is not taken for a secret. */
function trustedKeys({ PARLEY_JWT_SECRET: secret, PARLEY_JWKS_URL: url }: Config) {
  if (secret) {
    const key = createSecretKey(secret, 'utf8');
    return { key: (() => key) satisfies JWTVerifyGetKey, algorithms: ['HS256'] };
  }
  if (!url) throw new Error('no setting says whose JWTs to take');
  const key = createRemoteJWKSet(new URL(url), {
    timeoutDuration: JWKS_TIMEOUT_MS,
    cacheMaxAge: JWKS_AGE_MAX_MS,
    cooldownDuration: JWKS_COOLDOWN_MS,
  });
  return { key, algorithms: ['RS256', 'ES256'] };
}

function readClaims({ sub, name, iat, exp }: JWTPayload): Claims {
  if (exp !== undefined && exp <= now()) throw expired();
  if (iat !== undefined && iat > now() + CLOCK_TOLERANCE_S) throw refused('it was issued in the future ("iat")');
  if (sub === undefined || !ID_PATTERN.test(sub)) throw refused('its "sub" must be a uid: 1 to 100 of a-z 0-9 _ -');
  return { uid: sub, name: typeof name === 'string' ? name : undefined, issuedAt: iat, expiresAt: exp };
}

function explain(error: unknown, algorithms: readonly string[]): unknown {
  if (error instanceof errors.JWTExpired) return expired();
  if (error instanceof errors.JOSEAlgNotAllowed) return refused(`it must be signed with ${algorithms.join(' or ')}`);
  if (error instanceof errors.JOSEError && REFUSED.test(error.code)) return refused(error.message);
  if (error instanceof ChatError) return error;
  return new Error('the keys of PARLEY_JWKS_URL could not be read', { cause: error });
}

const expired = () =>
  new ChatError('AUTH_ERR_TOKEN_EXPIRED', 'This JWT has expired: ask your application for a new one.');

const refused = (reason: string) =>
  new ChatError('AUTH_ERR_AUTH_TOKEN_NOT_FOUND', `This JWT is not accepted: ${reason}.`);

import { timingSafeEqual } from 'node:crypto';
import { type Awaitable, andThen } from '../awaitable.ts';
import { now } from '../clock.ts';
import type { Config } from '../config.ts';
import { ChatError } from '../errors.ts';
import type { Activity } from '../presence/activity-service.ts';
import type { Database } from '../store/handle.ts';
import type { Users } from '../users/service.ts';
import type { User } from '../users/user.ts';
import type { UserViewer, Viewer } from '../viewer.ts';
import { fingerprint, parseAuthorization } from './credential.ts';
import type { Claims } from './jwt.ts';
import { keptTokens } from './kept-store.ts';
import { authStore } from './store.ts';

const KEY = { kind: 'key' } as const;

/** What a request says of who asks: its headers of these names, or a socket's `connectionParams`. */
export interface Credentials {
  readonly authorization: string | undefined;
  /** `X-Act-As`: the uid of whom an API key acts as. */
  readonly actAs: string | undefined;
}

/** Who asks, and for how long what they have shown holds. */
export interface Session {
  readonly viewer: Viewer;
  /** When the credential expires, in seconds since 1970; null where it holds until it is revoked. */
  readonly expiresAt: number | null;
  /** By what a revocation tells whether it ends this session: a token's row id, or when a JWT was issued, in seconds (0: unsaid). */
  readonly credential:
    | { readonly kind: 'key' }
    | { readonly kind: 'token'; readonly id: number }
    | { readonly kind: 'jwt'; readonly issuedAt: number };
}

interface AuthSettings {
  readonly db: Database;
  readonly users: Users;
  readonly activity: Activity;
  readonly config: Config;
  /** The key of PARLEY_API_KEY, or the one made at the start in development. */
  readonly apiKey: string;
}

/** Who is asking: by API key, user token, or a JWT of the host application. */
export function createAuth({ db, users, activity, config, apiKey }: AuthSettings) {
  const store = authStore(db.read);
  const tokenByHash = keptTokens(db.read);
  const ownKey = Buffer.from(fingerprint(apiKey));
  const trustsJwts = config.PARLEY_JWT_SECRET !== undefined || config.PARLEY_JWKS_URL !== undefined;
  // Loaded where a setting asks for it: it is a twentieth of the time that a start takes.
  const readJwt = trustsJwts ? import('./jwt.ts').then(({ createJwtReader }) => createJwtReader(config)) : undefined;

  function checkKey(key: string): Awaitable<void> {
    const hash = fingerprint(key);
    if (timingSafeEqual(Buffer.from(hash), ownKey)) return;
    return andThen(store.keyByHash(hash), (found) => {
      if (!found) throw new ChatError('AUTH_ERR_APIKEY_NOT_FOUND', 'There is no such API key.');
    });
  }

  /** The user's viewer. */
  function enter({ id, uid, deactivatedAt, deletedAt }: Account, byKey: boolean): UserViewer {
    if (deletedAt !== null) throw new ChatError('AUTH_ERR_NO_ACCESS', `The user "${uid}" was deleted.`);
    if (deactivatedAt !== null) throw new ChatError('AUTH_ERR_NO_ACCESS', `The user "${uid}" is deactivated.`);
    return { kind: 'user', id, uid, byKey };
  }

  function actingAs(uid: string): Awaitable<Viewer> {
    return andThen(users.find({ kind: 'key' }, uid), (user) => {
      if (user) return enter(user, true);
      throw new ChatError('ERR_UID_NOT_FOUND', `X-Act-As: there is no user with the uid "${uid}".`);
    });
  }

  function byToken(token: string): Awaitable<Session> {
    return andThen(tokenByHash(fingerprint(token)), (found) => {
      if (!found) {
        throw new ChatError('AUTH_ERR_AUTH_TOKEN_NOT_FOUND', 'There is no such user token, or it was revoked.');
      }
      if (found.expiresAt !== null && found.expiresAt <= now()) {
        throw new ChatError('AUTH_ERR_TOKEN_EXPIRED', 'This user token has expired: ask for a new one.');
      }
      const { tokenId: id, expiresAt } = found;
      return { viewer: enter(found, false), expiresAt, credential: { kind: 'token', id } };
    });
  }

  async function byJwt(jwt: string): Promise<Session> {
    if (!readJwt) {
      throw new ChatError(
        'AUTH_ERR_AUTH_TOKEN_NOT_FOUND',
        'This server takes no JWTs: its operator has set neither PARLEY_JWT_SECRET nor PARLEY_JWKS_URL.',
      );
    }
    const claims = await (await readJwt)(jwt);
    const known = await users.findAny(claims.uid);
    if (!known && !config.PARLEY_JWT_PROVISION) {
      throw new ChatError('ERR_UID_NOT_FOUND', `There is no user with the uid "${claims.uid}", whom this JWT names.`);
    }
    const user = known ?? (await users.provision(claims.uid, claims.name));
    if (isRevoked(claims, user)) {
      throw new ChatError('AUTH_ERR_AUTH_TOKEN_NOT_FOUND', 'This JWT was revoked: ask your application for a new one.');
    }
    const { issuedAt = 0, expiresAt = null } = claims;
    return { viewer: enter(user, false), expiresAt, credential: { kind: 'jwt', issuedAt } };
  }

  /**
   * Whom credentials name, and until when; undefined where they name nobody. Throws, at once or as a promise, a ChatError for those
   * that are not accepted. On SQLite the answer for keys and user tokens is there at once.
   */
  function look({ authorization, actAs }: Credentials): Awaitable<Session | undefined> {
    if (authorization === undefined) {
      if (actAs === undefined) return undefined;
      throw refuseActing('send one as "Authorization: Bearer <API key>"');
    }
    const { kind, secret } = parseAuthorization(authorization);
    if (kind === 'key') {
      const viewer = andThen(checkKey(secret), (): Awaitable<Viewer> => (actAs === undefined ? KEY : actingAs(actAs)));
      return andThen(viewer, (known) => ({ viewer: known, expiresAt: null, credential: KEY }));
    }
    if (actAs !== undefined) throw refuseActing('a user token or a JWT already says who asks');
    return kind === 'token' ? byToken(secret) : byJwt(secret);
  }

  /** The same, of who asks: they have done something just now. */
  const signIn = (credentials: Credentials): Awaitable<Session | undefined> =>
    andThen(look(credentials), (session) => {
      if (session?.viewer.kind === 'user') activity.touch(session.viewer.id);
      return session;
    });

  return {
    look,
    signIn,
    /** Who asks, as `signIn` finds them. */
    authenticate: (credentials: Credentials): Awaitable<Viewer | undefined> =>
      andThen(signIn(credentials), (session) => session?.viewer),
  };
}

export type Auth = ReturnType<typeof createAuth>;

type Account = Pick<User, 'id' | 'uid' | 'deactivatedAt' | 'deletedAt'>;

/** A JWT that does not say when it was issued can't be told from those that were revoked. */
const isRevoked = ({ issuedAt }: Claims, { tokensRevokedAt }: User): boolean =>
  tokensRevokedAt !== null && Math.floor(issuedAt ?? 0) <= tokensRevokedAt;

const refuseActing = (why: string) =>
  new ChatError('AUTH_ERR_NO_ACCESS', `The header "X-Act-As" is for API keys alone: ${why}.`);

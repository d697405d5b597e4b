import { hash, randomBytes } from 'node:crypto';
import { ChatError } from '../errors.ts';

const TOKEN_PREFIX = 'pt_';
const TOKEN_BYTES = 32;

/** What `Authorization` holds; its kind is told by its form alone. */
export interface Credential {
  readonly kind: 'token' | 'jwt' | 'key';
  readonly secret: string;
}

/** Reads `Bearer …`. Throws AUTH_ERR_AUTH_TOKEN_NOT_FOUND for anything else. */
export function parseAuthorization(header: string): Credential {
  const secret = /^Bearer +([!-~][ -~]*)$/i.exec(header.trim())?.[1];
  if (secret) return { kind: kindOf(secret), secret };
  throw new ChatError(
    'AUTH_ERR_AUTH_TOKEN_NOT_FOUND',
    'The header "Authorization" must be "Bearer <user token, JWT or API key>".',
  );
}

function kindOf(secret: string): Credential['kind'] {
  if (secret.startsWith(TOKEN_PREFIX)) return 'token';
  return secret.split('.').length === 3 ? 'jwt' : 'key';
}

/** A user token that nobody can guess. */
export const makeToken = (): string => TOKEN_PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');

/** What is stored in a secret's place: its SHA-256, in hexadecimal digits. */
export const fingerprint = (secret: string): string => hash('sha256', secret);

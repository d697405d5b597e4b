import type { Who } from '../support/client.ts';
import type { TestServer } from '../support/server.ts';

/** What the server makes of the credentials: the uid of `me` (null for an API key), or the code and message of its refusal. */
export async function whoAmI(server: TestServer, who: Who) {
  const { data, errors, status } = await server.query('{ me { uid } }', undefined, who);
  const [error] = errors;
  if (error) return { status, code: error.extensions['code'], message: error.message };
  return { status, uid: data.me?.uid ?? null };
}

/** Credentials that are sent as they are. */
export const withHeader = (authorization: string): Who => ({ anonymous: true, headers: { authorization } });

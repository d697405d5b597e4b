import { hash } from 'node:crypto';
import Sqlite from 'better-sqlite3';

/** A row of `users`, as far as the servers here show it. */
export interface User {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
  readonly avatar: string | null;
}

interface Account extends User {
  readonly expires_at: number | null;
  readonly deactivated_at: number | null;
  readonly deleted_at: number | null;
}

/** Opens a database of Parley to read it beside Parley, with a page cache as large as Parley's. */
export function connect(file: string): Sqlite.Database {
  const client = new Sqlite(file, { readonly: true });
  client.pragma('cache_size = -32768');
  return client;
}

/** Finds whose token a header `Authorization` holds, as Parley does. Throws where nobody may sign in with it. */
export function signIn(client: Sqlite.Database): (authorization: string | undefined) => User {
  const byToken = client.prepare<[string], Account>(
    `select t.expires_at, u.id, u.uid, u.name, u.avatar, u.deactivated_at, u.deleted_at
     from auth_tokens t join users u on u.id = t.user_id where t.hash = ?`,
  );
  return (authorization = '') => {
    const account = byToken.get(hash('sha256', authorization.slice('Bearer '.length)));
    const now = Date.now() / 1000;
    if (!account || account.deactivated_at !== null || account.deleted_at !== null || (account.expires_at ?? now) < now)
      throw new Error('nobody may sign in with this token');
    return account;
  };
}

/** Says where a server listens, for the benchmark that started it. */
export const say = (port: number): void => void process.stdout.write(`ready: http://127.0.0.1:${port}/graphql\n`);

/** The database that the benchmark names. */
export const fileOfArguments = (): string => process.argv[2] ?? '';

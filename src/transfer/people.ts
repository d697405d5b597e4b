import { isDeepStrictEqual } from 'node:util';
import { must } from '../store/handle.ts';
import { sortKey, type User } from '../users/user.ts';
import { LineError, take } from './fields.ts';
import type { Named } from './message-draft.ts';
import { type EmbeddedUser, embeddedUser, type UserLine } from './profile-lines.ts';

/** As much of somebody as others need to know. */
export type Person = Pick<User, 'id' | 'uid' | 'name' | 'sortKey'>;

/** What becomes of a line: it adds something, completes what is there, or finds it there already. */
export type Taken = 'added' | 'completed' | 'there';

const COMPLETED = [
  'name',
  'avatar',
  'link',
  'role',
  'email',
  'credits',
  'statusMessage',
  'metadata',
  'tags',
] as const satisfies readonly (keyof User & keyof EmbeddedUser)[];

/** What makes a user: only lines of kind user tell all of it. */
type NewUser = EmbeddedUser & {
  readonly [field in Exclude<keyof UserLine, keyof EmbeddedUser>]?: UserLine[field] | undefined;
};

/** The people that the lines of a batch are about: those found, and those they add, who take their row ids from `ids`. */
export function createPeople(found: readonly Person[], profiles: readonly User[], ids: readonly number[], now: number) {
  const byUid = new Map(found.map((person) => [person.uid, person]));
  const byProfile = new Map(profiles.map((user) => [user.uid, user]));
  const added: User[] = [];
  const completed = new Set<User>();

  function add(profile: NewUser): User {
    const user = newUser(must(ids[added.length]), profile, now);
    byUid.set(user.uid, user);
    byProfile.set(user.uid, user);
    added.push(user);
    return user;
  }

  return {
    added,
    completed,
    find: (uid: string): Person | undefined => byUid.get(uid),
    get(uid: string, field: string): Person {
      const user = byUid.get(uid);
      if (!user) throw new LineError(field, `there is no user "${uid}"`);
      return user;
    },
    add,
    /** Takes a line of kind user. Throws a LineError where it contradicts what is there. */
    take(line: UserLine): Taken {
      const user = byProfile.get(line.uid);
      if (!user) return add(line) && 'added';
      const changes = completion(user, line, COMPLETED);
      if (Object.keys(changes).length === 0) return 'there';
      Object.assign(user, changes, {
        sortKey: sortKey((changes['name'] as string | undefined) ?? user.name, user.uid),
      });
      byUid.set(user.uid, user);
      completed.add(user);
      return 'completed';
    },
    /** Those whom a message names and who are not there yet. Throws a LineError for a profile that can't be taken. */
    missing(named: readonly Named[]): EmbeddedUser[] {
      const unknown = named.filter(({ uid }) => typeof uid === 'string' && !byUid.has(uid));
      if (unknown.length === 0) return [];
      const profiles = unknown.map((one) => take(embeddedUser, one, String(one.uid)));
      return [...new Map(profiles.map((profile) => [profile.uid, profile])).values()];
    },
  };
}

export type People = ReturnType<typeof createPeople>;

/**
 * What a line adds to a row: the fields that are empty there, a name that is only the id among them. Throws a LineError for the
 * first field that differs.
 */
export function completion<Row extends { name: string; uid?: string; guid?: string }>(
  row: Row,
  line: { readonly [field in keyof Row]?: unknown },
  fields: readonly (keyof Row & string)[],
): Partial<Record<keyof Row, unknown>> {
  const changes: Partial<Record<keyof Row, unknown>> = {};
  for (const field of fields) {
    const [there, given] = [row[field], line[field]];
    if (isEmpty(given) || isDeepStrictEqual(there, given)) continue;
    if (!isEmpty(there) && !(field === 'name' && isId(row, there))) {
      throw new LineError(field, `is ${JSON.stringify(there)} already, and nothing is overwritten`);
    }
    changes[field] = given;
  }
  return changes;
}

const isEmpty = (value: unknown): boolean => value == null || (Array.isArray(value) && value.length === 0);

const isId = (row: { uid?: string; guid?: string }, name: unknown): boolean => name === (row.uid ?? row.guid);

function newUser(id: number, profile: NewUser, now: number): User {
  const name = profile.name ?? profile.uid;
  return {
    id,
    uid: profile.uid,
    sortKey: sortKey(name, profile.uid),
    name,
    avatar: profile.avatar ?? null,
    link: profile.link ?? null,
    role: profile.role ?? null,
    email: profile.email ?? null,
    credits: profile.credits ?? null,
    statusMessage: profile.statusMessage ?? null,
    metadata: (profile.metadata ?? null) as User['metadata'],
    tags: profile.tags ?? [],
    lastActiveAt: profile.lastActiveAt ?? null,
    createdAt: profile.createdAt ?? now,
    updatedAt: profile.updatedAt ?? null,
    deactivatedAt: profile.deactivatedAt ?? null,
    deletedAt: profile.deletedAt ?? null,
    tokensRevokedAt: profile.tokensRevokedAt ?? null,
  };
}

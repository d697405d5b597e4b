/** Follows "Users" of reference/semantics.md, and what it says of blocking. */
import { type As, findUser, KEY, must, type Person, person, Refusal, type World } from './world.ts';

export interface Profile {
  name?: string;
  statusMessage?: string | null;
  role?: string | null;
  tags?: string[];
}

function requireKey(as: As): void {
  must(as === KEY, 'AUTH_ERR_NO_ACCESS');
}

export function createUser(world: World, as: As, { uid, ...profile }: Profile & { uid: string; name: string }): void {
  requireKey(as);
  must(!world.people.has(uid), 'ERR_UID_ALREADY_EXISTS');
  const nothing = { statusMessage: null, role: null, tags: [], blocks: new Set<string>() };
  world.people.set(uid, { state: 'active', ...nothing, ...profile });
}

export function updateUser(world: World, as: As, { uid, ...profile }: Profile & { uid: string }): void {
  requireKey(as);
  Object.assign(findUser(world, as, uid), profile);
}

/** "`updateMe` changes name, avatar, link, statusMessage and metadata." */
export function updateMe(world: World, as: As, profile: Pick<Profile, 'name' | 'statusMessage'>): void {
  Object.assign(findUser(world, as, person(as)), profile);
}

/** What was done to one of several users, or why not. */
export interface UserResult {
  uid: string;
  code: string | null;
}

function forEach(uids: string[], change: (uid: string) => void): UserResult[] {
  return [...new Set(uids)].map((uid) => {
    try {
      change(uid);
      return { uid, code: null };
    } catch (error) {
      if (error instanceof Refusal) return { uid, code: error.code };
      throw error;
    }
  });
}

export function setState(world: World, as: As, uids: string[], state: Person['state']): UserResult[] {
  requireKey(as);
  return forEach(uids, (uid) => {
    findUser(world, as, uid).state = state;
  });
}

export function block(world: World, as: As, uids: string[]): UserResult[] {
  const uid = person(as);
  return forEach(uids, (other) => {
    must(other !== uid, 'ERR_CANNOT_BLOCK_SELF');
    findUser(world, as, other);
    world.people.get(uid)?.blocks.add(other);
  });
}

/** Also somebody who has been deactivated since: the list is one's own. */
export function unblock(world: World, as: As, uids: string[]): UserResult[] {
  const uid = person(as);
  return forEach(uids, (other) => {
    if (!world.people.get(uid)?.blocks.delete(other)) findUser(world, as, other);
  });
}

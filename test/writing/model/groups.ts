/** Follows "Groups" and "Actions" of reference/semantics.md. */
import { append } from './messages.ts';
import { reach } from './receipts.ts';
import {
  type As,
  findGroup,
  findUser,
  type Group,
  KEY,
  type Message,
  must,
  newestIn,
  person,
  Refusal,
  refuse,
  type Scope,
  standingOf,
  type World,
} from './world.ts';

const RANK: Record<Scope, number> = { PARTICIPANT: 0, MODERATOR: 1, ADMIN: 2 };

/** The table of Actions. */
const VERBS = {
  MEMBER_JOINED: 'joined',
  MEMBER_LEFT: 'left',
  MEMBER_KICKED: 'kicked',
  MEMBER_BANNED: 'banned',
  MEMBER_UNBANNED: 'unbanned',
  MEMBER_INVITED: 'added',
  MEMBER_SCOPE_CHANGED: 'made',
} as const;

/** "Each operation on a group's membership makes one Action in the group's history." */
function tell(
  world: World,
  as: As,
  guid: string,
  by: string,
  action: keyof typeof VERBS,
  on: string | null,
  scopes?: [Scope, Scope],
): Message {
  const nameOf = (uid: string | null) => world.people.get(uid ?? '')?.name;
  const [oldScope = null, newScope = null] = scopes ?? [];
  const words = [nameOf(by), VERBS[action], nameOf(on), newScope?.toLowerCase()];
  const message = words.filter((word) => word !== undefined).join(' ');
  const content = { type: 'GROUP_MEMBER', action, actionOn: on, message, oldScope, newScope } as const;
  const to = { receiverType: 'GROUP', receiverId: guid } as const;
  return append(world, by, to, content, as !== KEY && on !== null && action !== 'MEMBER_INVITED');
}

/** The group and who acts in it: an API key acts as the owner. "Who is not a member gets ERR_GROUP_NOT_JOINED." */
function enter(world: World, as: As, guid: string): { group: Group; by: string; scope: Scope } {
  const group = findGroup(world, as, guid);
  if (as === KEY) return { group, by: group.owner, scope: 'ADMIN' };
  return { group, by: as, scope: group.members.get(as)?.scope ?? refuse('ERR_GROUP_NOT_JOINED') };
}

/** "A new member's read mark stands at joining", which the Action tells of. */
function seat(world: World, guid: string, uid: string, scope: Scope): void {
  const since = newestIn(world, `group_${guid}`);
  world.groups.get(guid)?.members.set(uid, { scope, since });
  const standing = standingOf(world, `group_${guid}`, uid);
  standing.read = Math.max(standing.read, since);
  standing.readMark = Math.max(standing.readMark, since);
  standing.deliveredMark = Math.max(standing.deliveredMark, since);
}

export interface NewGroup {
  guid: string;
  name: string;
  type: Group['type'];
  password?: string;
  description?: string | null;
  tags?: string[];
  owner?: string;
  members?: Invited[];
}

/** "The creator is owner and admin"; a key names the owner. */
export function createGroup(world: World, as: As, given: NewGroup) {
  const { guid, name, type, password, description = null, tags = [] } = given;
  must(as === KEY || given.owner === undefined, 'AUTH_ERR_NO_ACCESS');
  const owner = as === KEY ? (given.owner ?? refuse('ERR_BAD_REQUEST')) : as;
  must(type !== 'PASSWORD' || Boolean(password), 'ERR_EMPTY_GROUP_PASS');
  must(type === 'PASSWORD' || !password, 'ERR_BAD_REQUEST');
  findUser(world, as, owner);
  must(!world.groups.has(guid), 'ERR_GUID_ALREADY_EXISTS');
  const group: Group = {
    name,
    type,
    password: password ?? null,
    description,
    tags: [...new Set(tags)],
    owner,
    members: new Map(),
    banned: new Set(),
  };
  world.groups.set(guid, group);
  seat(world, guid, owner, 'ADMIN');
  return addAll(world, as, guid, given.members ?? []);
}

export interface GroupChanges {
  guid: string;
  name?: string;
  type?: Group['type'];
  password?: string;
  description?: string | null;
  tags?: string[];
}

export function updateGroup(world: World, as: As, { guid, ...changes }: GroupChanges): void {
  const { group, scope } = enter(world, as, guid);
  must(scope !== 'PARTICIPANT', 'ERR_GROUP_NO_MODERATOR_SCOPE');
  const type = changes.type ?? group.type;
  const password = type === 'PASSWORD' ? (changes.password ?? group.password) : null;
  must(type !== 'PASSWORD' || Boolean(password), 'ERR_EMPTY_GROUP_PASS');
  must(type === 'PASSWORD' || !changes.password, 'ERR_BAD_REQUEST');
  Object.assign(group, changes, { type, password }, changes.tags && { tags: [...new Set(changes.tags)] });
}

export function deleteGroup(world: World, as: As, guid: string): void {
  const { scope } = enter(world, as, guid);
  must(scope === 'ADMIN', 'ERR_GROUP_NO_ADMIN_SCOPE');
  world.groups.delete(guid);
  world.standings.delete(`group_${guid}`);
  for (const message of world.messages.filter(({ conversation }) => conversation === `group_${guid}`)) {
    message.purged = true;
    message.conversation = ''; // another group may take the guid
  }
}

/** Joined by anyone who is not banned, "whoever gives the password", or not at all. */
export function join(world: World, as: As, guid: string, password?: string): Message {
  const uid = person(as);
  const group = findGroup(world, as, guid);
  must(!group.members.has(uid), 'ERR_ALREADY_JOINED');
  must(!group.banned.has(uid), 'ERR_BANNED_GROUPMEMBER');
  if (group.type === 'PASSWORD') {
    must(Boolean(password), 'ERR_EMPTY_GROUP_PASS');
    must(password === group.password, 'ERR_WRONG_GROUP_PASS');
  }
  const action = tell(world, as, guid, uid, 'MEMBER_JOINED', null);
  seat(world, guid, uid, 'PARTICIPANT');
  return action;
}

/** "The owner cannot leave before a transfer." */
export function leave(world: World, as: As, guid: string): Message {
  const uid = person(as);
  const { group } = enter(world, as, guid);
  must(group.owner !== uid, 'ERR_OWNER_CANNOT_LEAVE');
  const action = tell(world, as, guid, uid, 'MEMBER_LEFT', null);
  group.members.delete(uid);
  return action;
}

/** Who may do anything to another at all. */
function requirePower(world: World, as: As, by: string, scope: Scope, group: Group, uid: string): void {
  must(as === KEY || uid !== by, 'ERR_GROUP_NO_SELF_ACTION');
  must(scope !== 'PARTICIPANT', 'ERR_GROUP_NO_MODERATOR_SCOPE');
  requireTarget(world, as, group, uid);
}

/** Who is concerned is found by the group's own lists, also if they have been deactivated since. */
function requireTarget(world: World, as: As, group: Group, uid: string): void {
  if (!group.members.has(uid) && !group.banned.has(uid)) findUser(world, as, uid);
}

/** Who may put whom out: moderators participants, admins anybody, "nobody but an API key" the owner. */
function requireClearance(as: As, scope: Scope, group: Group, uid: string): void {
  const on = group.members.get(uid)?.scope ?? 'PARTICIPANT';
  must(scope === 'ADMIN' || on === 'PARTICIPANT', 'ERR_GROUP_NO_CLEARANCE');
  must(as === KEY || uid !== group.owner, 'ERR_GROUP_NO_CLEARANCE');
}

/**
 * "Every group has an owner": before a key puts one out, or demotes them, the group goes to who has been there longest of the
 * admins, else of the moderators, else of the participants. Gives who acts for the key from then on.
 */
function dethrone(group: Group, by: string, uid: string): string {
  if (uid !== group.owner) return by;
  const others = [...group.members].filter(([other]) => other !== uid);
  const [heir] = others.sort(([, a], [, b]) => RANK[b.scope] - RANK[a.scope])[0] ?? refuse('ERR_OWNER_CANNOT_LEAVE');
  group.owner = heir;
  Object.assign(group.members.get(heir) ?? {}, { scope: 'ADMIN' });
  return heir;
}

export function kick(world: World, as: As, guid: string, uid: string): Message {
  const { group, by, scope } = enter(world, as, guid);
  requirePower(world, as, by, scope, group, uid);
  requireClearance(as, scope, group, uid);
  must(group.members.has(uid), 'ERR_NOT_A_MEMBER');
  const action = tell(world, as, guid, dethrone(group, by, uid), 'MEMBER_KICKED', uid);
  group.members.delete(uid);
  return action;
}

export function ban(world: World, as: As, guid: string, uid: string): Message {
  const { group, by, scope } = enter(world, as, guid);
  requirePower(world, as, by, scope, group, uid);
  requireClearance(as, scope, group, uid);
  must(!group.banned.has(uid), 'ERR_ALREADY_BANNED');
  must(group.members.has(uid), 'ERR_NOT_A_MEMBER');
  const action = tell(world, as, guid, dethrone(group, by, uid), 'MEMBER_BANNED', uid);
  group.members.delete(uid);
  group.banned.add(uid);
  return action;
}

export function unban(world: World, as: As, guid: string, uid: string): Message {
  const { group, by, scope } = enter(world, as, guid);
  requirePower(world, as, by, scope, group, uid);
  must(group.banned.delete(uid), 'ERR_NOT_A_BANNED_USER');
  return tell(world, as, guid, by, 'MEMBER_UNBANNED', uid);
}

export function changeScope(world: World, as: As, guid: string, uid: string, to: Scope): Message {
  const { group, by, scope } = enter(world, as, guid);
  requirePower(world, as, by, scope, group, uid);
  const target = group.members.get(uid) ?? refuse('ERR_NOT_A_MEMBER');
  must(target.scope !== to, 'ERR_SAME_SCOPE');
  must(scope === 'ADMIN' || (target.scope === 'PARTICIPANT' && to === 'MODERATOR'), 'ERR_GROUP_NO_CLEARANCE');
  must(as === KEY || uid !== group.owner, 'ERR_GROUP_NO_CLEARANCE');
  const old = target.scope;
  const actor = dethrone(group, by, uid);
  target.scope = to;
  return tell(world, as, guid, actor, 'MEMBER_SCOPE_CHANGED', uid, [old, to]);
}

/** "Only the owner transfers." A new owner is an event, not an Action. */
export function transfer(world: World, as: As, guid: string, uid: string): void {
  const { group, by } = enter(world, as, guid);
  must(as === KEY || uid !== by, 'ERR_GROUP_NO_SELF_ACTION');
  must(by === group.owner, 'ERR_GROUP_NO_CLEARANCE');
  requireTarget(world, as, group, uid);
  const target = group.members.get(uid) ?? refuse('ERR_NOT_A_MEMBER');
  group.owner = uid;
  target.scope = 'ADMIN';
}

export interface Invited {
  uid: string;
  scope?: Scope;
}

/** What adding one came to: the Action that tells of it, or why it was not done. */
export type Added = { uid: string } & ({ action: Message; code: null } | { action: null; code: string });

export function add(world: World, as: As, guid: string, members: Invited[]): Added[] {
  must(enter(world, as, guid).scope === 'ADMIN', 'ERR_GROUP_NO_ADMIN_SCOPE');
  return addAll(world, as, guid, members);
}

/** "Admin wins over moderator over participant for one uid; one failure does not fail the others." Who adds has read up to the last. */
function addAll(world: World, as: As, guid: string, members: Invited[]): Added[] {
  const wanted = new Map<string, Scope>();
  for (const { uid, scope = 'PARTICIPANT' } of members) {
    const other = wanted.get(uid);
    wanted.set(uid, other && RANK[other] > RANK[scope] ? other : scope);
  }
  const before = newestIn(world, `group_${guid}`);
  const results = [...wanted].map(([uid, scope]): Added => {
    try {
      return { uid, action: addOne(world, as, guid, uid, scope), code: null };
    } catch (error) {
      if (error instanceof Refusal) return { uid, action: null, code: error.code };
      throw error;
    }
  });
  const after = newestIn(world, `group_${guid}`);
  if (as !== KEY && after > before) reach(world, `group_${guid}`, as, 'read', after, before);
  return results;
}

function addOne(world: World, as: As, guid: string, uid: string, scope: Scope): Message {
  const { group, by } = enter(world, as, guid);
  findUser(world, as, uid);
  must(!group.members.has(uid), 'ERR_ALREADY_JOINED');
  must(!group.banned.has(uid), 'ERR_BANNED_GROUPMEMBER');
  const action = tell(world, as, guid, by, 'MEMBER_INVITED', uid);
  seat(world, guid, uid, scope);
  return action;
}

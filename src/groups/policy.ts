import { ChatError, type ErrorCode } from '../errors.ts';
import type { Viewer } from '../viewer.ts';
import type { Group, Scope } from './group.ts';

const YES = 'yes';
const NO_ADMIN = 'ERR_GROUP_NO_ADMIN_SCOPE';
const NO_MODERATOR = 'ERR_GROUP_NO_MODERATOR_SCOPE';
const NO_CLEARANCE = 'ERR_GROUP_NO_CLEARANCE';
const NOT_THEIRS = 'ERR_MESSAGE_NO_ACCESS';

/**
 * Who may do what in a group, by scope, or else the code that they get. Who is no member gets ERR_GROUP_NOT_JOINED for all of it; an
 * API key on nobody's behalf may all of it. Whoever is banned counts as a participant.
 */
const MAY = {
  'see members': { admin: YES, moderator: YES, participant: YES },
  'see who is banned': { admin: YES, moderator: YES, participant: NO_MODERATOR },
  'update the group': { admin: YES, moderator: YES, participant: NO_MODERATOR },
  'delete the group': { admin: YES, moderator: NO_ADMIN, participant: NO_ADMIN },
  'add members': { admin: YES, moderator: NO_ADMIN, participant: NO_ADMIN },
  'kick, ban and unban participants': { admin: YES, moderator: YES, participant: NO_MODERATOR },
  'kick, ban and unban moderators and admins': { admin: YES, moderator: NO_CLEARANCE, participant: NO_MODERATOR },
  'make participants moderators': { admin: YES, moderator: YES, participant: NO_MODERATOR },
  'change any scope to any': { admin: YES, moderator: NO_CLEARANCE, participant: NO_MODERATOR },
  'delete the messages of others': { admin: YES, moderator: YES, participant: NOT_THEIRS },
  'pin messages': { admin: YES, moderator: YES, participant: NOT_THEIRS },
} as const satisfies Record<string, Record<Scope, typeof YES | ErrorCode>>;

export type GroupRight = keyof typeof MAY;

/** Public and password groups are seen by everyone; a private one does not exist but for its members and API keys. */
export const isSeen = (viewer: Viewer, group: Group, scope: Scope | undefined): boolean =>
  viewer.kind === 'key' || group.type !== 'private' || scope !== undefined;

/** Whether a viewer with this scope (undefined: not a member) may. */
export function may(viewer: Viewer, what: GroupRight, scope: Scope | undefined): boolean {
  return viewer.kind === 'key' || (scope !== undefined && MAY[what][scope] === YES);
}

/** Refuses who may not: ERR_GROUP_NOT_JOINED where they are not a member, else the code that the table has for their scope. */
export function check(viewer: Viewer, what: GroupRight, scope: Scope | undefined): void {
  if (may(viewer, what, scope)) return;
  if (scope === undefined) throw new ChatError('ERR_GROUP_NOT_JOINED', `Only members of the group may ${what}.`);
  const allowed = Object.entries(MAY[what]).flatMap(([one, answer]) => (answer === YES ? [one] : []));
  const code = MAY[what][scope] as ErrorCode;
  throw new ChatError(code, `Only who is ${allowed.join(' or ')} of the group may ${what}; you are ${scope}.`);
}

/** What it takes to kick, ban or unban somebody who holds this scope. */
export const rightToRemove = (scope: Scope): GroupRight =>
  scope === 'participant' ? 'kick, ban and unban participants' : 'kick, ban and unban moderators and admins';

/** What it takes to give somebody another scope. */
export const rightToChange = (from: Scope, to: Scope): GroupRight =>
  from === 'participant' && to === 'moderator' ? 'make participants moderators' : 'change any scope to any';

/** Refuses who is no member: ERR_GROUP_NOT_JOINED. */
export function checkJoined(viewer: Viewer, scope: Scope | undefined): void {
  if (viewer.kind === 'key' || scope !== undefined) return;
  throw new ChatError('ERR_GROUP_NOT_JOINED', 'You are not a member of the group.');
}

/** Nobody does to themselves what is done to others: ERR_GROUP_NO_SELF_ACTION. */
export function checkOther(viewer: Viewer, uid: string): void {
  if (viewer.kind === 'key' || viewer.uid !== uid) return;
  throw new ChatError('ERR_GROUP_NO_SELF_ACTION', '`uid` is your own: nobody does this to themselves.');
}

/** Nobody but an API key kicks, bans or demotes the owner: ERR_GROUP_NO_CLEARANCE. */
export function checkNotOwner(viewer: Viewer, group: Group, targetId: number): void {
  if (viewer.kind === 'key' || group.ownerId !== targetId) return;
  throw new ChatError('ERR_GROUP_NO_CLEARANCE', '`uid` is the group’s owner’s: only an API key does this to them.');
}

/** Only the owner, and an API key, hands a group over: ERR_GROUP_NO_CLEARANCE. */
export function checkOwner(viewer: Viewer, group: Group): void {
  if (viewer.kind === 'key' || group.ownerId === viewer.id) return;
  throw new ChatError('ERR_GROUP_NO_CLEARANCE', 'Only the group’s owner hands it over.');
}

/** The owner of a group can't leave it: ERR_OWNER_CANNOT_LEAVE. */
export function checkMayLeave(group: Group, userId: number): void {
  if (group.ownerId !== userId) return;
  throw new ChatError('ERR_OWNER_CANNOT_LEAVE', 'You own the group: hand it to another member before you leave.');
}

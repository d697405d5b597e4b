import { ChatError, type ErrorCode } from '../errors.ts';
import type { Viewer } from '../viewer.ts';
import type { Group, Scope } from './group.ts';

/** What can be done with a group's people, and the scopes that may. */
const MAY = {
  'see members': { scopes: ['admin', 'moderator', 'participant'], refusal: 'ERR_GROUP_NOT_JOINED' },
  'see who is banned': { scopes: ['admin', 'moderator'], refusal: 'ERR_GROUP_NO_MODERATOR_SCOPE' },
  'delete the messages of others': { scopes: ['admin', 'moderator'], refusal: 'ERR_MESSAGE_NO_ACCESS' },
  'pin messages': { scopes: ['admin', 'moderator'], refusal: 'ERR_MESSAGE_NO_ACCESS' },
} as const satisfies Record<string, { scopes: readonly Scope[]; refusal: ErrorCode }>;

/** Public and password groups are seen by everyone; a private one does not exist but for its members and API keys. */
export const isSeen = (viewer: Viewer, group: Group, scope: Scope | undefined): boolean =>
  viewer.kind === 'key' || group.type !== 'private' || scope !== undefined;

/** Whether a viewer with this scope (undefined: not a member) may. */
export function may(viewer: Viewer, what: keyof typeof MAY, scope: Scope | undefined): boolean {
  return viewer.kind === 'key' || (scope !== undefined && (MAY[what].scopes as readonly Scope[]).includes(scope));
}

/** Refuses who may not: ERR_GROUP_NOT_JOINED where they are not a member, else the code of what is missing. */
export function check(viewer: Viewer, what: keyof typeof MAY, scope: Scope | undefined): void {
  if (may(viewer, what, scope)) return;
  if (scope === undefined) throw new ChatError('ERR_GROUP_NOT_JOINED', `Only members of the group may ${what}.`);
  const { refusal, scopes } = MAY[what];
  throw new ChatError(refusal, `Only who is ${scopes.join(' or ')} of the group may ${what}; you are ${scope}.`);
}

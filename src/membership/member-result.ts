import type { ErrorCode } from '../errors.ts';
import type { Membership, Scope } from '../groups/group.ts';
import type { Message } from '../messages/message.ts';

/** Who is to be added to a group; as participant, where no scope is given. */
export interface Wanted {
  readonly uid: string;
  readonly scope?: Scope | null | undefined;
}

/** What became of one who was to be added: the membership and its Action, or the code of why not. */
export interface MemberResult {
  readonly uid: string;
  readonly membership: Membership | null;
  readonly action: Message | null;
  readonly code: ErrorCode | null;
}

const HIGHEST_FIRST: readonly Scope[] = ['admin', 'moderator', 'participant'];

/** Each uid once, in the order in which they are first named, with the highest scope that is given for it. */
export function highestScopes(wanted: readonly Wanted[]): Map<string, Scope> {
  const scopes = new Map<string, Scope>();
  for (const { uid, scope } of wanted) {
    const given = [scope ?? 'participant', scopes.get(uid)];
    scopes.set(uid, HIGHEST_FIRST.find((one) => given.includes(one)) ?? 'participant');
  }
  return scopes;
}

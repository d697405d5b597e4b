import type { ErrorCode } from '../errors.ts';
import { requireKey, requireUser, type UserViewer, type Viewer } from '../viewer.ts';

const YES = 'yes';
const NO = 'AUTH_ERR_NO_ACCESS';

/**
 * Who may do what with people and their tokens, or else the code that they get: a user (by a token of theirs, or a key that acts as
 * them), and an API key on nobody's behalf.
 */
export const MAY = {
  'create users': { user: NO, key: YES },
  'update any user': { user: NO, key: YES },
  'deactivate and reactivate users': { user: NO, key: YES },
  'delete users': { user: NO, key: YES },
  'make and revoke tokens': { user: NO, key: YES },
  'update their own profile': { user: YES, key: NO },
  'block and unblock users': { user: YES, key: NO },
} as const satisfies Record<string, Record<Viewer['kind'], typeof YES | ErrorCode>>;

export type UserRight = keyof typeof MAY;

/** What users may do as themselves. */
type OwnRight = { [Right in UserRight]: (typeof MAY)[Right]['user'] extends typeof YES ? Right : never }[UserRight];

/** The viewer as one who may. Throws AUTH_ERR_NO_ACCESS for anybody else. */
export function check(viewer: Viewer | undefined, what: OwnRight): UserViewer;
export function check(viewer: Viewer | undefined, what: UserRight): void;
export function check(viewer: Viewer | undefined, what: UserRight): UserViewer | undefined {
  if (MAY[what].user === YES) return requireUser(viewer);
  requireKey(viewer);
  return undefined;
}

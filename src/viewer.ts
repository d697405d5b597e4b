import { ChatError } from './errors.ts';

/** Who asks: a user (by a token, or an API key that acts as them), or an API key on nobody's behalf. */
export type Viewer =
  | { readonly kind: 'user'; readonly id: number; readonly uid: string; readonly byKey: boolean }
  | { readonly kind: 'key' };

/** An API key on nobody's behalf: who may do everything. */
export const KEY: Viewer = { kind: 'key' };

export type UserViewer = Extract<Viewer, { kind: 'user' }>;

/** Says who asks. What several share must not depend on that: there it throws, and `shared` is set. */
export interface Who {
  (): Viewer | undefined;
  readonly shared?: boolean;
}

/** The viewer, or AUTH_ERR_NO_ACCESS where nobody is signed in. */
export function requireViewer(viewer: Viewer | undefined): Viewer {
  if (!viewer)
    throw new ChatError(
      'AUTH_ERR_NO_ACCESS',
      'Sign in first: send the header "Authorization: Bearer <token or API key>".',
    );
  return viewer;
}

/** The viewer as a person, or AUTH_ERR_NO_ACCESS where an API key acts on nobody's behalf. */
export function requireUser(viewer: Viewer | undefined): UserViewer {
  const known = requireViewer(viewer);
  if (known.kind === 'user') return known;
  throw new ChatError(
    'AUTH_ERR_NO_ACCESS',
    'Only a user can do this: let the API key act as one with the header "X-Act-As: <uid>".',
  );
}

/** Refuses who is not an API key on nobody's behalf: AUTH_ERR_NO_ACCESS. */
export function requireKey(viewer: Viewer | undefined): void {
  if (requireViewer(viewer).kind === 'key') return;
  throw new ChatError('AUTH_ERR_NO_ACCESS', 'Only an API key can do this, and without the header "X-Act-As".');
}

/** The user's row id; -1 where an API key acts on nobody's behalf: no user has it, and no mark, of which 0 are all members'. */
export const idOf = (viewer: Viewer): number => (viewer.kind === 'user' ? viewer.id : -1);

/** Who did something, as it is kept: the user's row id; null where an API key did it on nobody's behalf. */
export const byOf = (viewer: Viewer): number | null => (viewer.kind === 'user' ? viewer.id : null);

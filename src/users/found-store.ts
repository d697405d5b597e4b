import { ChatError } from '../errors.ts';
import type { Handle } from '../store/handle.ts';
import type { Viewer } from '../viewer.ts';
import { userStore } from './store.ts';
import { isFound, type User } from './user.ts';

/** The user with this uid. Throws ERR_UID_NOT_FOUND where there is none that the viewer can find. */
export async function getUser(handle: Handle, viewer: Viewer, uid: string): Promise<User> {
  const user = await userStore(handle).byUid(uid);
  if (user && isFound(user, viewer.kind === 'key')) return user;
  throw new ChatError('ERR_UID_NOT_FOUND', `There is no user with the uid "${uid}".`);
}

import { ChatError } from '../errors.ts';
import { type Handle, must } from '../store/handle.ts';
import type { UserViewer, Viewer } from '../viewer.ts';
import { userStore } from './store.ts';
import { isFound, type User } from './user.ts';

/** The user with this uid. Throws ERR_UID_NOT_FOUND where there is none that the viewer can find. */
export async function getUser(handle: Handle, viewer: Viewer, uid: string): Promise<User> {
  const user = await userStore(handle).byUid(uid);
  if (user && isFound(user, viewer.kind === 'key')) return user;
  throw new ChatError('ERR_UID_NOT_FOUND', `There is no user with the uid "${uid}".`);
}

/** The same, and they stay as they are until the transaction ends: see `Handle.hold`. */
export async function holdUser(tx: Handle, viewer: Viewer, uid: string): Promise<User> {
  await tx.hold(tx.t.users.uid, [uid]);
  return getUser(tx, viewer, uid);
}

/** The viewer, who stays as they are until the transaction ends. Throws AUTH_ERR_NO_ACCESS where they are there no more. */
export async function holdViewer(tx: Handle, { id, uid }: UserViewer): Promise<User> {
  await tx.hold(tx.t.users.id, [id]);
  const user = must(await userStore(tx).byId(id));
  if (isFound(user, false)) return user;
  throw new ChatError('AUTH_ERR_NO_ACCESS', `The user "${uid}" is deactivated or deleted.`);
}

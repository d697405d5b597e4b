import { type Awaitable, andThen } from '../awaitable.ts';
import { now } from '../clock.ts';
import { ChatError } from '../errors.ts';
import type { Activity } from '../presence/activity-service.ts';
import type { Presence } from '../presence/presence.ts';
import { type Database, must } from '../store/handle.ts';
import type { Page, Range } from '../store/keyset.ts';
import { createLoader } from '../store/loader.ts';
import { requireUser, requireViewer, type Viewer, type Who } from '../viewer.ts';
import { isGone } from './gone-store.ts';
import { keptUsers } from './kept-store.ts';
import { userStore } from './store.ts';
import { fold, isFound, NAME_PATTERN, type User } from './user.ts';
import { userWritingStore } from './writing-store.ts';

/** What `users` can be asked for; null and left out mean the same. */
export interface UserQuery {
  readonly search?: string | null | undefined;
  readonly status?: 'online' | 'offline' | null | undefined;
  readonly roles?: readonly string[] | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly uids?: readonly string[] | null | undefined;
  readonly hideBlocked?: boolean | null | undefined;
}

/** People: who they are, who is found, who has blocked whom. */
export function createUsers({ db, presence, activity }: { db: Database; presence: Presence; activity: Activity }) {
  const store = keptUsers(db.read);

  /** The rows of these uids, in no order. Throws ERR_UID_NOT_FOUND for the first that the viewer can't find. */
  function getAll(viewer: Viewer, uids: readonly string[], argument: string): Awaitable<User[]> {
    return andThen(store.byUids([...new Set(uids)]), (rows) => {
      const found = new Set(rows.filter((row) => isFound(row, viewer.kind === 'key')).map(({ uid }) => uid));
      const missing = uids.find((uid) => !found.has(uid));
      if (missing === undefined) return rows;
      throw new ChatError('ERR_UID_NOT_FOUND', `\`${argument}\`: there is no user with the uid "${missing}".`);
    });
  }

  return {
    /** The user, where the viewer can find them. */
    find(viewer: Viewer | undefined, uid: string): Awaitable<User | undefined> {
      const { kind } = requireViewer(viewer);
      return andThen(store.byUid(uid), (user) => (user && isFound(user, kind === 'key') ? user : undefined));
    },

    /** The user's row, whoever may find them: for what their membership or message decides. */
    findAny: (uid: string): Awaitable<User | undefined> => store.byUid(uid),

    /** The user with this uid, made at first sight, under the uid where the name is none. Who was deleted stays so: AUTH_ERR_NO_ACCESS. */
    provision(uid: string, name: string | undefined): Promise<User> {
      const user = { uid, name: name !== undefined && NAME_PATTERN.test(name) ? name : uid, createdAt: now() };
      return db.write(`uid:${uid}`, async (tx) => {
        const known = await userStore(tx).byUid(uid);
        if (known) return known;
        if (await isGone(tx, uid)) throw new ChatError('AUTH_ERR_NO_ACCESS', `The user "${uid}" was deleted.`);
        return must(await userWritingStore(tx).add(user));
      });
    },

    /** The user who asks. */
    findSelf: (viewer: Viewer | undefined): Awaitable<User | undefined> => store.byId(requireUser(viewer).id),

    getAll,

    /** The people who fit, by name. Throws ERR_UID_NOT_FOUND for a uid that is not there. */
    list(viewer: Viewer | undefined, query: UserQuery, range: Range): Awaitable<Page<User>> {
      const known = requireViewer(viewer);
      const online = query.status ? presence.online() : [];
      const named = query.uids ? getAll(known, query.uids, 'uids') : undefined;
      return andThen(named, (rows) => {
        const ids = rows?.map(({ id }) => id);
        return store.list(
          {
            search: query.search ? fold(query.search) : undefined,
            roles: query.roles ?? undefined,
            tags: query.tags ?? undefined,
            ids: query.status === 'online' ? (ids?.filter((id) => online.includes(id)) ?? online) : ids,
            notIds: query.status === 'offline' ? online : undefined,
            notBlockedBy: query.hideBlocked ? requireUser(known).id : undefined,
            withDeactivated: known.kind === 'key',
          },
          range,
        );
      });
    },

    /** Those whom the viewer has blocked, by name. */
    listBlocked: (viewer: Viewer | undefined, search: string | null | undefined, range: Range): Awaitable<Page<User>> =>
      store.listBlocked(range, requireUser(viewer).id, fold(search ?? '')),

    statusOf: (userId: number) => (presence.isOnline(userId) ? 'online' : 'offline'),

    /** When the user last did anything, in seconds since 1970; null where they never did. Nobody deleted does. */
    lastActiveAt: ({ id, lastActiveAt, deletedAt }: User): number | null =>
      deletedAt === null ? activity.lastOf(id, lastActiveAt) : lastActiveAt,

    onlineCount: (viewer: Viewer | undefined): number => requireViewer(viewer) && presence.online().length,

    /** Whether the viewer may see a user's email and credits. */
    maySeePrivate: (viewer: Viewer | undefined, userId: number): boolean =>
      viewer !== undefined && (viewer.kind === 'key' || viewer.id === userId),

    loaders: (who: Who) => ({
      /** Any user's row by its id, deleted ones included: whoever stands beside a message. */
      byId: createLoader(db.read, (user: User) => user.id, store.byIds, store.byId, store.kept),
      /** The id itself, where the viewer has blocked that user. */
      blockedByMe: createLoader(
        db.read,
        ({ id }: { id: number }) => id,
        (ids: readonly number[]) => {
          const viewer = who();
          return viewer?.kind === 'user' ? store.blockedAmong(viewer.id, ids) : [];
        },
      ),
      /** The id itself, where that user has blocked the viewer. */
      hasBlockedMe: createLoader(
        db.read,
        ({ id }: { id: number }) => id,
        (ids: readonly number[]) => {
          const viewer = who();
          return viewer?.kind === 'user' ? store.blockersAmong(viewer.id, ids) : [];
        },
      ),
    }),
  };
}

export type Users = ReturnType<typeof createUsers>;

import { type Awaitable, all, andThen } from '../awaitable.ts';
import type { Presence } from '../presence/presence.ts';
import type { Database } from '../store/handle.ts';
import type { Page, Range } from '../store/keyset.ts';
import { createLoader } from '../store/loader.ts';
import type { Users } from '../users/service.ts';
import { fold } from '../users/user.ts';
import { idOf, requireUser, requireViewer, type Viewer, type Who } from '../viewer.ts';
import { type Group, type Member, type Membership, memberOf, type Scope } from './group.ts';
import { keptGroups } from './kept-store.ts';
import { check, type GroupRight, isSeen, may } from './policy.ts';

/** What `groups` can be asked for; null and left out mean the same. */
export interface GroupQuery {
  readonly search?: string | null | undefined;
  readonly joinedOnly?: boolean | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
}

/** What a group's `members` can be asked for; null and left out mean the same. */
export interface MemberQuery {
  readonly search?: string | null | undefined;
  readonly scopes?: readonly Scope[] | null | undefined;
  readonly status?: 'online' | 'offline' | null | undefined;
}

type Banned = Pick<Member, 'groupId' | 'userId' | 'sortKey'>;
const bannedOf = (ban: Banned): Member => ({ ...ban, scope: 'participant', joinedAt: null, isBanned: true });

/** Groups: which there are for whom, and who belongs to them. */
export function createGroups({ db, presence, users }: { db: Database; presence: Presence; users: Users }) {
  const store = keptGroups(db.read);

  /** The viewer's own membership of a group. */
  const own = (viewer: Viewer, groupId: number): Awaitable<Membership | undefined> =>
    viewer.kind === 'user' ? store.membership(groupId, viewer.id) : undefined;

  /** The group, where the viewer can see it. */
  function find(viewer: Viewer | undefined, guid: string): Awaitable<Group | undefined> {
    const known = requireViewer(viewer);
    return andThen(store.byGuid(guid), (group) => group && ifSeen(known, group));
  }

  function ifSeen(viewer: Viewer, group: Group): Awaitable<Group | undefined> {
    if (isSeen(viewer, group, undefined)) return group;
    return andThen(own(viewer, group.id), (membership) =>
      isSeen(viewer, group, membership?.scope) ? group : undefined,
    );
  }

  /** Does `read` where the viewer may, else refuses. */
  const allowed = <T>(viewer: Viewer | undefined, what: GroupRight, group: Group, read: () => Awaitable<T>) => {
    const known = requireViewer(viewer);
    return andThen(own(known, group.id), (membership) => {
      check(known, what, membership?.scope);
      return read();
    });
  };

  return {
    find,
    ifSeen,

    /** The groups that fit and that the viewer can see, by name. */
    list(viewer: Viewer | undefined, query: GroupQuery, range: Range): Awaitable<Page<Group>> {
      const known = requireViewer(viewer);
      const filter = {
        search: query.search ? fold(query.search) : undefined,
        tags: query.tags ?? undefined,
        seenBy: known.kind === 'user' ? known.id : undefined,
        joinedBy: query.joinedOnly ? requireUser(known).id : undefined,
      };
      return store.list(filter, range);
    },

    /** A group's members, by name: to its members, ERR_GROUP_NOT_JOINED to others. */
    listMembers(viewer: Viewer | undefined, group: Group, query: MemberQuery, range: Range): Awaitable<Page<Member>> {
      const online = query.status ? presence.online() : undefined;
      const filter = {
        search: query.search ? fold(query.search) : undefined,
        scopes: query.scopes ?? undefined,
        ids: query.status === 'online' ? online : undefined,
        notIds: query.status === 'offline' ? online : undefined,
      };
      return allowed(viewer, 'see members', group, () =>
        andThen(store.listMembers(group.id, filter, range), ({ rows, more }) => ({ rows: rows.map(memberOf), more })),
      );
    },

    /** Who is banned from a group, by name: to its admins and moderators. */
    listBanned(
      viewer: Viewer | undefined,
      group: Group,
      search: string | null | undefined,
      range: Range,
    ): Awaitable<Page<Member>> {
      return allowed(viewer, 'see who is banned', group, () =>
        andThen(store.listBanned(range, group.id, fold(search ?? '')), ({ rows, more }) => ({
          rows: rows.map(bannedOf),
          more,
        })),
      );
    },

    /** The member, or who is banned, where the viewer may see such of the group. */
    findMember(viewer: Viewer | undefined, guid: string, uid: string): Awaitable<Member | undefined> {
      const known = requireViewer(viewer);
      return andThen(all([find(known, guid), users.findAny(uid)]), ([group, user]) => {
        if (!group || !user) return undefined;
        const found = all([own(known, group.id), store.membership(group.id, user.id), store.ban(group.id, user.id)]);
        return andThen(found, ([mine, membership, ban]): Member | undefined => {
          if (membership) return may(known, 'see members', mine?.scope) ? memberOf(membership) : undefined;
          return ban && may(known, 'see who is banned', mine?.scope) ? bannedOf(ban) : undefined;
        });
      });
    },

    /** How many of a group's members are connected right now. */
    countOnline(group: Group): Awaitable<number> {
      const online = presence.online();
      return online.length === 0 ? 0 : andThen(store.countAmong(group.id, online), (row) => row?.n ?? 0);
    },

    loaders: (who: Who) => ({
      /** Any group's row by its id: for what the viewer has already been found to see. */
      byId: createLoader(db.read, (group: Group) => group.id, store.byIds, store.byId, store.kept),
      /** The viewer's own membership, by the group's id. */
      mine: createLoader(
        db.read,
        (membership: Membership) => membership.groupId,
        (ids: readonly number[]) => {
          const viewer = who();
          return viewer ? store.membershipsAmong(idOf(viewer), ids) : [];
        },
        (id: number) => {
          const viewer = who();
          return viewer ? own(viewer, id) : undefined;
        },
      ),
    }),
  };
}

export type Groups = ReturnType<typeof createGroups>;

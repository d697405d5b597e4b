import { and, getTableColumns as columnsOf, eq, gt, isNotNull, isNull, or, placeholder as ph, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import { removedConversations } from '../conversations/removed-store.ts';
import { type Handle, store } from '../store/handle.ts';
import { PAGE } from './export-pages.ts';

export const exportStore = store((handle) => ({ ...profiles(handle), ...messages(handle) }));

const ofIds = (ids: readonly number[]) => ({ ids });
const after = (key: string | number) => ({ after: key });

function profiles({ db, t, all, sql: { among } }: Handle) {
  const { users, groups, memberships, bans, blocks } = t;
  const by = alias(users, 'by');
  const named = { uid: users.uid, name: users.name };
  const inGroup = (group: number, key: string) => ({ group, after: key });
  return {
    /** By uid. */
    users: all(
      () =>
        db
          .select()
          .from(users)
          .where(gt(users.uid, ph('after')))
          .orderBy(users.uid)
          .limit(PAGE),
      after,
    ),
    usersById: all(
      () =>
        db
          .select({ id: users.id, ...named })
          .from(users)
          .where(among(users.id, ph('ids'))),
      ofIds,
    ),
    /** By guid. */
    groups: all(
      () =>
        db
          .select({ ...columnsOf(groups), owner: users.uid })
          .from(groups)
          .innerJoin(users, eq(users.id, groups.ownerId))
          .where(and(gt(groups.guid, ph('after')), isNull(groups.deletedAt)))
          .orderBy(groups.guid)
          .limit(PAGE),
      after,
    ),
    groupsById: all(
      () =>
        db
          .select({ id: groups.id, guid: groups.guid })
          .from(groups)
          .where(among(groups.id, ph('ids'))),
      ofIds,
    ),
    /** By name. */
    members: all(
      () =>
        db
          .select({ ...named, sortKey: memberships.sortKey, scope: memberships.scope, joinedAt: memberships.joinedAt })
          .from(memberships)
          .innerJoin(users, eq(users.id, memberships.userId))
          .where(
            and(
              eq(memberships.groupId, ph('group')),
              isNull(memberships.toPosition),
              gt(memberships.sortKey, ph('after')),
            ),
          )
          .orderBy(memberships.sortKey)
          .limit(PAGE),
      inGroup,
    ),
    banned: all(
      () =>
        db
          .select({ ...named, sortKey: bans.sortKey, at: bans.at, by: sql<string | null>`${by.uid}`.as('by_uid') })
          .from(bans)
          .innerJoin(users, eq(users.id, bans.userId))
          .leftJoin(by, eq(by.id, bans.byId))
          .where(and(eq(bans.groupId, ph('group')), gt(bans.sortKey, ph('after'))))
          .orderBy(bans.sortKey)
          .limit(PAGE),
      inGroup,
    ),
    /** Those whom these users have blocked. */
    blocksBy: all(
      () =>
        db
          .select({ blockerId: blocks.blockerId, uid: users.uid, at: blocks.at })
          .from(blocks)
          .innerJoin(users, eq(users.id, blocks.blockedId))
          .where(among(blocks.blockerId, ph('ids'))),
      ofIds,
    ),
  };
}

function messages(handle: Handle) {
  const { db, t, all } = handle;
  const { among } = handle.sql;
  const { messages: m, users, calls, callParticipants, attachments, edits, reactions, saves } = t;
  const there = () => sql`${m.conversationId} not in ${removedConversations(handle)}`;
  const idsWith = (condition: () => ReturnType<typeof and>) =>
    all(
      () =>
        db
          .select({ id: m.id })
          .from(m)
          .where(and(gt(m.id, ph('after')), condition(), there()))
          .orderBy(m.id)
          .limit(PAGE),
      after,
    );
  const afterPart = (message: number, position: number) => ({ message, position });
  const following = (table: typeof attachments | typeof edits) =>
    or(gt(table.messageId, ph('message')), and(eq(table.messageId, ph('message')), gt(table.position, ph('position'))));
  return {
    /** By id, without those that were purged, or soon will be. */
    messages: all(
      () =>
        db
          .select()
          .from(m)
          .where(and(gt(m.id, ph('after')), eq(m.purged, sql`false`), there()))
          .orderBy(m.id)
          .limit(PAGE),
      after,
    ),
    calls: all(
      () =>
        db
          .select()
          .from(calls)
          .where(among(calls.messageId, ph('ids'))),
      ofIds,
    ),
    callParticipants: all(
      () =>
        db
          .select({ ...columnsOf(callParticipants), uid: users.uid })
          .from(callParticipants)
          .innerJoin(users, eq(users.id, callParticipants.userId))
          .where(among(callParticipants.messageId, ph('ids'))),
      ofIds,
    ),
    attachments: all(
      () =>
        db
          .select(columnsOf(attachments))
          .from(attachments)
          .innerJoin(m, eq(m.id, attachments.messageId))
          .where(and(following(attachments), there()))
          .orderBy(attachments.messageId, attachments.position)
          .limit(PAGE),
      afterPart,
    ),
    edits: all(
      () =>
        db
          .select({ ...columnsOf(edits), uid: users.uid })
          .from(edits)
          .innerJoin(users, eq(users.id, edits.editedById))
          .innerJoin(m, eq(m.id, edits.messageId))
          .where(and(following(edits), there()))
          .orderBy(edits.messageId, edits.position)
          .limit(PAGE),
      afterPart,
    ),
    reactedIds: idsWith(() => gt(m.reactionCount, 0)),
    pinnedIds: idsWith(() => isNotNull(m.pinnedAt)),
    savedIds: all(
      () =>
        db
          .selectDistinct({ id: saves.messageId })
          .from(saves)
          .innerJoin(m, eq(m.id, saves.messageId))
          .where(and(gt(saves.messageId, ph('after')), there()))
          .orderBy(saves.messageId)
          .limit(PAGE),
      after,
    ),
    reactions: all(
      () =>
        db
          .select({ ...columnsOf(reactions), uid: users.uid })
          .from(reactions)
          .innerJoin(users, eq(users.id, reactions.userId))
          .where(among(reactions.messageId, ph('ids'))),
      ofIds,
    ),
    pins: all(
      () =>
        db
          .select({ messageId: m.id, pinnedAt: m.pinnedAt, pinnedById: m.pinnedById })
          .from(m)
          .where(among(m.id, ph('ids')))
          .orderBy(m.id),
      ofIds,
    ),
    saves: all(
      () =>
        db
          .select({ ...columnsOf(saves), uid: users.uid })
          .from(saves)
          .innerJoin(users, eq(users.id, saves.userId))
          .where(among(saves.messageId, ph('ids'))),
      ofIds,
    ),
  };
}

import { and, eq, isNull, placeholder as ph, sql } from 'drizzle-orm';
import { vanishFromCalls } from '../calls/ending-store.ts';
import { placeStore } from '../conversations/place-store.ts';
import type { Group, Membership, Scope } from '../groups/group.ts';
import { reachedByAll } from '../messages/marks-store.ts';
import { type Handle, must, store } from '../store/handle.ts';
import type { User } from '../users/user.ts';
import type { Room } from './room-store.ts';

type NewMembership = Pick<Membership, 'groupId' | 'userId' | 'sortKey' | 'scope' | 'joinedAt' | 'fromPosition'>;

/** Where somebody begins to read a conversation. */
interface Beginning {
  readonly userId: number;
  readonly conversationId: number;
  readonly upTo: number;
  /** That message's `counted`. */
  readonly counted: number;
}

const memberStore = store(({ db, t, one, all }) => {
  const { memberships: m, bans, participants: p, groups } = t;
  const ofGroup = (groupId: number) => ({ groupId });
  const ban = and(eq(bans.groupId, ph('groupId')), eq(bans.userId, ph('userId')));
  const heirs = (scope: Scope) =>
    one(
      () =>
        db
          .select()
          .from(m)
          .where(
            and(
              eq(m.groupId, ph('groupId')),
              isNull(m.toPosition),
              eq(m.scope, sql.raw(`'${scope}'`)),
              sql`${m.userId} <> ${ph('notId')}`,
            ),
          )
          .orderBy(m.joinedAt, m.id)
          .limit(1),
      (groupId: number, notId: number) => ({ groupId, notId }),
    );
  return {
    add: one(
      () =>
        db
          .insert(m)
          .values({
            groupId: ph('groupId'),
            userId: ph('userId'),
            sortKey: ph('sortKey'),
            scope: ph('scope') as never,
            joinedAt: ph('joinedAt'),
            fromPosition: ph('fromPosition'),
          })
          .returning(),
      (membership: NewMembership) => ({ ...membership }),
    ),
    setScope: one(
      () =>
        db
          .update(m)
          .set({ scope: sql`${ph('scope')}` })
          .where(eq(m.id, ph('id')))
          .returning(),
      (id: number, scope: Scope) => ({ id, scope }),
    ),
    end: one(
      () =>
        db
          .update(m)
          .set({ toPosition: sql`${ph('position')}` })
          .where(eq(m.id, ph('id')))
          .returning({ id: m.id }),
      (id: number, position: number) => ({ id, position }),
    ),
    endAll: all(
      () =>
        db
          .update(m)
          .set({ toPosition: sql`${ph('position')}` })
          .where(and(eq(m.groupId, ph('groupId')), isNull(m.toPosition)))
          .returning({ id: m.id }),
      (groupId: number, position: number) => ({ groupId, position }),
    ),
    countMembers: one(
      () =>
        db
          .update(groups)
          .set({ membersCount: sql`${ph('count')}` })
          .where(eq(groups.id, ph('id')))
          .returning({ id: groups.id }),
      (id: number, count: number) => ({ id, count }),
    ),
    /** Makes somebody take part in a conversation, again where they did before: what they had set or cleared in it is kept. */
    putParticipant: one(
      () =>
        db
          .insert(p)
          .values({
            userId: ph('userId'),
            conversationId: ph('conversationId'),
            active: true,
            readUpTo: ph('upTo'),
            readCounted: ph('counted'),
            readMark: ph('upTo'),
            deliveredMark: ph('upTo'),
            tags: [],
          })
          .onConflictDoUpdate({
            target: [p.userId, p.conversationId],
            set: {
              active: true,
              readUpTo: sql`excluded.read_up_to`,
              readCounted: sql`excluded.read_counted`,
              readMark: sql`excluded.read_mark`,
              deliveredMark: sql`excluded.delivered_mark`,
            },
          })
          .returning(),
      (beginning: Beginning) => ({ ...beginning }),
    ),
    stopParticipant: one(
      () =>
        db
          .update(p)
          .set({ active: false })
          .where(and(eq(p.userId, ph('userId')), eq(p.conversationId, ph('conversationId'))))
          .returning({ id: p.userId }),
      (userId: number, conversationId: number) => ({ userId, conversationId }),
    ),
    stopParticipants: all(
      () =>
        db
          .update(p)
          .set({ active: false })
          .where(and(eq(p.conversationId, ph('conversationId')), p.active))
          .returning({ id: p.userId }),
      (conversationId: number) => ({ conversationId }),
    ),
    ban: one(
      () =>
        db
          .insert(bans)
          .values({
            groupId: ph('groupId'),
            userId: ph('userId'),
            sortKey: ph('sortKey'),
            at: ph('at'),
            byId: ph('byId'),
          })
          .returning({ id: bans.userId }),
      (groupId: number, user: User, at: number, byId: number | null) => ({
        groupId,
        userId: user.id,
        sortKey: user.sortKey,
        at,
        byId,
      }),
    ),
    unban: one(
      () => db.delete(bans).where(ban).returning({ id: bans.userId }),
      (groupId: number, userId: number) => ({ groupId, userId }),
    ),
    unbanAll: all(
      () =>
        db
          .delete(bans)
          .where(eq(bans.groupId, ph('groupId')))
          .returning({ id: bans.userId }),
      ofGroup,
    ),
    /** Of the members with a scope, the one who has been there longest, somebody left out. */
    longest: { admin: heirs('admin'), moderator: heirs('moderator'), participant: heirs('participant') },
  };
});

/**
 * Makes a user a member from a position of the log on, who has read all that is there. Nothing is checked, and nobody told. The user's
 * row must be held (`Handle.hold`): who renames or deletes them changes it under another scope than the group's, so either they come
 * first, and whoever calls this has seen it, or they wait, and find the membership that they are to sort anew or to end.
 */
export async function beginMembership(
  tx: Handle,
  room: Room,
  user: User,
  scope: Scope,
  fromPosition: number,
): Promise<Membership> {
  const { group, conversation } = room;
  const { add, putParticipant } = memberStore(tx);
  const membership = must(
    await add({
      groupId: group.id,
      userId: user.id,
      sortKey: user.sortKey,
      scope,
      joinedAt: conversation.updatedAt,
      fromPosition,
    }),
  );
  const { id: conversationId, lastId: upTo, counted } = conversation;
  await putParticipant({ userId: user.id, conversationId, upTo, counted });
  await countMembers(tx, room, 1);
  return membership;
}

/**
 * Ends a membership at a position of the log, and with it the member's part in the conversation: whoever waited for them to read
 * waits no more. Nothing is checked, and the group is not told.
 */
export async function endMembership(
  tx: Handle,
  room: Pick<Room, 'group' | 'conversation'>,
  membership: Membership,
  toPosition: number,
): Promise<void> {
  const { end, stopParticipant } = memberStore(tx);
  const { id: conversationId, updatedAt } = room.conversation;
  const before = must(await placeStore(tx).participant(membership.userId, conversationId));
  await vanishFromCalls(tx, room.conversation, membership.userId, updatedAt);
  await end(membership.id, toPosition);
  await stopParticipant(membership.userId, conversationId);
  await countMembers(tx, room, -1);
  await reachedByAll(tx, room.conversation, before, updatedAt);
}

/** Ends all memberships and bans of a group at a position of the log. */
export async function endMemberships(tx: Handle, { group, conversation }: Room, toPosition: number): Promise<void> {
  const { endAll, stopParticipants, unbanAll } = memberStore(tx);
  await endAll(group.id, toPosition);
  await stopParticipants(conversation.id);
  await unbanAll(group.id);
}

async function countMembers(tx: Handle, room: Pick<Room, 'group'>, more: number): Promise<void> {
  const membersCount = room.group.membersCount + more;
  await memberStore(tx).countMembers(room.group.id, membersCount);
  room.group = { ...room.group, membersCount };
}

/** Gives a member another scope, and their row. */
export const setScope = async (tx: Handle, { id }: Membership, scope: Scope): Promise<Membership> =>
  must(await memberStore(tx).setScope(id, scope));

/** Bans a user, who is no member any more, and whose row is held, as for `beginMembership`. */
export async function addBan(tx: Handle, { group }: Room, user: User, at: number, byId: number | null): Promise<void> {
  await memberStore(tx).ban(group.id, user, at, byId);
}

export async function removeBan(tx: Handle, { group }: Room, user: User): Promise<void> {
  await memberStore(tx).unban(group.id, user.id);
}

/** Who owns a group after its owner: of the admins who has been there longest, else of the moderators, else of the participants. */
export async function findHeir(tx: Handle, { id, ownerId }: Group): Promise<Membership | undefined> {
  const { admin, moderator, participant } = memberStore(tx).longest;
  return (await admin(id, ownerId)) ?? (await moderator(id, ownerId)) ?? (await participant(id, ownerId));
}

import { asc, eq, gt, sql } from 'drizzle-orm';
import { groupTopic, userTopic } from '../../src/events/event.ts';
import { keptGuid } from '../../src/groups/group.ts';
import type { TestServer } from './server.ts';

/** An event as the log keeps it, with whom it concerns in order. */
export interface Logged {
  readonly position: number;
  readonly kind: string;
  readonly by: string | null;
  readonly messageId: number | null;
  /** Its conversation, in the data model's words; null where it has none, or that is gone. */
  readonly conversation: string | null;
  readonly user: string | null;
  readonly details: unknown;
  readonly topics: readonly string[];
}

/** Where the log stands. */
export async function logPosition({ db }: TestServer): Promise<number> {
  const { events } = db.read.t;
  const [row] = await db.read.db.select({ last: sql<number>`coalesce(max(${events.position}), 0)` }).from(events);
  return Number(row?.last);
}

/** What the log holds after a position, behind the public door: for what no subscription shows. */
export async function loggedSince({ db }: TestServer, position: number): Promise<Logged[]> {
  const { events, eventTopics, users, groups, conversations } = db.read.t;
  const rows = await db.read.db
    .select()
    .from(events)
    .where(gt(events.position, position))
    .orderBy(asc(events.position));
  const uids = new Map(
    (await db.read.db.select({ id: users.id, uid: users.uid }).from(users)).map((u) => [u.id, u.uid]),
  );
  const uidOf = (id: number | null) => (id === null ? null : (uids.get(id) ?? null));
  const guids = new Map(
    (await db.read.db.select({ id: groups.id, guid: groups.guid }).from(groups)).map((g) => [g.id, g.guid]),
  );
  const named = (await db.read.db.select().from(conversations)).map(({ id, groupId, userA, userB }) => {
    const pair = [uidOf(userA), uidOf(userB)].join('_user_');
    return [id, groupId === null ? pair : `group_${guids.get(groupId)}`] as const;
  });
  const nameOf = new Map(named);
  return Promise.all(
    rows.map(async ({ position, kind, byId, messageId, conversationId, userId, details }) => {
      const topics = await db.read.db.select().from(eventTopics).where(eq(eventTopics.position, position));
      const names = topics.map(({ topic }) => topic).sort();
      const conversation = nameOf.get(conversationId ?? 0) ?? null;
      return { position, kind, by: uidOf(byId), messageId, conversation, user: uidOf(userId), details, topics: names };
    }),
  );
}

/** Which of these events a user's stream would carry: those of their own topic, and of groups while they belonged to them. */
export async function toldTo({ db }: TestServer, uid: string, log: readonly Logged[]): Promise<Logged[]> {
  const { memberships, groups, users } = db.read.t;
  const periods = await db.read.db
    .select({ guid: groups.guid, from: memberships.fromPosition, to: memberships.toPosition })
    .from(memberships)
    .innerJoin(groups, eq(groups.id, memberships.groupId))
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(eq(users.uid, uid));
  return log.filter(({ position, topics }) => {
    const within = periods.filter(({ from, to }) => position > from && position <= (to ?? position));
    return topics.includes(userTopic(uid)) || within.some(({ guid }) => topics.includes(groupTopic(keptGuid(guid))));
  });
}

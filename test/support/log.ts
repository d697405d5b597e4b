import { asc, eq, gt, sql } from 'drizzle-orm';
import type { TestServer } from './server.ts';

/** An event as the log keeps it, with whom it concerns in order. */
export interface Logged {
  readonly position: number;
  readonly kind: string;
  readonly by: string | null;
  readonly messageId: number | null;
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
  const { events, eventTopics, users } = db.read.t;
  const rows = await db.read.db
    .select()
    .from(events)
    .where(gt(events.position, position))
    .orderBy(asc(events.position));
  const uids = new Map(
    (await db.read.db.select({ id: users.id, uid: users.uid }).from(users)).map((u) => [u.id, u.uid]),
  );
  const uidOf = (id: number | null) => (id === null ? null : (uids.get(id) ?? null));
  return Promise.all(
    rows.map(async ({ position, kind, byId, messageId, userId, details }) => {
      const topics = await db.read.db.select().from(eventTopics).where(eq(eventTopics.position, position));
      const names = topics.map(({ topic }) => topic).sort();
      return { position, kind, by: uidOf(byId), messageId, user: uidOf(userId), details, topics: names };
    }),
  );
}

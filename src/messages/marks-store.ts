import { and, desc, eq, gt, lt, lte, min, placeholder as ph, sql } from 'drizzle-orm';
import type { Conversation, Participant } from '../conversations/conversation.ts';
import { appendEvent } from '../events/append-store.ts';
import { groupTopic, userTopic } from '../events/event.ts';
import { groupStore } from '../groups/store.ts';
import { type Handle, must, store } from '../store/handle.ts';

type Kind = 'delivered' | 'read';

/** Whose marks stand for those of all members of a group. */
const ALL_MEMBERS = 0;

/** Among the senders of so many messages those are sought who are told one by one; of more, the whole group is told at once. */
const SENDERS_SOUGHT = 1_000;

const marksStore = store(({ db, t, one, all, run, sql: { among } }) => {
  const { participants: p, marks, messages: m, users } = t;
  return {
    move: run(
      () =>
        db
          .update(p)
          .set({
            readUpTo: sql`${ph('readUpTo')}`,
            readCounted: sql`${ph('readCounted')}`,
            readMark: sql`${ph('readMark')}`,
            deliveredMark: sql`${ph('deliveredMark')}`,
          })
          .where(and(eq(p.userId, ph('userId')), eq(p.conversationId, ph('conversationId')))),
      ({ userId, conversationId, readUpTo, readCounted, readMark, deliveredMark }: Participant) => ({
        userId,
        conversationId,
        readUpTo,
        readCounted,
        readMark,
        deliveredMark,
      }),
    ),
    add: run(
      () =>
        db
          .insert(marks)
          .values({
            conversationId: ph('conversationId'),
            userId: ph('userId'),
            kind: ph('kind') as never,
            upTo: ph('upTo'),
            at: ph('at'),
          })
          .onConflictDoNothing(),
      (conversationId: number, userId: number, kind: Kind, upTo: number, at: number) => ({
        conversationId,
        userId,
        kind,
        upTo,
        at,
      }),
    ),
    /** How far every member of a group has come. */
    least: one(
      () => {
        const ofMembers = and(eq(p.conversationId, ph('conversationId')), p.active);
        const delivered = db
          .select({ upTo: min(p.deliveredMark) })
          .from(p)
          .where(ofMembers);
        return db
          .select({ read: min(p.readMark), delivered: sql<number | null>`(${delivered})`.mapWith(Number) })
          .from(p)
          .where(ofMembers);
      },
      (conversationId: number) => ({ conversationId }),
    ),
    /** Who sent the first messages after one and up to another, once for each message. */
    sendersBetween: all(
      () =>
        db
          .select({ id: m.senderId })
          .from(m)
          .where(and(eq(m.conversationId, ph('conversationId')), gt(m.id, ph('after')), lte(m.id, ph('upTo'))))
          .orderBy(m.id)
          .limit(SENDERS_SOUGHT + 1),
      (conversationId: number, after: number, upTo: number) => ({ conversationId, after, upTo }),
    ),
    /** Those of the users who may read the message still. */
    readersAmong: all(
      () =>
        db
          .select({ uid: users.uid })
          .from(users)
          .innerJoin(p, and(eq(p.userId, users.id), eq(p.conversationId, ph('conversationId'))))
          .where(and(among(users.id, ph('ids')), p.active, lt(p.clearedUpTo, ph('messageId')))),
      (conversationId: number, messageId: number, ids: readonly number[]) => ({ conversationId, messageId, ids }),
    ),
    /** The last message up to an id. */
    lastUpTo: one(
      () =>
        db
          .select({ id: m.id, counted: m.counted })
          .from(m)
          .where(and(eq(m.conversationId, ph('conversationId')), lte(m.id, ph('id'))))
          .orderBy(desc(m.id))
          .limit(1),
      (conversationId: number, id: number) => ({ conversationId, id }),
    ),
  };
});

/** A conversation, of which only a group's has marks for all its members. */
type Place = Pick<Conversation, 'id' | 'groupId'>;

/** How far somebody has come, and how many messages count up to where their unread ones begin. */
export interface Reached {
  readonly kind: Kind;
  readonly upTo: number;
  /** That message's `counted`. */
  readonly counted: number;
  /** Whether it covers messages of others that no mark of theirs covered: only then is there a receipt to keep. */
  readonly covers: boolean;
}

/**
 * Moves a participant's marks up to a message, what is read being delivered too, and with them a group's, whose senders are told
 * of what all its members have by now. `mine` is the participant's row as it is; gives it as it is then.
 */
export async function reach(
  tx: Handle,
  conversation: Place,
  mine: Participant,
  { kind, upTo, counted, covers }: Reached,
  at: number,
): Promise<Participant> {
  const store = marksStore(tx);
  const readMark = kind === 'read' ? Math.max(mine.readMark, upTo) : mine.readMark;
  const deliveredMark = Math.max(mine.deliveredMark, upTo);
  const unreadFrom = kind === 'read' && upTo > mine.readUpTo ? { readUpTo: upTo, readCounted: counted } : {};
  const moved = { ...mine, ...unreadFrom, readMark, deliveredMark };
  await store.move(moved);
  if (covers) await store.add(conversation.id, mine.userId, kind, upTo, at);
  const hasReceipt = readMark > mine.readMark || deliveredMark > mine.deliveredMark;
  if (hasReceipt && conversation.groupId !== null) await reachedByAll(tx, conversation, mine, at);
  return moved;
}

/**
 * Takes a participant's unread messages back to just after the last message up to `upTo`, and no further back than to what they
 * deleted for themself. Gives their row as it is then: the same one where they do not stand behind that. No receipt changes.
 */
export async function unreach(tx: Handle, mine: Participant, upTo: number): Promise<Participant> {
  const store = marksStore(tx);
  const last = await store.lastUpTo(mine.conversationId, upTo);
  const readUpTo = Math.max(last?.id ?? 0, mine.clearedUpTo);
  if (readUpTo >= mine.readUpTo) return mine;
  const moved = { ...mine, readUpTo, readCounted: last?.counted ?? 0 };
  await store.move(moved);
  return moved;
}

/**
 * Keeps how far all members of a group have come, once one who stood at `before` has moved on or left, and tells the senders: only
 * who stood last can have held the others up.
 */
export async function reachedByAll(
  tx: Handle,
  conversation: Place,
  before: Pick<Participant, 'readMark' | 'deliveredMark'>,
  at: number,
): Promise<void> {
  const least = await marksStore(tx).least(conversation.id);
  const [read, delivered] = [least?.read ?? 0, least?.delivered ?? 0];
  if (read > before.readMark) await tellSenders(tx, conversation, 'read', before.readMark, read, at);
  const known = Math.max(before.deliveredMark, read); // what all have read is delivered to all
  if (delivered > known) await tellSenders(tx, conversation, 'delivered', known, delivered, at);
}

async function tellSenders(
  tx: Handle,
  conversation: Place,
  kind: Kind,
  after: number,
  upTo: number,
  at: number,
): Promise<void> {
  if (!(await marksStore(tx).add(conversation.id, ALL_MEMBERS, kind, upTo, at))) return;
  const topics = await topicsOfSenders(tx, conversation, after, upTo);
  if (topics.length === 0) return;
  await appendEvent(tx, {
    kind: kind === 'read' ? 'MESSAGES_READ' : 'MESSAGES_DELIVERED',
    at,
    byId: null,
    conversationId: conversation.id,
    details: { upTo },
    topics,
  });
}

async function topicsOfSenders(tx: Handle, { id, groupId }: Place, after: number, upTo: number): Promise<string[]> {
  const { sendersBetween, readersAmong } = marksStore(tx);
  const senders = await sendersBetween(id, after, upTo);
  if (senders.length > SENDERS_SOUGHT) return [groupTopic(must(await groupStore(tx).byId(groupId ?? 0)).guid)];
  const ids = [...new Set(senders.map((sender) => sender.id))];
  return (await readersAmong(id, upTo, ids)).map(({ uid }) => userTopic(uid));
}

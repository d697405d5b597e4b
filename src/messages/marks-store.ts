import { and, eq, gt, lte, min, placeholder as ph, sql } from 'drizzle-orm';
import type { Conversation, Participant } from '../conversations/conversation.ts';
import { appendEvent } from '../events/append-store.ts';
import { userTopic } from '../events/event.ts';
import { type Handle, store } from '../store/handle.ts';

type Kind = 'delivered' | 'read';

/** Whose marks stand for those of all members of a group. */
const ALL_MEMBERS = 0;

const marksStore = store(({ db, t, one, all }) => {
  const { participants: p, marks, messages: m, users } = t;
  return {
    move: one(
      () =>
        db
          .update(p)
          .set({
            readUpTo: sql`${ph('readUpTo')}`,
            readCounted: sql`${ph('readCounted')}`,
            readMark: sql`${ph('readMark')}`,
            deliveredMark: sql`${ph('deliveredMark')}`,
          })
          .where(and(eq(p.userId, ph('userId')), eq(p.conversationId, ph('conversationId'))))
          .returning({ id: p.userId }),
      ({ userId, conversationId, readUpTo, readCounted, readMark, deliveredMark }: Participant) => ({
        userId,
        conversationId,
        readUpTo,
        readCounted,
        readMark,
        deliveredMark,
      }),
    ),
    add: one(
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
          .onConflictDoNothing()
          .returning({ upTo: marks.upTo }),
      (conversationId: number, userId: number, kind: Kind, upTo: number, at: number) => ({
        conversationId,
        userId,
        kind,
        upTo,
        at,
      }),
    ),
    /** How far every member of a group has come. */
    allRead: one(
      () =>
        db
          .select({ upTo: min(p.readMark) })
          .from(p)
          .where(and(eq(p.conversationId, ph('conversationId')), p.active)),
      (conversationId: number) => ({ conversationId }),
    ),
    allDelivered: one(
      () =>
        db
          .select({ upTo: min(p.deliveredMark) })
          .from(p)
          .where(and(eq(p.conversationId, ph('conversationId')), p.active)),
      (conversationId: number) => ({ conversationId }),
    ),
    /** Who sent the messages after one and up to another. */
    sendersBetween: all(
      () =>
        db
          .selectDistinct({ uid: users.uid })
          .from(m)
          .innerJoin(users, eq(users.id, m.senderId))
          .where(and(eq(m.conversationId, ph('conversationId')), gt(m.id, ph('after')), lte(m.id, ph('upTo')))),
      (conversationId: number, after: number, upTo: number) => ({ conversationId, after, upTo }),
    ),
  };
});

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
 * of what all its members have by now. `mine` is the participant's row as it is.
 */
export async function reach(
  tx: Handle,
  conversation: Pick<Conversation, 'id' | 'groupId'>,
  mine: Participant,
  { kind, upTo, counted, covers }: Reached,
  at: number,
): Promise<void> {
  const store = marksStore(tx);
  const readMark = kind === 'read' ? Math.max(mine.readMark, upTo) : mine.readMark;
  const deliveredMark = Math.max(mine.deliveredMark, upTo);
  const unreadFrom = kind === 'read' && upTo > mine.readUpTo ? { readUpTo: upTo, readCounted: counted } : {};
  await store.move({ ...mine, ...unreadFrom, readMark, deliveredMark });
  if (covers) await store.add(conversation.id, mine.userId, kind, upTo, at);
  if (conversation.groupId === null) return;
  await reachedByAll(tx, conversation.id, mine, at);
}

/**
 * Keeps how far all members of a group have come, once one who stood at `before` has moved on or left, and tells the senders: only
 * who stood last can have held the others up.
 */
export async function reachedByAll(
  tx: Handle,
  conversationId: number,
  before: Pick<Participant, 'readMark' | 'deliveredMark'>,
  at: number,
): Promise<void> {
  const { allRead, allDelivered } = marksStore(tx);
  const read = (await allRead(conversationId))?.upTo ?? 0;
  if (read > before.readMark) await tellSenders(tx, conversationId, 'read', before.readMark, read, at);
  const delivered = (await allDelivered(conversationId))?.upTo ?? 0;
  const known = Math.max(before.deliveredMark, read); // what all have read is delivered to all
  if (delivered > known) await tellSenders(tx, conversationId, 'delivered', known, delivered, at);
}

async function tellSenders(
  tx: Handle,
  conversationId: number,
  kind: Kind,
  after: number,
  upTo: number,
  at: number,
): Promise<void> {
  const { add, sendersBetween } = marksStore(tx);
  await add(conversationId, ALL_MEMBERS, kind, upTo, at);
  const senders = await sendersBetween(conversationId, after, upTo);
  if (senders.length === 0) return;
  await appendEvent(tx, {
    kind: kind === 'read' ? 'MESSAGES_READ' : 'MESSAGES_DELIVERED',
    at,
    byId: null,
    conversationId,
    details: { upTo },
    topics: senders.map(({ uid }) => userTopic(uid)),
  });
}

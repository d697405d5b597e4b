import { and, eq, gt, isNotNull, lte, placeholder as ph, sql } from 'drizzle-orm';
import type { Conversation } from '../conversations/conversation.ts';
import { type Database, type Handle, store } from '../store/handle.ts';
import { AT_THE_END } from './conversations.ts';
import { addOwners } from './owners-store.ts';

const CONVERSATIONS_AT_ONCE = 100;
const MESSAGES_AT_ONCE = 5_000;

const finishStore = store(({ db, t, all, one, sql: { among } }) => {
  const { messages: m, participants: p, conversations: c, marks } = t;
  const ofIds = (ids: readonly number[]) => ({ ids });
  const numbers = { id: m.id, seq: m.seq, counted: m.counted, counts: m.counts, parentId: m.parentId };
  const theirs = and(among(p.conversationId, ph('ids')), p.active);
  const of = (column: typeof c.lastId) => sql`(select ${column} from ${c} where ${c.id} = ${p.conversationId})`;
  /** Of the user's own marks and those of all members. */
  const furthest = (kind: 'read' | 'delivered') => sql`(select max(${marks.upTo}) from ${marks}
    where ${marks.conversationId} = ${p.conversationId} and ${marks.userId} in (${p.userId}, 0) and ${marks.kind} = ${sql.raw(`'${kind}'`)})`;
  const user = { userId: p.userId };
  return {
    unfinished: all(
      () => db.select().from(c).where(isNotNull(c.importFloor)).orderBy(c.id).limit(CONVERSATIONS_AT_ONCE),
      () => ({}),
    ),
    /** The last message up to an id. */
    lastUpTo: one(
      () =>
        db
          .select(numbers)
          .from(m)
          .where(and(eq(m.conversationId, ph('conversation')), lte(m.id, ph('id'))))
          .orderBy(sql`${m.id} desc`)
          .limit(1),
      (conversation: number, id: number) => ({ conversation, id }),
    ),
    after: all(
      () =>
        db
          .select(numbers)
          .from(m)
          .where(and(eq(m.conversationId, ph('conversation')), gt(m.id, ph('id'))))
          .orderBy(m.id)
          .limit(MESSAGES_AT_ONCE),
      (conversation: number, id: number) => ({ conversation, id }),
    ),
    countReplies: all(
      () =>
        db
          .update(m)
          .set({
            replyCount: sql`(select count(*) from ${m} as reply where reply.parent_id = ${m.id} and not reply.purged)`,
          })
          .where(among(m.id, ph('ids')))
          .returning({ id: m.id }),
      ofIds,
    ),
    /** What somebody deleted for themself is not unread. */
    readCleared: all(
      () =>
        db
          .update(p)
          .set({ readUpTo: sql`${p.clearedUpTo}` })
          .where(and(theirs, sql`${p.readUpTo} >= 0`, sql`${p.readUpTo} < ${p.clearedUpTo}`))
          .returning(user),
      ofIds,
    ),
    /** For those who stand somewhere: how many messages count up to there. */
    countRead: all(
      () =>
        db
          .update(p)
          .set({
            readCounted: sql`coalesce((select ${m.counted} from ${m} where ${m.conversationId} = ${p.conversationId}
              and ${m.id} <= ${p.readUpTo} order by ${m.id} desc limit 1), 0)`,
          })
          .where(and(theirs, sql`${p.readUpTo} >= 0`))
          .returning(user),
      ofIds,
    ),
    /** Those whom the import brought: they have everything behind them. */
    putAtTheEnd: all(
      () =>
        db
          .update(p)
          .set({
            readUpTo: of(c.lastId),
            readCounted: of(c.counted),
            readMark: of(c.lastId),
            deliveredMark: of(c.lastId),
          })
          .where(and(theirs, eq(p.readUpTo, AT_THE_END)))
          .returning(user),
      ofIds,
    ),
    raiseReadMarks: all(
      () =>
        db
          .update(p)
          .set({ readMark: furthest('read') })
          .where(and(theirs, sql`${p.readMark} < ${furthest('read')}`))
          .returning(user),
      ofIds,
    ),
    raiseDeliveredMarks: all(
      () =>
        db
          .update(p)
          .set({ deliveredMark: furthest('delivered') })
          .where(and(theirs, sql`${p.deliveredMark} < ${furthest('delivered')}`))
          .returning(user),
      ofIds,
    ),
    /** What is read is delivered. */
    deliverRead: all(
      () =>
        db
          .update(p)
          .set({ deliveredMark: sql`${p.readMark}` })
          .where(and(theirs, sql`${p.deliveredMark} < ${p.readMark}`))
          .returning(user),
      ofIds,
    ),
  };
});

/**
 * Makes whole what imports have touched, an import that was broken off among them: messages numbered in the order of their ids,
 * replies counted, owners made members of the groups it brought, and those whom the import brought put at the end of each conversation.
 */
export async function finishImports(db: Database): Promise<void> {
  for (;;) {
    const left = await db.write('import', finishSome);
    if (left === 0) return;
  }
}

/** Finishes some conversations, and says how many they were. */
async function finishSome(tx: Handle): Promise<number> {
  const queries = finishStore(tx);
  const conversations = await queries.unfinished();
  if (conversations.length === 0) return 0;
  const finished: Pick<Conversation, 'id' | 'seq' | 'counted' | 'importFloor'>[] = [];
  for (const conversation of conversations) finished.push(await renumber(tx, conversation));
  await tx.updateMany(tx.t.conversations, ['id'], finished);
  const ids = conversations.map(({ id }) => id);
  const brought = conversations.filter(({ importFloor }) => importFloor === 0);
  await addOwners(
    tx,
    brought.map(({ id }) => id),
  );
  await queries.readCleared(ids);
  await queries.countRead(ids);
  await queries.putAtTheEnd(ids);
  await queries.raiseReadMarks(ids);
  await queries.raiseDeliveredMarks(ids);
  await queries.deliverRead(ids);
  return conversations.length;
}

/** Numbers the messages above the floor, in the order of their ids, and counts the replies to those that they answer. */
async function renumber(tx: Handle, { id, importFloor }: Conversation) {
  const queries = finishStore(tx);
  const floor = importFloor ?? 0;
  const before = floor === 0 ? undefined : await queries.lastUpTo(id, floor);
  let { seq, counted } = before ?? { seq: 0, counted: 0 };
  let above = floor;
  for (;;) {
    const rows = await queries.after(id, above);
    const wrong: { id: number; seq: number; counted: number }[] = [];
    const parents = new Set<number>();
    for (const row of rows) {
      seq += 1;
      if (row.counts) counted += 1;
      if (row.seq !== seq || row.counted !== counted) wrong.push({ id: row.id, seq, counted });
      if (row.parentId !== null) parents.add(row.parentId);
    }
    await tx.updateMany(tx.t.messages, ['id'], wrong);
    if (parents.size > 0) await queries.countReplies([...parents]);
    if (rows.length < MESSAGES_AT_ONCE) return { id, seq, counted, importFloor: null };
    above = rows.at(-1)?.id ?? above;
  }
}

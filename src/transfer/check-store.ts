import { and, asc, getTableColumns as columnsOf, eq, gt, isNull, placeholder as ph, sql } from 'drizzle-orm';
import { store } from '../store/handle.ts';
import { EXAMPLES_MAX } from './check-list.ts';

const PAGE = 1_000;

export const checkStore = store((handle) => {
  const { db, t, all } = handle;
  const { messages: m, users, groups } = t;
  const words = handle.dialect === 'sqlite' ? sql`message_words_docsize` : sql`message_words`;
  const wordsId = handle.dialect === 'sqlite' ? sql`id` : sql`message_id`;
  return {
    /** The first rows of a statement, each with how many there are. */
    first: (text: string) =>
      handle.shaped(
        text,
        () =>
          db
            .select({
              what: sql<string>`what`.as('what'),
              total: sql<number>`count(*) over ()`.mapWith(Number).as('total'),
            })
            .from(sql`(${sql.raw(text)}) as difference`)
            .limit(EXAMPLES_MAX),
        {},
      ),
    users: all(
      () =>
        db
          .select()
          .from(users)
          .where(gt(users.id, ph('after')))
          .orderBy(asc(users.id))
          .limit(PAGE),
      afterId,
    ),
    groups: all(
      () =>
        db
          .select()
          .from(groups)
          .where(gt(groups.id, ph('after')))
          .orderBy(asc(groups.id))
          .limit(PAGE),
      afterId,
    ),
    /** Messages that can be searched and have no words. */
    wordless: all(
      () =>
        db
          .select(columnsOf(m))
          .from(m)
          .where(
            and(
              gt(m.id, ph('after')),
              eq(m.category, sql`'message'`),
              isNull(m.deletedAt),
              eq(m.purged, sql`false`),
              sql`not exists (select 1 from ${words} as w where w.${wordsId} = ${m.id})`,
            ),
          )
          .orderBy(asc(m.id))
          .limit(PAGE),
      afterId,
    ),
  };
});

const afterId = (after: number) => ({ after });

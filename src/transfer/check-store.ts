import { and, asc, eq, gt, isNull, placeholder as ph, sql } from 'drizzle-orm';
import { store } from '../store/handle.ts';
import { EXAMPLES_MAX } from './check-list.ts';

const PAGE = 1_000;

export const checkStore = store((handle) => {
  const { db, t, all } = handle;
  const { messages: m, users, groups } = t;
  const { words } = handle.sql;
  const queries = handle.sql.pairs(ph('pairs'), 'text');
  // Whether one message matches takes SQLite as long as a search of all: there any words must do.
  const found =
    handle.dialect === 'sqlite'
      ? sql`select 1 from message_words_docsize where id = ${queries.first}`
      : sql`select 1 from ${words.table} where ${words.id} = ${queries.first} and ${words.match(sql`(${queries.second})`)}`;
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
    /** Messages that can be searched. */
    searchable: all(
      () =>
        db
          .select({
            id: m.id,
            conversationId: m.conversationId,
            text: m.text,
            caption: m.caption,
            conversationText: m.conversationText,
          })
          .from(m)
          .where(
            and(gt(m.id, ph('after')), eq(m.category, sql`'message'`), isNull(m.deletedAt), eq(m.purged, sql`false`)),
          )
          .orderBy(asc(m.id))
          .limit(PAGE),
      afterId,
    ),
    /** Of messages, each with what `matchQuery` makes of its words, those that are not found by it: on SQLite, by nothing at all. */
    lost: all(
      () =>
        db
          .select({ id: sql<number>`${queries.first}`.mapWith(Number).as('id') })
          .from(queries.table)
          .where(sql`not exists (${found})`),
      (pairs: readonly (readonly [id: number, query: string])[]) => ({ pairs }),
    ),
  };
});

const afterId = (after: number) => ({ after });

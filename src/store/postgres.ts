import { hash } from 'node:crypto';
import { getTableColumns, getTableName, placeholder, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import type pg from 'pg';
import { type Build, type Dialect, type Handle, must, type Params, type Query, type Words } from './handle.ts';
import { insertText, updateText, writeRows } from './rows.postgres.ts';
import * as t from './tables.postgres.ts';

const asJson = { mapToDriverValue: (value: unknown) => JSON.stringify(value) };

const dialect: Dialect = {
  pairs: (pairs, second) => ({
    table: sql`json_array_elements(${sql.param(pairs, asJson)}::json) as pair`,
    first: sql`(pair.value ->> 0)::bigint`,
    second: second === 'number' ? sql`(pair.value ->> 1)::bigint` : sql`pair.value ->> 1`,
  }),
  periods: (list) => ({
    table: sql`json_array_elements(${sql.param(list, asJson)}::json) as period`,
    topic: sql`period.value ->> 0`,
    from: sql`(period.value ->> 1)::bigint`,
    to: sql`(period.value ->> 2)::bigint`,
  }),
  settled: (xid) => sql`${xid} < pg_snapshot_xmin(pg_current_snapshot())`,
  among: (column, list) => sql<boolean>`${column} = any(${list})`,
  contains: (column, text) => sql<boolean>`strpos(${column}, ${text}) > 0`,
  overlaps: (column, list) =>
    sql<boolean>`exists (select 1 from json_array_elements_text(${column}) as value where value = any(${list}))`,
  words: {
    table: sql`message_words`,
    id: sql`message_words.message_id`,
    match: (query) => sql<boolean>`message_words.words @@ ${query}::tsquery`,
  },
  matchQuery(words, conversations = []) {
    const scope = conversations.map((id) => `'c:${id}'`).join(' | ');
    return [...words.map((word) => `'${word}'`), ...(scope ? [`(${scope})`] : [])].join(' & ');
  },
};

const PUT_WORDS = `insert into message_words (message_id, words)
  select (row->>'id')::bigint, array_to_tsvector(array(select distinct json_array_elements_text(row->'words')))
  from json_array_elements($1::json) as row
  on conflict (message_id) do update set words = excluded.words`;

/** Until the transaction ends, nobody else has the scope. */
export const LOCK = 'select pg_advisory_xact_lock(hashtextextended($1, 0))';

const REMOVE_WORDS = 'delete from message_words where message_id = any($1)';

interface Numbered {
  readonly id: number;
}

/** The statements of one connection, or of a pool that only reads. */
export function postgresHandle(client: pg.Pool | pg.PoolClient): Handle {
  const db = drizzle(client);
  const prepared = <Row>(build: Build<Row>) => {
    let statement: { execute(params: Params): PromiseLike<Row[]> } | undefined;
    return async (params: Params) => {
      if (!statement) {
        const query = build();
        statement = query.prepare(hash('sha1', query.toSQL().sql)); // a name belongs to one text
      }
      return statement.execute(params);
    };
  };
  const putWords = async (rows: readonly Words[]) => {
    const kept = rows.filter(({ words }) => words.length > 0);
    const gone = rows.filter(({ words }) => words.length === 0).map(({ id }) => id);
    if (kept.length > 0) await client.query({ name: 'put_words', text: PUT_WORDS, values: [JSON.stringify(kept)] });
    if (gone.length > 0) await client.query({ name: 'remove_words', text: REMOVE_WORDS, values: [gone] });
  };
  const handle: Omit<Handle, 'db' | 't'> = {
    dialect: 'postgres',
    sql: dialect,
    one(build, params) {
      const execute = prepared(build);
      return async (...args) => (await execute(params(...args)))[0];
    },
    all(build, params) {
      const execute = prepared(build);
      return (...args) => execute(params(...args));
    },
    run(build, params) {
      const execute = prepared(build as never) as unknown as (params: Params) => Promise<pg.QueryResult>;
      return async (...args) => (await execute(params(...args))).rowCount ?? 0;
    },
    add(table, columns) {
      const values = Object.fromEntries(columns.map((column) => [column, placeholder(column)]));
      const insert = () => db.insert(table as never).values(values as never);
      const execute = prepared(
        () => insert().returning({ id: serialOf(table) } as never) as unknown as Query<Numbered>,
      );
      return async (row) => must((await execute(row))[0]).id;
    },
    // Without a name: a named statement stays in the server's memory for as long as its connection lives.
    shaped: async (_shape, build, params) => build().prepare('').execute(params),
    async insertMany(table, rows) {
      await writeRows(client, table, rows, insertText);
    },
    insertMissing: (table, rows) =>
      writeRows(client, table, rows, (...names) => `${insertText(...names)} on conflict do nothing`),
    async updateMany(table, by, rows) {
      await writeRows(client, table, rows, updateText(table, by));
    },
    putWords,
    addWords: (rows) => putWords(rows.map(({ id, words }) => ({ id, words: words.split(' ') }))),
    async joinWords() {
      await client.query("select gin_clean_pending_list('message_words_words')");
    },
    async reserve(table, count) {
      const text = 'select nextval(pg_get_serial_sequence($1, $2)) as id from generate_series(1, $3::int)';
      const { rows } = await client.query({ name: 'reserve', text, values: [...serialNames(table), count] });
      return rows.map(({ id }) => Number(id));
    },
    async alsoAlone(scope) {
      await client.query(LOCK, [scope]);
    },
    // Those who hold the same rows never wait for each other; a deadlock with who changes several at once is tried again: see `AGAIN`.
    async hold({ table, name }, values) {
      const text = `select 1 from "${getTableName(table)}" where "${name}" = any($1) for share`;
      await client.query({ name: hash('sha1', text), text, values: [values] });
    },
    async analyze() {
      await client.query('analyze');
    },
    async keepAbove(table, last) {
      const text = `select setval(numbers, $3::bigint)
        from (select pg_get_serial_sequence($1, $2)::regclass as numbers) as serial where nextval(numbers) <= $3::bigint`;
      await client.query({ name: 'keep_above', text, values: [...serialNames(table), last] });
    },
  };
  // The one cast: same.ts proves that the rows are equal, the tests on both databases that the statements run.
  return { ...handle, ...({ db, t } as unknown as Pick<Handle, 'db' | 't'>) };
}

const serialOf = (table: SQLiteTable) => must(Object.values(getTableColumns(table)).find(({ primary }) => primary));
const serialNames = (table: SQLiteTable) => [getTableName(table), serialOf(table).name];

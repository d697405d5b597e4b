import { hash } from 'node:crypto';
import { getTableColumns, getTableName, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { type Build, type Dialect, type Handle, must, type Params } from './handle.ts';
import * as t from './tables.postgres.ts';

const dialect: Dialect = {
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
    // Without a name: a named statement stays in the server's memory for as long as its connection lives.
    shaped: async (_shape, build, params) => build().prepare('').execute(params),
    async insertMany(table, rows) {
      const [first] = rows;
      if (!first) return;
      const columns = Object.entries(getTableColumns(table)).filter(([property]) => property in first);
      const values = rows.map((row) =>
        Object.fromEntries(columns.map(([property, column]) => [column.name, row[property as never]])),
      );
      const name = `"${getTableName(table)}"`;
      const names = columns.map(([, column]) => `"${column.name}"`).join(', ');
      const text = `insert into ${name} (${names}) select ${names} from json_populate_recordset(null::${name}, $1::json)`;
      await client.query({ name: hash('sha1', text), text, values: [JSON.stringify(values)] });
    },
    async putWords(rows) {
      if (rows.length > 0) await client.query({ name: 'put_words', text: PUT_WORDS, values: [JSON.stringify(rows)] });
    },
    async reserve(table, count) {
      const text = 'select nextval(pg_get_serial_sequence($1, $2)) as id from generate_series(1, $3::int)';
      const column = must(Object.values(getTableColumns(table)).find(({ primary }) => primary)).name;
      const { rows } = await client.query({ name: 'reserve', text, values: [getTableName(table), column, count] });
      return rows.map(({ id }) => Number(id));
    },
  };
  // The one cast: same.ts proves that the rows are equal, the tests on both databases that the statements run.
  return { ...handle, ...({ db, t } as unknown as Pick<Handle, 'db' | 't'>) };
}

import type Sqlite from 'better-sqlite3';
import { getTableColumns, getTableName, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import { LRUCache } from 'lru-cache';
import { type Build, type Dialect, type Handle, must, type Params, type Query } from './handle.ts';
import { compileRow } from './rows.sqlite.ts';
import * as t from './tables.sqlite.ts';

const SHAPES_MAX = 500;

const asJson = { mapToDriverValue: (value: unknown) => JSON.stringify(value) };
const list = (placeholder: unknown) => sql`select value from json_each(${sql.param(placeholder, asJson)})`;

const dialect: Dialect = {
  among: (column, values) => sql<boolean>`${column} in (${list(values)})`,
  contains: (column, text) => sql<boolean>`instr(${column}, ${text}) > 0`,
  overlaps: (column, values) =>
    sql<boolean>`exists (select 1 from json_each(${column}) where value in (${list(values)}))`,
  words: {
    table: sql`message_words`,
    id: sql`message_words.rowid`,
    match: (query) => sql<boolean>`message_words match ${query}`,
  },
  matchQuery(words, conversations = []) {
    const scope = conversations.map((id) => `"c:${id}"`).join(' OR ');
    return [...words.map((word) => `"${word}"`), ...(scope ? [`(${scope})`] : [])].join(' AND ');
  },
};

/** The statements of one connection. What it gives is there at once, never a promise. */
export function sqliteHandle(client: Sqlite.Database): Handle {
  const db = drizzle(client);
  const shapes = new LRUCache<string, Statement<unknown>>({ max: SHAPES_MAX });
  const inserts = new Map<string, (row: Record<string, unknown>) => void>();
  const lazily = <Row>(build: Build<Row>) => {
    let statement: Statement<Row> | undefined;
    return () => (statement ??= prepare(build()));
  };
  const removeWords = lazilyRaw(client, 'delete from message_words where rowid = ?');
  const addWords = lazilyRaw(client, 'insert into message_words (rowid, words) values (?, ?)');
  const lastId = lazilyRaw(client, 'select seq from sqlite_sequence where name = ?');
  const setLastId = lazilyRaw(client, 'update sqlite_sequence set seq = ? where name = ?');
  const startIds = lazilyRaw(client, 'insert into sqlite_sequence (name, seq) values (?, ?)');
  return {
    dialect: 'sqlite',
    db,
    t,
    sql: dialect,
    one(build, params) {
      const statement = lazily(build);
      return (...args) => statement().get(params(...args));
    },
    all(build, params) {
      const statement = lazily(build);
      return (...args) => statement().all(params(...args));
    },
    shaped<Row>(shape: string, build: Build<Row>, params: Params) {
      const statement = (shapes.get(shape) as Statement<Row> | undefined) ?? prepare(build());
      shapes.set(shape, statement);
      return statement.all(params);
    },
    insertMany(table, rows) {
      const [first] = rows;
      if (!first) return;
      const key = `${getTableName(table)} ${Object.keys(first)}`;
      const insert = inserts.get(key) ?? insertOf(client, table, Object.keys(first));
      inserts.set(key, insert);
      for (const row of rows) insert(row);
    },
    putWords(rows) {
      for (const { id, words } of rows) {
        removeWords().run(id);
        addWords().run(id, words.join(' '));
      }
    },
    reserve(table, count) {
      const name = getTableName(table);
      const last = (lastId().get(name) as { seq: number } | undefined)?.seq;
      if (last === undefined) startIds().run(name, count);
      else setLastId().run(last + count, name);
      return Array.from({ length: count }, (_, n) => (last ?? 0) + 1 + n);
    },
  };
}

interface Statement<Row> {
  get(params: Params): Row | undefined;
  all(params: Params): Row[];
}

/** Drizzle's statement and parameters, with rows made by code compiled for its columns. */
function prepare<Row>(query: Query<Row>): Statement<Row> {
  const prepared = query.prepare();
  const toRow = compileRow<Row>(prepared);
  if (!toRow) return prepared;
  const { statement, bind, row } = toRow;
  return {
    get(params) {
      const values = statement.get(bind(params));
      return values && row(values);
    },
    all: (params) => statement.all(bind(params)).map(row),
  };
}

function lazilyRaw(client: Sqlite.Database, text: string): () => Sqlite.Statement {
  let statement: Sqlite.Statement | undefined;
  return () => (statement ??= client.prepare(text));
}

function insertOf(client: Sqlite.Database, table: SQLiteTable, properties: readonly string[]) {
  const columns = properties.map((property) => must(getTableColumns(table)[property]));
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const statement = client.prepare(
    `insert into "${getTableName(table)}" (${names}) values (${columns.map(() => '?').join(', ')})`,
  );
  return (row: Record<string, unknown>) => {
    statement.run(
      columns.map((column, n) => {
        const value = row[must(properties[n])] ?? null;
        return value === null ? null : column.mapToDriverValue(value);
      }),
    );
  };
}

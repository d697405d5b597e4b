import type Sqlite from 'better-sqlite3';
import { getTableColumns, getTableName, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import { LRUCache } from 'lru-cache';
import { type Build, type Dialect, type Handle, must, type Params, type Query } from './handle.ts';
import { compileRow, compileRun, valuesMaker } from './rows.sqlite.ts';
import * as t from './tables.sqlite.ts';

const SHAPES_MAX = 500;

const asJson = { mapToDriverValue: (value: unknown) => JSON.stringify(value) };
const list = (placeholder: unknown) => sql`select value from json_each(${sql.param(placeholder, asJson)})`;

const dialect: Dialect = {
  pairs: (pairs) => ({
    table: sql`json_each(${sql.param(pairs, asJson)}) as pair`,
    first: sql`pair.value ->> 0`,
    second: sql`pair.value ->> 1`,
  }),
  periods: (list) => ({
    table: sql`json_each(${sql.param(list, asJson)}) as period`,
    topic: sql`period.value ->> 0`,
    from: sql`period.value ->> 1`,
    to: sql`period.value ->> 2`,
  }),
  settled: () => sql`true`,
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

/** The statements of one connection. What it gives is there at once, never a promise. `beforeRead` is called before each. */
export function sqliteHandle(client: Sqlite.Database, beforeRead = () => {}): Handle {
  const db = drizzle(planOnce(client));
  const shapes = new LRUCache<string, Statement<unknown>>({ max: SHAPES_MAX });
  const writes = new LRUCache<string, Write>({ max: SHAPES_MAX });
  const written = (name: string, make: () => Write) => {
    const write = writes.get(name) ?? make();
    writes.set(name, write);
    return write;
  };
  const lazily = <Row>(build: Build<Row>) => {
    let statement: Statement<Row> | undefined;
    return () => {
      beforeRead();
      statement ??= prepare(build());
      return statement;
    };
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
    run(build, params) {
      let statement: ReturnType<typeof compileRun> | undefined;
      return (...args) => {
        statement ??= compileRun(build().prepare());
        return statement(params(...args)).changes;
      };
    },
    add(table, columns) {
      let insert: Write | undefined;
      return (row) => {
        insert ??= compile(client, table, columns, insertText(table, columns));
        return Number(insert(row).lastInsertRowid);
      };
    },
    shaped<Row>(shape: string, build: Build<Row>, params: Params) {
      beforeRead();
      const statement = (shapes.get(shape) as Statement<Row> | undefined) ?? prepare(build());
      shapes.set(shape, statement);
      return statement.all(params);
    },
    insertMany(table, rows) {
      const properties = given(table, rows);
      if (properties.length === 0) return;
      const insert = written(`insert ${getTableName(table)} ${properties}`, () =>
        compile(client, table, properties, insertText(table, properties)),
      );
      for (const row of rows) insert(row);
    },
    insertMissing(table, rows) {
      const properties = given(table, rows);
      if (properties.length === 0) return 0;
      const insert = written(`missing ${getTableName(table)} ${properties}`, () =>
        compile(client, table, properties, `${insertText(table, properties)} on conflict do nothing`),
      );
      return rows.reduce((added, row) => added + insert(row).changes, 0);
    },
    updateMany(table, by, rows) {
      const [first] = rows;
      if (!first) return;
      const set = Object.keys(first).filter((property) => !by.includes(property));
      const update = written(`update ${getTableName(table)} ${set}`, () => {
        const assign = (properties: readonly string[], separator: string) =>
          properties.map((property) => `"${columnOf(table, property).name}" = ?`).join(separator);
        const text = `update "${getTableName(table)}" set ${assign(set, ', ')} where ${assign(by, ' and ')}`;
        return compile(client, table, [...set, ...by], text);
      });
      for (const row of rows) update(row);
    },
    putWords(rows) {
      for (const { id, words } of rows) {
        removeWords().run(id);
        if (words.length > 0) addWords().run(id, words.join(' '));
      }
    },
    addWords(rows) {
      for (const { id, words } of rows) addWords().run(id, words);
    },
    joinWords() {
      client.exec("insert into message_words (message_words) values ('optimize')");
    },
    alsoAlone() {}, // one transaction writes at a time
    hold() {}, // for the same reason
    analyze() {}, // without figures it takes an index wherever there is one
    keepAbove() {}, // a number given by hand raises what SQLite hands out next
    reserve(table, count) {
      const name = getTableName(table);
      const last = (lastId().get(name) as { seq: number } | undefined)?.seq;
      if (last === undefined) startIds().run(name, count);
      else setLastId().run(last + count, name);
      return Array.from({ length: count }, (_, n) => (last ?? 0) + 1 + n);
    },
  };
}

/**
 * The connection, with a plus before each parameter. SQLite with STAT4, as better-sqlite3 compiles it, plans a statement anew at
 * every use in which a parameter has another value that could bear on the plan (measured: 27 instead of 2 µs for a page's first
 * row). Behind a plus it can't, and the plan stays the one that EXPLAIN shows.
 */
function planOnce(client: Sqlite.Database): Sqlite.Database {
  const prepare = (text: string) => client.prepare(text.replaceAll('?', '+?'));
  return { prepare } as unknown as Sqlite.Database; // of which Drizzle uses nothing else for statements
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

/** Runs a statement with the values of a row. */
type Write = (row: Record<string, unknown>) => Sqlite.RunResult;

function compile(client: Sqlite.Database, table: SQLiteTable, properties: readonly string[], text: string): Write {
  const statement = client.prepare(text);
  const values = valuesMaker(properties.map((property) => [property, columnOf(table, property)]));
  return (row) => statement.run(values(row));
}

/** The columns that hold something in at least one of the rows: to bind a value takes longer than to leave it to its default. */
function given(table: SQLiteTable, rows: readonly Record<string, unknown>[]): string[] {
  return Object.keys(rows[0] ?? {}).filter((property, n) => {
    const usual = columnOf(table, property).default ?? null;
    return n === 0 || rows.some((row) => (row[property] ?? null) !== usual);
  });
}

function insertText(table: SQLiteTable, properties: readonly string[]): string {
  const names = properties.map((property) => `"${columnOf(table, property).name}"`);
  return `insert into "${getTableName(table)}" (${names}) values (${names.map(() => '?')})`;
}

const columnOf = (table: SQLiteTable, property: string) => must(getTableColumns(table)[property]);

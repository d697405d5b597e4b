import { hash } from 'node:crypto';
import { getTableColumns, getTableName } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import type pg from 'pg';
import { must } from './handle.ts';

/** A statement that writes the rows of the table expression `given`, from the quoted names of a table and of its columns. */
type Text = (table: string, columns: readonly string[]) => string;

const GIVEN = (table: string) => `json_populate_recordset(null::${table}, $1::json) as given`;

export const insertText: Text = (table, columns) =>
  `insert into ${table} (${columns}) select ${columns} from ${GIVEN(table)}`;

/** Sets all columns but those that rows are found by. */
export function updateText(source: SQLiteTable, by: readonly string[]): Text {
  const keys = by.map((property) => quoted(must(getTableColumns(source)[property]).name));
  return (table, columns) => {
    const set = columns.filter((name) => !keys.includes(name)).map((name) => `${name} = given.${name}`);
    const where = keys.map((name) => `${table}.${name} = given.${name}`).join(' and ');
    return `update ${table} set ${set} from ${GIVEN(table)} where ${where}`;
  };
}

/** Runs a statement over rows, all in one parameter, and says how many rows it wrote. Each row has the columns of the first. */
export async function writeRows(
  client: pg.Pool | pg.PoolClient,
  table: SQLiteTable,
  rows: readonly object[],
  makeText: Text,
): Promise<number> {
  const [first] = rows;
  if (!first) return 0;
  const columns = Object.entries(getTableColumns(table)).filter(([property]) => property in first);
  const values = rows.map((row) =>
    Object.fromEntries(columns.map(([property, { name }]) => [name, row[property as never]])),
  );
  const text = makeText(
    quoted(getTableName(table)),
    columns.map(([, { name }]) => quoted(name)),
  );
  const { rowCount } = await client.query({ name: hash('sha1', text), text, values: [JSON.stringify(values)] });
  return rowCount ?? 0;
}

const quoted = (name: string) => `"${name}"`;

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { relative } from 'node:path';
import { getTableColumns, getTableName, is, SQL, type Table } from 'drizzle-orm';
import { PgDialect, getTableConfig as postgresConfig } from 'drizzle-orm/pg-core';
import { SQLiteSyncDialect, getTableConfig as sqliteConfig } from 'drizzle-orm/sqlite-core';
import { expect, onTestFinished, test } from 'vitest';
import * as postgres from '../../src/store/tables.postgres.ts';
import * as sqlite from '../../src/store/tables.sqlite.ts';

const bodyOf = (dialect: string) =>
  readFileSync(`src/store/tables.${dialect}.ts`, 'utf8')
    .replace(/^\/\/.*\n/, '')
    .replace(/^import .*\n/gm, '');

test('both databases are declared by the same lines', () => {
  expect(bodyOf('postgres')).toBe(bodyOf('sqlite'));
});

test('both databases have the same columns, keys and indexes', () => {
  const ofSqlite = Object.values(sqlite).map((table) => describeTable(table, sqliteConfig(table), sqliteText));
  const ofPostgres = Object.values(postgres).map((table) => describeTable(table, postgresConfig(table), postgresText));
  expect(ofPostgres).toEqual(ofSqlite);
});

test.each([
  ['sqlite', 'sqlite'],
  ['postgres', 'postgresql'],
])('the migrations of %s make the tables as they are declared', (name, dialect) => {
  const folder = mkdtempSync(`${tmpdir()}/parley-migrations-`);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(`drizzle/${name}`, folder, { recursive: true });
  const schema = `./src/store/tables.${name}.ts`;
  const args = ['generate', '--dialect', dialect, '--schema', schema, '--out', relative('.', folder)];
  const said = execFileSync('node_modules/.bin/drizzle-kit', args, { encoding: 'utf8' });
  expect(said).toContain('No schema changes');
  expect(readdirSync(folder)).toEqual(readdirSync(`drizzle/${name}`));
});

interface Config {
  readonly primaryKeys: readonly { readonly columns: readonly { readonly name: string }[] }[];
  readonly uniqueConstraints: readonly { readonly columns: readonly { readonly name: string }[] }[];
  readonly foreignKeys: readonly {
    readonly onDelete: string | undefined;
    readonly onUpdate: string | undefined;
    reference(): {
      readonly columns: readonly { readonly name: string }[];
      readonly foreignTable: Table;
      readonly foreignColumns: readonly { readonly name: string }[];
    };
  }[];
  readonly checks: readonly { readonly name: string; readonly value: SQL }[];
  readonly indexes: readonly {
    readonly config: {
      readonly name?: string | undefined;
      readonly unique?: boolean | undefined;
      readonly where?: SQL | undefined;
      readonly columns: readonly object[];
    };
  }[];
}

/** All that a table's declaration says beside its rows' types, which src/store/same.ts compares. */
function describeTable(table: Table, config: Config, textOf: (sql: SQL) => string) {
  const names = (columns: readonly { readonly name: string }[]) => columns.map(({ name }) => name);
  return {
    name: getTableName(table),
    columns: Object.entries(getTableColumns(table)).map(([property, column]) => ({
      property,
      name: column.name,
      notNull: column.notNull,
      primary: column.primary,
      unique: column.isUnique,
      values: column.enumValues,
      // What the database computes is of its own kind; what is written out is the same in both.
      default: is(column.default, SQL) ? undefined : column.name === 'xid' ? undefined : column.default,
    })),
    primaryKeys: config.primaryKeys.map(({ columns }) => names(columns)),
    uniqueConstraints: config.uniqueConstraints.map(({ columns }) => names(columns)),
    checks: config.checks.map(({ name, value }) => [name, textOf(value)]),
    foreignKeys: config.foreignKeys.map((key) => {
      const { columns, foreignTable, foreignColumns } = key.reference();
      const { onDelete = 'no action', onUpdate = 'no action' } = key;
      return [names(columns), getTableName(foreignTable), names(foreignColumns), onDelete, onUpdate];
    }),
    indexes: config.indexes.map(({ config: { name, unique = false, where, columns } }) => ({
      name,
      unique,
      where: where && textOf(where),
      columns: columns.map((column) => (is(column, SQL) ? textOf(column) : (column as { name: string }).name)),
    })),
  };
}

function sqliteText(sql: SQL): string {
  return new SQLiteSyncDialect().sqlToQuery(sql).sql;
}

function postgresText(sql: SQL): string {
  return new PgDialect().sqlToQuery(sql).sql;
}

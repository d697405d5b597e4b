import { describe, test } from 'vitest';
import type { DialectName } from './database.ts';

/**
 * Runs a suite on SQLite, and on PostgreSQL where TEST_POSTGRES names a server; in CI it must. TEST_DIALECT is set where only one
 * of them is this run's: see vitest.config.ts.
 */
export function eachDialect(suite: (dialect: DialectName) => void): void {
  const only = process.env['TEST_DIALECT'];
  if (only !== 'postgres') describe('on SQLite', () => suite('sqlite'));
  if (only === 'sqlite') return;
  if (process.env['TEST_POSTGRES']) describe('on PostgreSQL', () => suite('postgres'));
  else if (process.env['CI']) test('on PostgreSQL', refuse);
  else describe.skip('on PostgreSQL: left out, as TEST_POSTGRES names no server', () => suite('postgres'));
}

function refuse() {
  throw new Error('TEST_POSTGRES must name a server in CI, such as postgres://postgres@127.0.0.1/postgres');
}

import { describe, test } from 'vitest';
import type { DialectName } from './database.ts';

/** Runs a suite on SQLite, and on PostgreSQL where TEST_POSTGRES names a server; in CI it must. */
export function eachDialect(suite: (dialect: DialectName) => void): void {
  describe('on SQLite', () => suite('sqlite'));
  if (process.env['TEST_POSTGRES']) describe('on PostgreSQL', () => suite('postgres'));
  else if (process.env['CI']) test('on PostgreSQL', refuse);
  else describe.skip('on PostgreSQL: left out, as TEST_POSTGRES names no server', () => suite('postgres'));
}

function refuse() {
  throw new Error('TEST_POSTGRES must name a server in CI, such as postgres://postgres@127.0.0.1/postgres');
}

// Loaded before a server on SQLite: counts how often each statement runs, and leaves that, when the server ends, in the file that
// FAULTS_STATEMENTS names.
import { writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';

const counts = new Map<string, number>();
const prepare = Sqlite.prototype.prepare as (text: string) => object;

Sqlite.prototype.prepare = function counting(this: Sqlite.Database, text: string) {
  const statement = prepare.call(this, text) as Record<string, (...values: unknown[]) => unknown>;
  for (const name of ['all', 'get', 'run', 'iterate']) {
    const run = statement[name];
    statement[name] = (...values) => {
      counts.set(text, (counts.get(text) ?? 0) + 1);
      return run?.apply(statement, values);
    };
  }
  return statement;
} as never;

process.on('exit', () => writeFileSync(process.env['FAULTS_STATEMENTS'] ?? '', JSON.stringify([...counts])));

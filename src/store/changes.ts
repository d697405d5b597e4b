import type Sqlite from 'better-sqlite3';
import { type Column, getTableName } from 'drizzle-orm';
import type { Change } from './handle.ts';

type Listener = (...values: never[]) => void;

/**
 * What transactions change, told by the database itself: temporary triggers on the connection that writes cover every statement,
 * and what foreign keys do of themselves. They cost a microsecond and a half for each changed row, so there are none until somebody
 * listens.
 */
export function watchChanges(writer: Sqlite.Database) {
  const listeners: Listener[][] = [];
  const triggers = new Map<string, Listener[]>();
  let told: [trigger: number, ...values: unknown[]][] = [];
  let kept = 0; // how many of them

  function listenTo(when: string, column: Column, row: 'old' | 'new', gives: readonly Column[], listener: Listener) {
    const table = getTableName(column.table);
    const values = gives.map(({ name }) => `${row}."${name}"`).join(', ');
    const trigger = `after ${when} on main."${table}" begin select parley_changed(N, ${values}); end`;
    const known = triggers.get(trigger);
    if (known) return void known.push(listener);
    if (triggers.size === 0) {
      writer.pragma('recursive_triggers = on'); // or who replaces a row would not be heard to delete it
      writer.function('parley_changed', { varargs: true }, (...change) => {
        told.push(change as (typeof told)[number]);
        return null;
      });
    }
    const heard = [listener];
    triggers.set(trigger, heard);
    const number = listeners.push(heard) - 1;
    writer.exec(`create temp trigger parley_changed_${number} ${trigger.replace('N', `${number}`)}`);
  }

  return {
    /** See `Memory.onChange`. */
    listen({ on, gives, sets }: Change, listener: Listener) {
      const [first] = gives;
      if (on.includes('insert')) listenTo('insert', first, 'new', gives, listener);
      if (on.includes('delete')) listenTo('delete', first, 'old', gives, listener);
      if (!on.includes('update')) return;
      const of = (columns: readonly Column[]) => `update of ${columns.map(({ name }) => `"${name}"`).join(', ')}`;
      listenTo(sets ? of(sets) : 'update', first, 'old', gives, listener);
      listenTo(of(gives), first, 'new', gives, listener);
    },

    /** What was changed so far stays, unless the whole transaction is undone. */
    keep() {
      kept = told.length;
    },

    /** What was changed since has been undone; outside a transaction all was. */
    undone() {
      if (!writer.inTransaction) kept = 0;
      told.length = kept;
    },

    /** Tells the listeners of all that was committed since the last time. */
    tell() {
      if (told.length === 0) return;
      const changes = told;
      [told, kept] = [[], 0];
      for (const [trigger, ...values] of changes) {
        for (const listener of listeners[trigger] ?? []) listener(...(values as never[]));
      }
    },
  };
}

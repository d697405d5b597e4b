import type Sqlite from 'better-sqlite3';
import type { Handle, WordsText } from './handle.ts';

/**
 * The handle that jobs write with, where new messages' words wait until `keep` writes them all at once, before the commit: the index
 * makes one piece of them then. Between other statements it would make a piece for each message, and merge them later, which takes
 * longer than all else in a send. A message that is gone by then leaves no words.
 */
export function gatherWords(client: Sqlite.Database, handle: Handle) {
  const add = client.prepare(
    `insert into message_words (rowid, words) select value ->> 0, value ->> 1 from json_each(?)
     where exists (select 1 from messages where id = value ->> 0)`,
  );
  let waiting = new Map<number, string>();
  const tx: Handle = {
    ...handle,
    addWords(rows: readonly WordsText[]) {
      for (const { id, words } of rows) waiting.set(id, words);
    },
    putWords(rows) {
      for (const { id } of rows) waiting.delete(id);
      return handle.putWords(rows);
    },
  };
  return {
    tx,
    keep() {
      if (waiting.size > 0) add.run(JSON.stringify([...waiting]));
      waiting = new Map();
    },
    /** What they belong to has been undone. */
    forget() {
      waiting = new Map();
    },
  };
}

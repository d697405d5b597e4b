import { hash } from 'node:crypto';
import Sqlite from 'better-sqlite3';
import { gatherWords } from '../../src/store/gathered-words.ts';

/** Who sends. */
export interface Sender {
  readonly id: number;
  readonly uid: string;
}

/** What a send answers. */
export interface Sent {
  readonly id: string;
  readonly sentAt: number;
  readonly text: string;
  readonly sender: { readonly uid: string };
}

interface Row {
  readonly [column: string]: number;
}

interface Group {
  readonly id: number;
  readonly guid: string;
}

/**
 * What Parley's `sendTextMessage` to a group does in SQL, by hand and nothing else: it looks up the token, the group and the sender's
 * place in it; keeps the message, its words, the conversation's last message, the sender's marks, the event and its topic; and looks
 * how far all members have come. `send` runs in a transaction, `words` says what is to be called at its end.
 */
export function openStatements(file: string) {
  const client = connect(file);
  const reader = connect(file);
  const words = gatherWords(client, {} as never);
  const prepare = (text: string) => client.prepare(text.replaceAll('?', '+?')); // planned once, as Parley's are
  const token = reader.prepare<[string], Sender>(
    'select u.id, u.uid from auth_tokens t join users u on u.id = t.user_id where t.hash = +? and u.deleted_at is null',
  );
  const group = reader.prepare<[string], Group>('select id, guid from groups where guid = +?');
  const conversation = prepare('select * from conversations where group_id = ?');
  const mine = prepare('select * from participants where user_id = ? and conversation_id = ?');
  const add =
    prepare(`insert into messages (conversation_id, seq, counted, counts, sender_id, category, type, text, tags, sent_at)
    values (?, ?, ?, 1, ?, 'message', 'text', ?, '[]', ?)`);
  const setLast = prepare(
    'update conversations set seq = ?, counted = ?, last_id = ?, last_message_id = ?, updated_at = ? where id = ?',
  );
  const event = prepare(
    "insert into events (kind, at, by_id, conversation_id, message_id) values ('MESSAGE_SENT', ?, ?, ?, ?)",
  );
  const topic = prepare('insert into event_topics (topic, position) values (?, ?)');
  const move = prepare(`update participants set read_up_to = ?, read_counted = ?, read_mark = ?, delivered_mark = ?
    where user_id = ? and conversation_id = ?`);
  const mark = prepare(
    "insert into marks (conversation_id, user_id, kind, up_to, at) values (?, ?, 'read', ?, ?) on conflict do nothing",
  );
  const least = prepare(`select min(read_mark),
    (select min(delivered_mark) from participants where conversation_id = ? and active)
    from participants where conversation_id = ? and active`);

  return {
    client,
    words,

    /** Whose token a header `Authorization` holds, and the group of a guid. Throws where there is none. */
    find(authorization = '', guid = '') {
      const sender = token.get(hash('sha256', authorization.slice('Bearer '.length)));
      const found = group.get(guid);
      if (!sender || !found) throw new Error('nobody to send, or nowhere to');
      return { sender, group: found };
    },

    send(sender: Sender, to: Group, text: string): Sent {
      const c = conversation.get(to.id) as Row;
      const m = mine.get(sender.id, c['id']) as Row | undefined;
      if (!m?.['active']) throw new Error('not a member');
      const [seq, counted] = [(c['seq'] ?? 0) + 1, (c['counted'] ?? 0) + 1];
      const sentAt = Math.max(Math.floor(Date.now() / 1000), c['updated_at'] ?? 0);
      const id = Number(add.run(c['id'], seq, counted, sender.id, text, sentAt).lastInsertRowid);
      setLast.run(seq, counted, id, id, sentAt, c['id']);
      const said = [...new Set(text.toLowerCase().match(/[a-z0-9]+/g)), `c:${c['id']}`];
      words.tx.addWords([{ id, words: said.join(' ') }]);
      const position = event.run(sentAt, sender.id, c['id'], id).lastInsertRowid;
      topic.run(`group:${to.guid}`, position);
      move.run(id, counted, id, id, sender.id, c['id']);
      if ((c['last_id'] ?? 0) > (m['read_mark'] ?? 0)) mark.run(c['id'], sender.id, id, sentAt);
      least.get(c['id'], c['id']);
      return { id: String(id), sentAt, text, sender: { uid: sender.uid } };
    },
  };
}

/** Opens a database with Parley's settings. */
export function connect(file: string): Sqlite.Database {
  const client = new Sqlite(file);
  for (const setting of [
    'journal_mode = wal',
    'synchronous = full',
    'foreign_keys = on',
    'secure_delete = on',
    'cache_size = -32768',
    'wal_autocheckpoint = 10000',
  ]) {
    client.pragma(setting);
  }
  return client;
}

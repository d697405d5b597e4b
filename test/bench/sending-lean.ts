import { hash } from 'node:crypto';
import type Sqlite from 'better-sqlite3';
import { connect, type Sender, type Sent } from './sending-statements.ts';

const TABLES = `
  create table messages (id integer primary key, conversation_id integer not null, seq integer not null,
    sender_id integer not null, text text not null, sent_at integer not null);
  create index messages_page on messages (conversation_id, id);
  create table marks (conversation_id integer not null, user_id integer not null, up_to integer not null,
    primary key (conversation_id, user_id)) without rowid;
  create table events (position integer primary key, topic text not null, kind text not null, message_id integer not null);
  create index events_topic on events (topic, position);`;

/**
 * As little as a send can be: the message, the sender's read mark and the entry in the log, in narrow tables of their own. Who belongs
 * where and how far a conversation has come is in memory, nothing is read back, the order of lists follows from the messages. No
 * search, no receipts, no counts of what is unread.
 */
export function openLean(file: string) {
  const client = connect(`${file}-lean`);
  client.exec(TABLES);
  const add = client.prepare(
    'insert into messages (conversation_id, seq, sender_id, text, sent_at) values (1, ?, ?, ?, ?)',
  );
  const mark = client.prepare('insert or replace into marks (conversation_id, user_id, up_to) values (1, ?, ?)');
  const event = client.prepare("insert into events (topic, kind, message_id) values (?, 'MESSAGE_SENT', ?)");
  const from = connect(file);
  const senders = new Map(tokensIn(from).map(({ hash: hashed, ...sender }) => [hashed, sender]));
  const members = new Map(groupsIn(from).map(({ guid, members: ids }) => [guid, new Set<number>(JSON.parse(ids))]));
  from.close();
  let seq = 0;

  return {
    client,

    /** Whose token a header `Authorization` holds, and the guid of a group that they are in. Throws where there is none. */
    find(authorization = '', guid = '') {
      const sender = senders.get(hash('sha256', authorization.slice('Bearer '.length)));
      if (!sender || !members.get(guid)?.has(sender.id)) throw new Error('nobody to send, or nowhere to');
      return { sender, group: guid };
    },

    send(sender: Sender, guid: string, text: string): Sent {
      const sentAt = Math.floor(Date.now() / 1000);
      const id = Number(add.run(++seq, sender.id, text, sentAt).lastInsertRowid);
      mark.run(sender.id, id);
      event.run(`group:${guid}`, id);
      return { id: String(id), sentAt, text, sender: { uid: sender.uid } };
    },
  };
}

const tokensIn = (client: Sqlite.Database) =>
  client
    .prepare<[], Sender & { hash: string }>(
      'select t.hash, u.id, u.uid from auth_tokens t join users u on u.id = t.user_id',
    )
    .all();

const groupsIn = (client: Sqlite.Database) =>
  client
    .prepare<[], { guid: string; members: string }>(
      'select g.guid, json_group_array(m.user_id) as members from groups g join memberships m on m.group_id = g.id group by g.id',
    )
    .all();

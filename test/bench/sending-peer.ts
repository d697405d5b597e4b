// The hand-written server that sends are compared to: `node:http`, prepared statements, the same group commit. It does for a message
// what Parley's `sendTextMessage` does (looks up the token, the group and the sender's place in it; keeps the message, its words, the
// conversation's last message, the sender's marks, the event and its topic; looks how far all members have come) and nothing else:
// no GraphQL, no limits, no logs. Usage: node test/bench/sending-peer.ts <database> <port>
import { hash } from 'node:crypto';
import { createServer } from 'node:http';
import Sqlite from 'better-sqlite3';
import { gatherWords } from '../../src/store/gathered-words.ts';
import { groupCommit } from '../../src/store/group-commit.ts';

const [file = '', port = ''] = process.argv.slice(2);
const client = connect();
const reader = connect();
const words = gatherWords(client, {} as never);
const commit = groupCommit(client, words.tx, { finish: words.keep, undone: words.forget, committed() {} });

const token = reader.prepare(
  'select t.expires_at, u.id, u.uid, u.deactivated_at, u.deleted_at from auth_tokens t join users u on u.id = t.user_id where t.hash = ?',
);
const group = reader.prepare('select id, guid from groups where guid = ?');
const sql = {
  conversation: client.prepare('select * from conversations where group_id = ?'),
  mine: client.prepare('select * from participants where user_id = ? and conversation_id = ?'),
  add: client.prepare(`insert into messages (conversation_id, seq, counted, counts, sender_id, category, type, text, tags, sent_at, purged,
    reply_count, reaction_count, mention_count, has_links) values (?, ?, ?, 1, ?, 'message', 'text', ?, '[]', ?, 0, 0, 0, 0, 0) returning id`),
  last: client.prepare(
    'update conversations set seq = ?, counted = ?, last_id = ?, last_message_id = ?, updated_at = ? where id = ?',
  ),
  event: client.prepare(
    "insert into events (kind, at, by_id, conversation_id, message_id) values ('MESSAGE_SENT', ?, ?, ?, ?) returning position",
  ),
  topic: client.prepare('insert into event_topics (topic, position) values (?, ?)'),
  move: client.prepare(`update participants set read_up_to = ?, read_counted = ?, read_mark = ?, delivered_mark = ?
    where user_id = ? and conversation_id = ?`),
  mark: client.prepare(
    "insert into marks (conversation_id, user_id, kind, up_to, at) values (?, ?, 'read', ?, ?) on conflict do nothing",
  ),
  read: client.prepare('select min(read_mark) as least from participants where conversation_id = ? and active'),
  delivered: client.prepare(
    'select min(delivered_mark) as least from participants where conversation_id = ? and active',
  ),
};

interface Row {
  readonly [column: string]: number;
}

function send(senderId: number, groupId: number, guid: string, text: string) {
  const at = Math.floor(Date.now() / 1000);
  const c = sql.conversation.get(groupId) as Row;
  const mine = sql.mine.get(senderId, c['id']) as Row;
  if (!mine['active']) throw new Error('not a member');
  const [seq, counted] = [(c['seq'] ?? 0) + 1, (c['counted'] ?? 0) + 1];
  const sentAt = Math.max(at, c['updated_at'] ?? 0);
  const { id } = sql.add.get(c['id'], seq, counted, senderId, text, sentAt) as { id: number };
  sql.last.run(seq, counted, id, id, sentAt, c['id']);
  words.tx.addWords([{ id, words: [...new Set(text.toLowerCase().match(/[a-z0-9]+/g)), `c:${c['id']}`].join(' ') }]);
  const { position } = sql.event.get(sentAt, senderId, c['id'], id) as { position: number };
  sql.topic.run(`group:${guid}`, position);
  sql.move.run(id, counted, id, id, senderId, c['id']);
  if ((c['last_id'] ?? 0) > (mine['read_mark'] ?? 0)) sql.mark.run(c['id'], senderId, id, sentAt);
  sql.read.get(c['id']);
  sql.delivered.get(c['id']);
  return { id, sentAt };
}

createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', async () => {
    const { variables } = JSON.parse(Buffer.concat(chunks).toString());
    const user = token.get(hash('sha256', (req.headers.authorization ?? '').slice(7))) as Row & { uid: string };
    const { id: groupId, guid } = group.get(variables.input.receiverId) as { id: number; guid: string };
    const { id, sentAt } = await commit.write(() => send(user['id'] ?? 0, groupId, guid, variables.input.text));
    const message = { id: String(id), sentAt, text: variables.input.text, sender: { uid: user.uid } };
    const body = JSON.stringify({ data: { sendTextMessage: { message } } });
    res.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    });
    res.end(body);
  });
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));

function connect() {
  const made = new Sqlite(file);
  for (const setting of [
    'journal_mode = wal',
    'synchronous = full',
    'foreign_keys = on',
    'cache_size = -32768',
    'wal_autocheckpoint = 10000',
  ]) {
    made.pragma(setting);
  }
  return made;
}

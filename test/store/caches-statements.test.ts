import { sql } from 'drizzle-orm';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/store/open.ts';
import { reaction, START, text } from '../support/lines.ts';
import { serverForTest, type TestServer } from '../support/server.ts';
import { START_LINES, UIDS } from '../writing/model/start.ts';
import { comparison } from './comparison.ts';

const CLOSED = { group: 'closed' };
const OPEN = { group: 'open' };

const LINES = [
  ...START_LINES,
  text(1, 'ada', { user: 'bob' }, 'one'),
  text(3, 'bob', { user: 'ada' }, 'three'),
  text(4, 'bob', { user: 'ada' }, 'four'),
  ...[5, 6, 7, 8, 9].map((id) => text(id, 'bob', CLOSED, `number ${id}`)),
  text(11, 'ada', OPEN, 'eleven'),
  text(12, 'ada', OPEN, 'twelve'),
  text(13, 'cyd', { user: 'bob' }, 'thirteen'),
  ...['ada', 'bob'].map((uid) => reaction({ messageId: '1', uid, reaction: '👍', reactedAt: START + 20 })),
];

const userOf = (uid: string) => `(select id from users where uid = '${uid}')`;
const groupOf = (guid: string) => `(select id from groups where guid = '${guid}')`;
const IN_OPEN = `(select id from conversations where group_id = ${groupOf('open')})`;

/** Adds a message that is like another but for its id and what else is named. */
function copyOf(id: number, as: number, otherwise: Record<string, string>): string {
  const like =
    'conversation_id seq counted counts sender_id category type text tags sent_at mention_count has_links'.split(' ');
  const values = {
    id: `${as}`,
    ...Object.fromEntries(like.map((name) => [name, name])),
    purged: 'false',
    ...otherwise,
  };
  return `insert into messages (${Object.keys(values)}) select ${Object.values(values)} from messages where id = ${id}`;
}

/** What no service does, and foreign keys do of themselves. */
const STATEMENTS = [
  "update users set name = 'Zed' where uid = 'bob'",
  "update users set uid = 'zed' where uid = 'eve'",
  "update users set uid = 'eve' where uid = 'zed'",
  "replace into users (id, uid, sort_key, name, tags, created_at) select id, uid, sort_key, 'Zoe', tags, created_at from users where uid = 'dan'",
  "update groups set guid = 'shut' where guid = 'closed'",
  "update groups set guid = 'closed' where guid = 'shut'",
  `update memberships set user_id = ${userOf('dan')} where user_id = ${userOf('eve')}`,
  `delete from memberships where user_id = ${userOf('dan')}`,
  'update participants set read_up_to = 0, read_counted = 0',
  'update messages set deleted_at = 1 where id = 5',
  'update messages set purged = true where id = 7',
  'update messages set purged = false where id = 7',
  'update messages set counts = false where id = 8',
  `update messages set sender_id = ${userOf('ada')} where id = 9`,
  'update messages set conversation_id = (select conversation_id from messages where id = 1) where id = 12',
  'update messages set id = 1000 where id = 11',
  'update messages set id = 2 where id = 1000',
  'delete from messages where id = 6',
  copyOf(8, 6, {}),
  copyOf(1, 1001, {}),
  copyOf(1, 1002, { deleted_at: '1' }),
  copyOf(1, 1003, { purged: 'true' }),
  'delete from messages where id = 3',
  `insert into reactions (message_id, reaction, user_id, at) values (1, 'ok', ${userOf('cyd')}, 1)`,
  `delete from reactions where user_id = ${userOf('ada')}`,
  "update reactions set reaction = 'ja' where reaction = 'ok'",
  'update reactions set message_id = 4 where message_id = 1',
  `update participants set user_id = ${userOf('eve')}
    where user_id = ${userOf('cyd')} and conversation_id = ${IN_OPEN}`,
  `delete from participants where user_id = ${userOf('eve')}
    and conversation_id = ${IN_OPEN}`,
  `insert into participants (user_id, conversation_id, active, tags)
    select ${userOf('eve')}, conversation_id, true, '[]' from messages where id = 1`,
  `update conversations set user_a = ${userOf('dan')} where user_a = ${userOf('cyd')} or user_b = ${userOf('cyd')}`,
  `delete from conversations where group_id = ${groupOf('vault')}`,
  `update conversations set group_id = ${groupOf('vault')} where group_id = ${groupOf('closed')}`,
  'delete from conversations where user_a is not null',
  "update groups set type = 'public' where guid = 'closed'",
  "delete from groups where guid = 'closed'",
];

/** Runs a statement as whoever writes might, with what it leads to. */
async function run({ db }: TestServer, statement: string): Promise<number> {
  return db.write('anything', (tx) => (tx.db as BetterSQLite3Database).run(sql.raw(statement)).changes);
}

test('whatever statement changes rows, and whatever foreign keys make of it, the caches follow', async () => {
  const server = await serverForTest({ lines: LINES });
  const plain = await openDatabase(server.database, 'read');
  onTestFinished(() => plain.close());
  const compare = comparison(server, plain);
  for (const uid of UIDS) compare(uid);
  for (const statement of STATEMENTS) {
    expect(await run(server, statement), statement).toBeGreaterThan(0);
    for (const uid of UIDS) compare(uid);
  }
});

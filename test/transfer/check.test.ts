import { expect, test } from 'vitest';
import { databaseForTest, runSql } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { audioCall, group, member, reaction, text, user } from '../support/lines.ts';
import { commandsOn } from './commands.ts';

const to = { group: 'team' };
const LINES = [
  user('ada', 'Ada'),
  user('bob', 'Bob'),
  group('team', 'Team', 'ada'),
  member('team', 'ada'),
  member('team', 'bob'),
  text(1, 'ada', to, 'see https://example.com <@uid:bob>', { tags: ['a'] }),
  text(2, 'bob', to, 'seen', { parentId: '1' }),
  text(3, 'bob', to, 'three'),
  text(4, 'ada', { user: 'bob' }, 'alone'),
  audioCall(5, 'bob', to, { sessionId: 's', status: 'ended' }),
  reaction({ messageId: '1', uid: 'bob', reaction: '👍', reactedAt: 1 }),
];

/** What each damage makes `check` say. */
const DAMAGE: readonly (readonly [sql: string, said: string])[] = [
  ['update messages set seq = 7 where id = 3', 'message 3: seq is 7, counted 3'],
  ['update messages set counted = 9 where id = 3', 'message 3: counted is 9, counted 2'],
  ['update conversations set last_id = 2', 'last_id, last_message_id are 4, 3, 2, 5, counted 4, 3, 5, 5'],
  ['update messages set reply_count = 5 where id = 1', 'message 1: reply_count is 5, counted 1'],
  ['update messages set reaction_count = 0 where id = 1', 'message 1: reaction_count is 0, counted 1'],
  ['update messages set mention_count = 2 where id = 1', 'message 1: mention_count is 2, counted 1'],
  ['update messages set has_links = (id = 3)', 'message 1: has_links is wrong'],
  [
    'update mentions set conversation_id = (select conversation_id from messages where id = 4)',
    'message 1: its mention is of conversation',
  ],
  [
    'update calls set conversation_id = (select conversation_id from messages where id = 4)',
    'message 5: its call is of conversation',
  ],
  ['update calls set rings_until = 9', 'rings_until is 9'],
  ['delete from message_tags', 'message 1: is not found by its tag a'],
  ['update groups set members_count = 20', 'group team: members_count is 20, counted 2'],
  [
    "update participants set active = (user_id <> (select id from users where uid = 'ada'))",
    'group team: the conversation is not that of its member ada',
  ],
  ['update participants set read_counted = 77', 'read_counted is 77, counted 3'],
  ['update participants set delivered_mark = 0', 'read_mark, delivered_mark are 5, 0'],
  [
    "insert into marks (conversation_id, user_id, kind, up_to, at) values (1, 0, 'delivered', 5, 1)",
    'conversation 1: all are marked delivered up to 5, a member up to 0',
  ],
  ['update participants set cleared_up_to = 9', 'cleared_up_to are 5, 5, 0, 9, last_id 2'],
  ["update users set sort_key = 'zzz' where uid = 'ada'", 'user ada: is sorted otherwise'],
  ["update users set sort_key = 'zzz' where uid = 'ada'", 'user ada: is sorted otherwise as a member of group'],
  ['update conversations set import_floor = 0', 'an import was broken off'],
];

/** Which words SQLite holds can't be read back, only whether it holds any. */
const LOST = {
  sqlite: ['delete from message_words where rowid = 4', 'message 4: is not found by its words'],
  postgres: ["update messages set text = 'other words' where id = 4", 'message 4: is not found by its words'],
} as const;

eachDialect((dialect) => {
  test('what is kept counted is counted again, and each difference is told with where it is', async () => {
    const database = await databaseForTest(dialect);
    const parley = commandsOn(database);
    await parley.take(LINES);
    expect(await parley.check()).toMatchObject({ code: 0, stdout: 'Everything holds.\n' });
    for (const [sql] of [...DAMAGE, LOST[dialect]]) await runSql(database, sql);
    const { code, stderr } = await parley.check();
    expect(code).toBe(1);
    for (const [, said] of [...DAMAGE, LOST[dialect]]) expect(stderr).toContain(said);
  });
});

import { expect, test } from 'vitest';
import { checkAll } from '../../src/transfer/check-service.ts';
import { askerOf } from '../support/ask.ts';
import { runSql } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { serverForTest } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

/** What each damage makes `check` say. */
const DAMAGE: readonly (readonly [sql: string, said: string])[] = [
  ["update messages set text = 'still here' where id = 207", 'message 207: is deleted for good, and holds something'],
  ['update messages set deleted_at = null where id = 207', 'message 207: is deleted for good, and holds something'],
  [
    "insert into attachments (message_id, position, url, name, mime_type, size) values (207, 0, 'https://a.b', 'a', 'a/b', 1)",
    'message 207: is deleted for good, and holds something',
  ],
  [
    "insert into auth_tokens (hash, user_id, created_at) select 'a', id, 1 from users where uid = 'eve'",
    'user eve: is deleted, and has a token',
  ],
  [
    "update memberships set to_position = null where user_id = (select id from users where uid like 'deleted-%')",
    'group plaza: its member deleted-',
  ],
  ["update users set deleted_at = 1 where uid = 'ada'", 'group plaza: its owner ada is deleted, and there are members'],
  ["update users set deleted_at = 1 where uid = 'olga'", 'group plaza: olga, who is banned, is deleted'],
  [
    "insert into blocks (blocker_id, blocked_id, at) select a.id, b.id, 1 from users a, users b where a.uid = 'ada' and b.uid = 'eve'",
    'user eve: is deleted, and blocks or is blocked',
  ],
];

eachDialect((dialect) => {
  test.each(DAMAGE)('check sees what is left of the deleted: %s', async (damage, said) => {
    const server = await serverForTest({ dialect, lines: WORLD });
    await askerOf(() => server).run('KEY', 'deleteUser', { uid: 'mal', permanent: true }, 'uid');
    expect(await checkAll(server.db)).toEqual([]);
    await runSql(server.database, damage);
    expect((await checkAll(server.db)).flatMap(({ examples }) => examples).join('\n')).toContain(said);
  });
});

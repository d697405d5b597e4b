import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { databaseForTest } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { group, member, START, text, user } from '../support/lines.ts';
import { commandsOn } from './commands.ts';

const TEAM = [
  user('ada', 'Ada'),
  user('bob', 'Bob'),
  group('team', 'Team', 'ada'),
  member('team', 'ada'),
  member('team', 'bob'),
];
const to = { group: 'team' };

eachDialect((dialect) => {
  const fresh = async () => commandsOn(await databaseForTest(dialect));

  test('a second import of the same adds nothing and says nothing', async () => {
    const parley = await fresh();
    const lines = [
      ...TEAM,
      text(1, 'ada', to, 'hello', { muid: 'm1' }),
      text(2, 'bob', to, 'hi', { quotedMessageId: '1' }),
    ];
    await parley.take(lines);
    const before = await parley.exported();
    const { code, stdout, stderr } = await parley.take(lines);
    expect([code, stdout, stderr]).toEqual([
      0,
      expect.stringContaining('added: nothing; already there: 7; bad: 0'),
      '',
    ]);
    expect(await parley.exported()).toBe(before);
  });

  test("the owner of a group that comes without them is its admin, where a member's line says nothing else", async () => {
    const parley = await fresh();
    const lines = [
      user('ada', 'Ada'),
      group('club', 'Club', 'ada', { createdAt: START + 3 }),
      group('team', 'Team', 'ada'),
      member('team', 'ada', { scope: 'moderator', joinedAt: START + 9 }),
      text(1, 'ada', { group: 'club' }, 'one'),
    ];
    await parley.take(lines);
    expect(await parley.values('groupMember')).toMatchObject([
      { guid: 'club', uid: 'ada', scope: 'admin', joinedAt: START + 3 },
      { guid: 'team', uid: 'ada', scope: 'moderator', joinedAt: START + 9 },
    ]);
    expect((await parley.check()).stdout).toBe('Everything holds.\n');
    const exported = await parley.exported();
    expect((await parley.take(lines)).stdout).toContain('added: nothing; already there: 5; bad: 0');
    expect(await parley.exported()).toBe(exported);
    const other = await fresh();
    await other.take(exported.split('\n').filter((line) => line !== ''));
    expect(await other.exported()).toBe(exported);
  });

  test('a profile is completed where it says nothing, and never overwritten', async () => {
    const parley = await fresh();
    await parley.take([user('ada', 'Ada'), user('bob', 'Bob', { role: 'host' })]);
    const { code, stderr } = await parley.take([
      { kind: 'user', value: { uid: 'ada', name: 'Ada', avatar: 'https://example.com/a.png' } },
      { kind: 'user', value: { uid: 'bob', name: 'Robert' } },
      { kind: 'user', value: { uid: 'bob', name: 'Bob', role: 'guest' } },
    ]);
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      'standard input, line 2: name: is "Bob" already, and nothing is overwritten',
      'standard input, line 3: role: is "host" already, and nothing is overwritten',
    ]);
    expect(await parley.values('user')).toMatchObject([
      { uid: 'ada', name: 'Ada', avatar: 'https://example.com/a.png' },
      { uid: 'bob', name: 'Bob', role: 'host' },
    ]);
  });

  test('an id, or a muid, that another message has is refused, and so is a new id below what was there', async () => {
    const parley = await fresh();
    await parley.take([...TEAM, text(5, 'ada', to, 'five', { muid: 'm5' })]);
    const { code, stderr } = await parley.take([
      text(5, 'ada', to, 'another'),
      text(6, 'ada', to, 'six', { muid: 'm5' }),
      text(4, 'bob', to, 'late'),
      text(7, 'bob', to, 'seven'),
    ]);
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      'standard input, line 1: id: message 5 is there already, and its muid is another',
      'standard input, line 2: muid: is that of message 5 of the same sender',
      'standard input, line 3: id: is not above 5, the last that its conversation held before this import',
    ]);
    expect((await parley.values('message')).map(({ id }) => id)).toEqual(['5', '7']);
  });

  test('within a run messages may come in any order', async () => {
    const parley = await fresh();
    const { code } = await parley.take([
      ...TEAM,
      text(9, 'ada', to, 'nine', { parentId: '3' }),
      text(3, 'bob', to, 'three'),
      text(7, 'bob', to, 'seven', { parentId: '3' }),
      text(8, 'ada', to, 'eight'),
    ]);
    expect(code).toBe(0);
    expect(await parley.check()).toMatchObject({ code: 0, stdout: 'Everything holds.\n' });
    expect(await parley.values('conversation')).toEqual([]);
  });

  test('who is imported has all that was imported behind them, and who stands elsewhere stays there', async () => {
    const parley = await fresh();
    await parley.take([
      ...TEAM,
      text(1, 'ada', to, 'one'),
      text(2, 'ada', to, 'two'),
      { kind: 'conversation', value: { uid: 'bob', receiverType: 'group', receiver: 'team', lastReadMessageId: '1' } },
    ]);
    expect(await parley.values('conversation')).toEqual([
      {
        uid: 'bob',
        receiverType: 'group',
        receiver: 'team',
        lastReadMessageId: '1',
        readMark: '1',
        deliveredMark: '1',
      },
    ]);
    await parley.take([text(3, 'bob', to, 'three', { sentAt: START })]);
    expect(await parley.values('conversation')).toMatchObject([
      { uid: 'ada', lastReadMessageId: '2' },
      { uid: 'bob', lastReadMessageId: '1' },
    ]);
    expect((await parley.check()).code).toBe(0);
  });
});

test('a file has the words of several imports in one piece, with which a search takes a tenth of the time', async () => {
  const database = await databaseForTest('sqlite');
  const parley = commandsOn(database);
  for (const id of [1, 2, 3]) await parley.take([...TEAM, text(id, 'ada', to, `hello ${id}`)]);
  const client = new Sqlite(database, { readonly: true });
  onTestFinished(() => void client.close());
  expect(client.prepare('select count(distinct segid) as pieces from message_words_idx').get()).toEqual({ pieces: 1 });
});

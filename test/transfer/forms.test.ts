import { expect, test } from 'vitest';
import { databaseForTest } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { group, START, text, user } from '../support/lines.ts';
import { commandsOn } from './commands.ts';
import { ACTION, CALL } from './samples.ts';

eachDialect((dialect) => {
  const fresh = async () => commandsOn(await databaseForTest(dialect));

  test("the data model's own action and call are taken as bare messages, with the people and the group they tell of", async () => {
    const parley = await fresh();
    const { code, stdout } = await parley.take([ACTION, CALL]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('added: 2 message; already there: 0; bad: 0')]);
    expect(await parley.values('message')).toMatchObject([
      { id: '10664', category: 'call', status: 'initiated', sessionId: CALL.sessionId, initiatedAt: 1547222109 },
      { id: '10707', category: 'action', action: 'joined', message: 'cometchat-uid-5 joined Avengers' },
    ]);
    expect(await parley.values('group')).toMatchObject([{ guid: 'ktncalltest', name: 'Avengers', type: 'public' }]);
    expect(await parley.values('groupMember')).toMatchObject([{ uid: 'cometchat-uid-5', scope: 'admin' }]);
    expect((await parley.values('user')).map(({ uid }) => uid)).toEqual([
      'cometchat-uid-1',
      'cometchat-uid-10',
      'cometchat-uid-5',
    ]);
    expect((await parley.check()).stdout).toBe('Everything holds.\n');
  });

  test('a message is taken in each form that the platform has given it', async () => {
    const parley = await fresh();
    const to = { receiver: 'bob', receiverType: 'user', sentAt: START };
    const file = { url: 'https://example.com/a.png', name: 'a.png', mimeType: 'image/png', size: 7, extension: 'png' };
    const entities = { sender: { entity: { uid: 'eve', name: 'Eve' }, entityType: 'user' } };
    const { code, stderr } = await parley.take([
      user('ada', 'Ada'),
      user('bob', 'Bob'),
      { ...to, id: 1, sender: 'ada', category: 'message', type: 'text', data: { text: 'in data' } },
      { ...to, id: '2', sender: { uid: 'carl', name: 'Carl' }, category: 'message', type: 'text', text: '' },
      { ...to, id: '3', category: 'message', type: 'text', text: 'by entity', data: { entities } },
      { ...to, id: '4', sender: 'ada', category: 'message', type: 'image', file: file.url },
      { ...to, id: '5', sender: 'ada', category: 'message', type: 'image', data: { attachments: [file] } },
      {
        ...to,
        id: '6',
        sender: 'ada',
        category: 'message',
        type: 'custom',
        customData: { a: [null] },
        subType: 'poll',
      },
      { ...to, id: '7', sender: 'ada', category: 'custom', type: 'location', data: { customData: { at: 1 } } },
      {
        ...to,
        id: '8',
        sender: 'ada',
        receiver: 'team',
        receiverType: 'group',
        category: 'action',
        type: 'groupMember',
        data: {
          action: 'scopeChanged',
          extras: { scope: { old: 'participant', new: 'admin' } },
          entities: {
            on: { entity: { uid: 'dan', name: 'Dan' }, entityType: 'user' },
            for: { entity: { guid: 'team', name: 'Team' }, entityType: 'group' },
          },
        },
      },
      {
        ...to,
        id: '9',
        sender: 'ada',
        category: 'message',
        type: 'text',
        text: 'gone',
        deletedAt: START + 1,
        deletedBy: 'bob',
      },
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(await parley.values('message')).toMatchObject([
      { id: '1', text: 'in data' },
      { id: '2', sender: { uid: 'carl', name: 'Carl' }, text: '' },
      { id: '3', sender: { uid: 'eve', name: 'Eve' } },
      { id: '4', url: file.url },
      { id: '5', url: file.url },
      { id: '6', category: 'message', type: 'custom', subType: 'poll', customData: { a: [null] } },
      { id: '7', category: 'message', type: 'custom', subType: 'location', customData: { at: 1 } },
      { id: '8', oldScope: 'participant', newScope: 'admin', actionOn: { uid: 'dan' }, message: 'Ada made Dan admin' },
      { id: '9', deletedAt: START + 1, deletedBy: 'bob' },
    ]);
    expect((await parley.values('message')).at(-1)).not.toHaveProperty('text');
    expect(await parley.values('attachment')).toEqual([{ messageId: '5', position: 0, ...file }]);
    expect((await parley.check()).code).toBe(0);
  });

  test('receipts of a one-to-one message are its receiver’s, of a group’s those of all', async () => {
    const parley = await fresh();
    const receipts = { deliveredAt: START + 60, readAt: START + 90 };
    await parley.take([
      user('ada', 'Ada'),
      user('bob', 'Bob'),
      group('team', 'Team', 'ada'),
      text(1, 'ada', { user: 'bob' }, 'one', receipts),
      text(2, 'ada', { group: 'team' }, 'two', receipts),
    ]);
    expect(await parley.values('mark')).toEqual([
      { receiverType: 'group', receiver: 'team', type: 'delivered', messageId: '2', at: START + 60 },
      { receiverType: 'group', receiver: 'team', type: 'read', messageId: '2', at: START + 90 },
      { uid: 'bob', receiverType: 'user', receiver: 'ada', type: 'delivered', messageId: '1', at: START + 60 },
      { uid: 'bob', receiverType: 'user', receiver: 'ada', type: 'read', messageId: '1', at: START + 90 },
    ]);
  });

  test('a password is kept as a hash, and goes along as one', async () => {
    const parley = await fresh();
    await parley.take([user('ada', 'Ada'), group('club', 'Club', 'ada', { type: 'password', password: 'sesame' })]);
    const [club] = await parley.values('group');
    expect(club).toMatchObject({ type: 'password', passwordHash: expect.stringMatching(/^\$argon2/) });
    const other = await fresh();
    await other.take([user('ada', 'Ada'), { kind: 'group', value: club as object }]);
    expect(await other.values('group')).toEqual([club]);
  });
});

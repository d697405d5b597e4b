import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { WORLD } from '../support/world.ts';

const EDITED = `message {
  id updatedAt editedAt editedBy { uid } metadata tags mentionedUsers { uid } conversationId
  edits { editedAt editedBy { uid } text caption metadata customData }
  ... on TextMessage { text }
  ... on MediaMessage { caption }
  ... on CustomMessage { customData subType conversationText }
}`;
const READ = EDITED.replace('message {', 'message(id: $id) {');

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const edit = async (as: string, messageId: string, fields: object) =>
    (await ask.run(as, 'editMessage', { messageId, ...fields }, EDITED)).message;
  const read = async (as: string, id: string) => (await ask.data(as, `query ($id: ID!) { ${READ} }`, { id })).message;
  const found = async (as: string, filter: object) => {
    const document = 'query ($filter: MessageFilter!) { searchMessages(filter: $filter) { nodes { id } } }';
    return (await ask.data(as, document, { filter })).searchMessages.nodes.map(({ id }: { id: string }) => id);
  };
  const send = async (as: string, to: object, text: string, more: object = {}) =>
    (await ask.run(as, 'sendTextMessage', { ...to, text, ...more }, 'message { id }')).message.id as string;
  const PLAZA = { receiverType: 'GROUP', receiverId: 'plaza' };
  const BOB = { receiverType: 'USER', receiverId: 'bob' };

  describe('an edit', () => {
    test('changes the text, keeps what it was, and is in the log for those whom it concerns', async () => {
      const id = await send('ada', PLAZA, 'Befor', { metadata: { draft: 1 } });
      const since = await logPosition(ask.server());
      const first = await edit('ada', id, { text: 'Before' });
      expect(first).toMatchObject({ text: 'Before', editedBy: { uid: 'ada' }, metadata: { draft: 1 } });
      expect(first.updatedAt).toBe(first.editedAt);
      const second = await edit('ada', id, { text: 'After', metadata: null });
      expect(second).toMatchObject({ text: 'After', metadata: null });
      expect(second.edits).toMatchObject([
        { text: 'Befor', caption: null, metadata: { draft: 1 }, customData: null, editedBy: { uid: 'ada' } },
        { text: 'Before', metadata: { draft: 1 } },
      ]);
      expect(await read('bob', id)).toEqual(second);
      const logged = await loggedSince(ask.server(), since);
      const { db, t } = ask.server().db.read;
      const kept = (await db.select().from(t.edits)).filter(({ messageId }) => messageId === Number(id));
      expect(kept.map(({ position }) => position)).toEqual([0, 1]);
      const told = { kind: 'MESSAGE_EDITED', by: 'ada', messageId: Number(id), details: null, topics: ['group:plaza'] };
      expect(logged).toMatchObject([told, told]);
    });

    test('goes on counting where an import left off', async () => {
      await edit('ada', '209', { text: 'Tea at six' });
      expect((await read('bob', '209')).edits.map(({ text }: { text: string }) => text)).toEqual([
        'Tea at three',
        'Tea at four',
        'Tea at five',
      ]);
    });

    test('lets the message be found by what it now says, and no more by what it said', async () => {
      const id = await send('ada', PLAZA, 'Oldword <@uid:bob> https://example.org', { tags: ['kept', 'dropped'] });
      const changed = await edit('ada', id, { text: 'Newword <@uid:cyd> <@uid:li>', tags: ['kept', 'added'] });
      expect(changed).toMatchObject({ mentionedUsers: [{ uid: 'cyd' }], tags: ['kept', 'added'] });
      expect(await found('bob', { search: 'oldword' })).toEqual([]);
      expect(await found('bob', { search: 'newword' })).toEqual([id]);
      expect(await found('bob', { tags: ['dropped'] })).toEqual([]);
      expect(await found('bob', { tags: ['added'] })).toEqual([id]);
      expect(await found('bob', { mentionedUids: ['bob'], sentAfter: 1_700_001_000 })).toEqual([]);
      expect(await found('bob', { mentionedUids: ['cyd'], sentAfter: 1_700_001_000 })).toEqual([id]);
      expect(await found('bob', { hasLinks: true, sentAfter: 1_700_001_000 })).toEqual([]);
    });

    test('of a caption and of custom data keeps the rest', async () => {
      expect(await edit('ada', '104', { caption: 'Three <@uid:bob> views' })).toMatchObject({
        caption: 'Three <@uid:bob> views',
        mentionedUsers: [{ uid: 'bob' }],
        edits: [{ caption: 'Two views' }],
      });
      expect(await edit('ada', '104', { caption: null })).toMatchObject({ caption: null, mentionedUsers: [] });
      expect(await edit('bob', '105', { customData: [1, { deep: null }] })).toMatchObject({
        customData: [1, { deep: null }],
        subType: 'location',
        conversationText: 'A place',
        edits: [{ customData: { latitude: 51.5, longitude: -0.1 } }],
      });
    });

    test('that changes nothing is none', async () => {
      const id = await send('ada', BOB, 'Same', { metadata: { a: 1, b: [2] }, tags: ['x'] });
      const before = await logPosition(ask.server());
      const same = await edit('ada', id, { text: 'Same', metadata: { b: [2], a: 1 }, tags: ['x', 'x'] });
      expect(same).toMatchObject({ editedAt: null, updatedAt: null, edits: [] });
      expect(await logPosition(ask.server())).toBe(before);
    });

    test('of a message that others answer leaves the thread and its place in the list', async () => {
      const document = `{ conversation(with: {receiverType: GROUP, receiverId: "plaza"}) {
        updatedAt lastMessage { id } unreadMessageCount messages { nodes { id replyCount } } } }`;
      const before = await ask.data('cyd', document);
      await edit('bob', '202', { text: 'Welcome all' });
      expect(await ask.data('cyd', document)).toEqual(before);
    });
  });

  test('a message edited 1,000 times is not edited again', async () => {
    const id = await send('ada', BOB, 'Start');
    await ask.server().db.write('test', (tx) => {
      const row = { messageId: Number(id), editedAt: 1, editedById: 1, text: 'x' };
      return tx.insertMany(
        tx.t.edits,
        Array.from({ length: 999 }, (_, position) => ({ ...row, position })),
      );
    });
    await edit('ada', id, { text: 'The last' });
    expect(await ask.refusal('ada', 'editMessage', { messageId: id, text: 'Too many' })).toBe('ERR_LIMIT_EXCEEDED');
    expect(await read('ada', id)).toMatchObject({ text: 'The last' });
  });

  test('a text may be as long as one that is sent', async () => {
    const id = await send('ada', BOB, 'Short');
    const text = '🙂'.repeat(20_000);
    expect(await edit('ada', id, { text })).toMatchObject({ text });
    expect(await ask.refusal('ada', 'editMessage', { messageId: id, text: `${text}.` })).toBe('ERR_LIMIT_EXCEEDED');
  });

  test.each([
    ['nothing', 'ada', '101', {}, 'ERR_BAD_REQUEST'],
    ['another’s message', 'bob', '101', { text: 'x' }, 'ERR_MESSAGE_NOT_A_SENDER'],
    ['a participant’s message by an admin', 'ada', '207', { text: 'x' }, 'ERR_MESSAGE_NOT_A_SENDER'],
    ['what an API key edits', 'KEY', '101', { text: 'x' }, 'AUTH_ERR_NO_ACCESS'],
    ['what nobody edits', 'NOBODY', '101', { text: 'x' }, 'AUTH_ERR_NO_ACCESS'],
    ['a message of a conversation that one is not in', 'ada', '309', { text: 'x' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['a message deleted for oneself', 'ada', '305', { text: 'x' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['a message that is not there', 'ada', '99999', { text: 'x' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['what is no id', 'ada', 'abc', { text: 'x' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['a deleted message', 'bob', '106', { text: 'x' }, 'ERR_MESSAGE_ACTION_NOT_ALLOWED'],
    ['another’s deleted message', 'ada', '106', { text: 'x' }, 'ERR_MESSAGE_ACTION_NOT_ALLOWED'],
    ['an action', 'cyd', '201', { text: 'x' }, 'ERR_MESSAGE_ACTION_NOT_ALLOWED'],
    ['a call', 'ada', '107', { metadata: {} }, 'ERR_MESSAGE_ACTION_NOT_ALLOWED'],
    ['white space', 'ada', '101', { text: ' \n' }, 'ERR_EMPTY_MESSAGE_TEXT'],
    ['no text any more', 'ada', '101', { text: null }, 'ERR_EMPTY_MESSAGE_TEXT'],
    ['a caption of a text', 'ada', '101', { caption: 'x' }, 'ERR_BAD_REQUEST'],
    ['custom data of a text', 'ada', '101', { customData: 1 }, 'ERR_BAD_REQUEST'],
    ['a text of a picture', 'ada', '104', { text: 'x' }, 'ERR_BAD_REQUEST'],
    ['a text of a custom message', 'bob', '105', { text: 'x' }, 'ERR_BAD_REQUEST'],
    ['no custom data any more', 'bob', '105', { customData: null }, 'ERR_INVALID_CUSTOM_DATA'],
    ['too much custom data', 'bob', '105', { customData: 'x'.repeat(65_535) }, 'ERR_INVALID_CUSTOM_DATA'],
    ['too much metadata', 'ada', '101', { metadata: 'x'.repeat(65_535) }, 'ERR_INVALID_METADATA'],
    ['too long a caption', 'ada', '104', { caption: 'x'.repeat(20_001) }, 'ERR_LIMIT_EXCEEDED'],
    ['too many tags', 'ada', '101', { tags: Array.from({ length: 26 }, (_, n) => `t${n}`) }, 'ERR_LIMIT_EXCEEDED'],
    ['an empty tag', 'ada', '101', { tags: [''] }, 'ERR_BAD_REQUEST'],
    ['a text that nothing keeps', 'ada', '101', { text: 'a\u0000b' }, 'ERR_BAD_REQUEST'],
  ])('%s is refused, and nothing is edited', async (_what, as, messageId, fields, code) => {
    const before = [await logPosition(ask.server()), await read('KEY', messageId)];
    expect(await ask.refusal(as, 'editMessage', { messageId, ...fields })).toBe(code);
    expect([await logPosition(ask.server()), await read('KEY', messageId)]).toEqual(before);
  });
});

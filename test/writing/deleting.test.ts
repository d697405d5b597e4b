import { describe, expect, test } from 'vitest';
import { checkAll } from '../../src/transfer/check-service.ts';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { WORLD } from '../support/world.ts';

const PLAZA = { receiverType: 'GROUP', receiverId: 'plaza' };
const BOB = { receiverType: 'USER', receiverId: 'bob' };
const ADA = { receiverType: 'USER', receiverId: 'ada' };

const ALL = `id muid sentAt updatedAt editedAt deletedAt deletedBy { uid } metadata tags replyCount pinnedAt pinnedBy { uid }
  savedAt hasMentionedMe mentionedUsers { uid } edits { text } reactions { reaction } sender { uid }
  ... on TextMessage { text }
  ... on MediaMessage { url caption attachments { url } }
  ... on CustomMessage { subType customData conversationText }`;
const EMPTY = {
  metadata: null,
  tags: [],
  pinnedAt: null,
  pinnedBy: null,
  savedAt: null,
  hasMentionedMe: false,
  mentionedUsers: [],
  edits: [],
  reactions: [],
};

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const remove = async (as: string, messageId: string) =>
    (await ask.run(as, 'deleteMessage', { messageId }, `message { ${ALL} }`)).message;
  const purge = (messageId: string) =>
    ask.run('KEY', 'deleteMessage', { messageId, permanent: true }, 'message { id }');
  const read = async (as: string, id: string) =>
    (await ask.data(as, `query ($id: ID!) { message(id: $id) { ${ALL} } }`, { id })).message;
  const send = async (as: string, to: object, text: string, more: object = {}) =>
    (await ask.run(as, 'sendTextMessage', { ...to, text, ...more }, 'message { id }')).message.id as string;
  const found = async (as: string, filter: object) => {
    const document = 'query ($filter: MessageFilter!) { searchMessages(filter: $filter) { nodes { id } } }';
    return (await ask.data(as, document, { filter })).searchMessages.nodes.map(({ id }: { id: string }) => id);
  };
  const conversation = async (as: string, to: object) => {
    const document = `query ($with: ReceiverInput!) { conversation(with: $with) {
      unreadMessageCount unreadMentionsCount updatedAt lastMessage { id deletedAt } messages { nodes { id } } } }`;
    return (await ask.data(as, document, { with: to })).conversation;
  };

  describe('a deleted message', () => {
    test('keeps its place and nothing of what it held', async () => {
      const id = await send('ada', BOB, 'Secretword <@uid:bob> https://example.org', {
        muid: 'd1',
        metadata: { a: 1 },
        tags: ['secrettag'],
      });
      await ask.run('ada', 'editMessage', { messageId: id, text: 'Secretword again' }, 'message { id }');
      for (const as of ['ada', 'bob']) {
        await ask.run(as, 'addReaction', { messageId: id, reaction: '🙂' }, 'message { id }');
        await ask.run(as, 'saveMessage', { messageId: id }, 'message { id }');
      }
      await ask.run('bob', 'pinMessage', { messageId: id }, 'message { id }');
      const position = await logPosition(ask.server());
      const deleted = await remove('ada', id);
      expect(deleted).toMatchObject({ ...EMPTY, id, muid: 'd1', text: '', deletedBy: { uid: 'ada' } });
      expect(deleted.deletedAt).toBe(deleted.updatedAt);
      const { message } = await ask.data('ada', 'query ($id: ID!) { message(id: $id) { raw } }', { id });
      expect(JSON.stringify([deleted, message])).not.toMatch(/secret|🙂/i);
      expect(await read('bob', id)).toMatchObject({ ...EMPTY, text: '', deletedBy: { uid: 'ada' } });
      expect(await loggedSince(ask.server(), position)).toMatchObject([
        { kind: 'MESSAGE_DELETED', by: 'ada', messageId: Number(id), details: null, topics: ['user:ada', 'user:bob'] },
      ]);
      for (const filter of [
        { search: 'secretword' },
        { tags: ['secrettag'] },
        { saved: true, sentAfter: 1_700_001_000 },
      ])
        expect(await found('bob', filter)).toEqual([]);
    });

    test('leaves no trace in the database of what it said, and gone for good none of its muid', async () => {
      const traces = { metadata: 'Tracelessmeta', tags: ['tracelesstag'], muid: 'kept muid' };
      const id = await send('ada', BOB, 'Tracelessword', traces);
      await ask.run('ada', 'editMessage', { messageId: id, text: 'Tracelessedit' }, 'message { id }');
      await remove('ada', id);
      const { db, t } = ask.server().db.read;
      const tables = [t.messages, t.edits, t.messageTags, t.events];
      const rows = await Promise.all(tables.map((table) => db.select().from(table as typeof t.messages)));
      expect(JSON.stringify(rows)).not.toMatch(/traceless/i);
      await purge(id);
      expect(JSON.stringify(await db.select().from(t.messages))).not.toContain('kept muid');
    });

    test('of files and of custom data is empty too', async () => {
      expect(await remove('ada', '104')).toMatchObject({ ...EMPTY, url: null, caption: null, attachments: [] });
      expect(await remove('bob', '105')).toMatchObject({
        ...EMPTY,
        subType: null,
        customData: null,
        conversationText: null,
      });
    });

    test('lets go of the files that are kept for it', async () => {
      const id = await send('ada', BOB, 'As if with a file');
      const { t } = ask.server().db.read;
      const file = {
        name: 'a',
        mimeType: 'text/plain',
        size: 1,
        createdAt: 1,
        key: `key-${id}`,
        messageId: Number(id),
      };
      await ask.server().db.write('test', (tx) => tx.insertMany(t.files, [file]));
      await remove('ada', id);
      await ask.server().services.media.sweep();
      expect(await ask.server().db.read.db.select().from(t.files)).toEqual([]);
    });

    test('is unread no more, and stays the last one', async () => {
      const before = await conversation('bob', ADA);
      const id = await send('ada', BOB, 'Hello <@uid:bob>');
      expect(await conversation('bob', ADA)).toMatchObject({
        unreadMessageCount: before.unreadMessageCount + 1,
        unreadMentionsCount: before.unreadMentionsCount + 1,
      });
      const sent = await conversation('bob', ADA);
      const { deletedAt } = await remove('ada', id);
      expect(await conversation('bob', ADA)).toEqual({
        ...sent,
        unreadMessageCount: before.unreadMessageCount,
        unreadMentionsCount: before.unreadMentionsCount,
        lastMessage: { id, deletedAt },
      });
    });

    test('deleted again is as if deleted, and nobody is told', async () => {
      const first = await remove('bob', '106');
      expect(first).toMatchObject({ deletedAt: 1_700_000_300, deletedBy: { uid: 'bob' } });
      const before = await logPosition(ask.server());
      expect(await remove('bob', '106')).toEqual(first);
      expect(await logPosition(ask.server())).toBe(before);
    });

    test('that was a reply still counts in its thread, and one that was answered keeps its thread', async () => {
      const top = await send('bob', PLAZA, 'Top');
      const reply = await send('cyd', PLAZA, 'Reply', { parentId: top });
      await remove('cyd', reply);
      await remove('bob', top);
      const { message } = await ask.data(
        'ada',
        'query ($id: ID!) { message(id: $id) { replyCount replies { nodes { id } } } }',
        { id: top },
      );
      expect(message).toEqual({ replyCount: 1, replies: { nodes: [{ id: reply }] } });
    });
  });

  describe('a message in a group is deleted', () => {
    test.each([
      ['its sender', 'cyd', 'cyd'],
      ['an admin', 'cyd', 'ada'],
      ['a moderator', 'cyd', 'bob'],
      ['a moderator, though it is an admin’s', 'ada', 'bob'],
    ])('by %s', async (_what, sender, as) => {
      const id = await send(sender, PLAZA, 'To delete');
      expect(await remove(as, id)).toMatchObject({ text: '', deletedBy: { uid: as } });
    });

    test('by an API key, on nobody’s behalf', async () => {
      const id = await send('cyd', PLAZA, 'To delete');
      const position = await logPosition(ask.server());
      const { message } = await ask.run(
        'KEY',
        'deleteMessage',
        { messageId: id },
        'message { deletedAt deletedBy { uid } }',
      );
      expect(message).toMatchObject({ deletedAt: expect.any(Number), deletedBy: null });
      expect(await loggedSince(ask.server(), position)).toMatchObject([{ kind: 'MESSAGE_DELETED', by: null }]);
    });

    test('and with an API key by whom it acts as, with their rights', async () => {
      const id = await send('cyd', PLAZA, 'To keep');
      expect(await ask.refusal('mal', 'deleteMessage', { messageId: id })).toBe('ERR_MESSAGE_NO_ACCESS');
    });
  });

  describe('a message deleted for good', () => {
    test('is gone from every answer, and its place stays counted', async () => {
      const top = await send('bob', PLAZA, 'Goneword');
      const reply = await send('cyd', PLAZA, 'Reply', { parentId: top });
      const quote = await send('cyd', PLAZA, 'Quote', { quotedMessageId: top });
      const before = await conversation('ada', PLAZA);
      const position = await logPosition(ask.server());
      expect(await purge(top)).toEqual({ message: null });
      expect(await read('bob', top)).toBeNull();
      expect(await read('KEY', top)).toBeNull();
      expect(await found('KEY', { search: 'goneword' })).toEqual([]);
      const refers = 'query ($id: ID!) { message(id: $id) { parent { id } quoted { id } } }';
      for (const id of [reply, quote])
        expect((await ask.data('ada', refers, { id })).message).toEqual({ parent: null, quoted: null });
      const after = await conversation('ada', PLAZA);
      expect(after.messages.nodes).not.toContainEqual({ id: top });
      expect(after.lastMessage).toEqual(before.lastMessage);
      expect(await loggedSince(ask.server(), position)).toMatchObject([
        { kind: 'MESSAGE_DELETED', by: null, messageId: Number(top), topics: ['group:plaza'] },
      ]);
    });

    test('that was the last of its conversation gives its place to the one before', async () => {
      const first = await send('smile', { receiverType: 'USER', receiverId: 'li' }, 'One');
      await send('li', { receiverType: 'USER', receiverId: 'smile' }, 'Reply', { parentId: first });
      const second = await send('smile', { receiverType: 'USER', receiverId: 'li' }, 'Two');
      const last = async () => (await conversation('smile', { receiverType: 'USER', receiverId: 'li' })).lastMessage;
      await purge(second);
      expect(await last()).toMatchObject({ id: first });
      await purge(first);
      expect(await last()).toBeNull();
      const third = await send('li', { receiverType: 'USER', receiverId: 'smile' }, 'Three');
      expect(await last()).toMatchObject({ id: third });
    });

    test('that was a reply counts in its thread no more', async () => {
      const top = await send('bob', PLAZA, 'Top');
      const replies = [
        await send('cyd', PLAZA, 'A', { parentId: top }),
        await send('ada', PLAZA, 'B', { parentId: top }),
      ];
      await purge(replies[0] ?? '');
      expect(await read('ada', top)).toMatchObject({ replyCount: 1 });
    });

    test('leaves its muid taken', async () => {
      const id = await send('ada', BOB, 'Once', { muid: 'purged' });
      await purge(id);
      expect(await ask.refusal('ada', 'sendTextMessage', { ...BOB, text: 'Twice', muid: 'purged' })).toBe(
        'ERR_MESSAGE_ID_NOT_FOUND',
      );
    });

    test('may have been deleted before, and is unread no more', async () => {
      const before = (await conversation('bob', ADA)).unreadMessageCount;
      const ids = [await send('ada', BOB, 'One'), await send('ada', BOB, 'Two')];
      await remove('ada', ids[0] ?? '');
      for (const id of ids) await purge(id);
      expect((await conversation('bob', ADA)).unreadMessageCount).toBe(before);
    });

    test('can be a call', async () => {
      await purge('107');
      expect(await read('ada', '107')).toBeNull();
      expect((await ask.data('ada', '{ call(sessionId: "session-107") { id } }')).call).toBeNull();
    });

    test('again is as if done, and nobody is told', async () => {
      const id = await send('ada', BOB, 'Once');
      await purge(id);
      const before = await logPosition(ask.server());
      expect(await purge(id)).toEqual({ message: null });
      expect(await logPosition(ask.server())).toBe(before);
    });
  });

  test.each([
    ['the other’s message', 'ada', '102', {}, 'ERR_MESSAGE_NO_ACCESS'],
    ['another’s message, by a participant', 'cyd', '202', {}, 'ERR_MESSAGE_NO_ACCESS'],
    ['a message of somebody gone, by a participant', 'mal', '206', {}, 'ERR_MESSAGE_NO_ACCESS'],
    ['an action', 'cyd', '201', {}, 'ERR_MESSAGE_ACTION_NOT_ALLOWED'],
    ['an action, with an API key', 'KEY', '201', {}, 'ERR_MESSAGE_ACTION_NOT_ALLOWED'],
    ['an action, for good', 'KEY', '201', { permanent: true }, 'ERR_MESSAGE_ACTION_NOT_ALLOWED'],
    ['a call', 'cyd', '210', {}, 'ERR_MESSAGE_ACTION_NOT_ALLOWED'],
    ['a call, with an API key', 'KEY', '210', {}, 'ERR_MESSAGE_ACTION_NOT_ALLOWED'],
    ['one’s own message for good', 'ada', '101', { permanent: true }, 'AUTH_ERR_NO_ACCESS'],
    ['a message, by nobody', 'NOBODY', '101', {}, 'AUTH_ERR_NO_ACCESS'],
    ['a message of a conversation that one is not in', 'ada', '309', {}, 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['a message that one deleted for oneself', 'ada', '305', {}, 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['a message that is not there', 'KEY', '99999', { permanent: true }, 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['what is no id', 'KEY', '-1', { permanent: true }, 'ERR_MESSAGE_ID_NOT_FOUND'],
  ])('%s is not deleted', async (_what, as, messageId, more, code) => {
    const before = [await logPosition(ask.server()), await read('KEY', messageId)];
    expect(await ask.refusal(as, 'deleteMessage', { messageId, ...more })).toBe(code);
    expect([await logPosition(ask.server()), await read('KEY', messageId)]).toEqual(before);
  });

  test('after all of this everything adds up', async () => {
    expect(await checkAll(ask.server().db)).toEqual([]);
  });
});

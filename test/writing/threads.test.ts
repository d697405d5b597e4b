import { describe, expect, test } from 'vitest';
import { checkAll } from '../../src/transfer/check-service.ts';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { logPosition } from '../support/log.ts';
import { WORLD } from '../support/world.ts';

const PLAZA = { receiverType: 'GROUP', receiverId: 'plaza' };
const BOB = { receiverType: 'USER', receiverId: 'bob' };
const ADA = { receiverType: 'USER', receiverId: 'ada' };

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const send = async (as: string, to: object, text: string, more: object = {}) =>
    (await ask.run(as, 'sendTextMessage', { ...to, text, ...more }, 'message { id }')).message.id as string;
  const thread = async (as: string, id: string) => {
    const document = `query ($id: ID!) { message(id: $id) {
      replyCount unreadRepliesCount updatedAt replies { nodes { id parent { id } } } } }`;
    return (await ask.data(as, document, { id })).message;
  };
  const view = async (as: string, to: object) => {
    const document = `query ($with: ReceiverInput!) { conversation(with: $with) {
      unreadMessageCount lastMessage { id } latestMessageId updatedAt messages(filter: {hideReplies: true}) { nodes { id } } } }`;
    return (await ask.data(as, document, { with: to })).conversation;
  };

  describe('a reply', () => {
    test('counts in its thread, and not in the conversation', async () => {
      const top = await send('bob', PLAZA, 'Top');
      const before = await view('ada', PLAZA);
      const first = await send('cyd', PLAZA, 'First', { parentId: top });
      const second = await send('bob', PLAZA, 'Second', { parentId: top });
      expect(await thread('ada', top)).toEqual({
        replyCount: 2,
        unreadRepliesCount: 2,
        updatedAt: null,
        replies: { nodes: [first, second].map((id) => ({ id, parent: { id: top } })) },
      });
      expect(await thread('bob', top)).toMatchObject({ unreadRepliesCount: 0 });
      expect(await view('ada', PLAZA)).toEqual({
        ...before,
        latestMessageId: second,
        updatedAt: expect.any(Number),
      });
      expect(before.lastMessage).toEqual({ id: top });
    });

    test('of a custom message is one too, and a call or one’s own message can be answered', async () => {
      const top = await send('ada', BOB, 'Mine');
      const reply = { ...BOB, customData: 1, parentId: top };
      const { message } = await ask.run('ada', 'sendCustomMessage', reply, 'message { id parent { id } }');
      expect(message.parent).toEqual({ id: top });
      await send('bob', ADA, 'To a call', { parentId: '107' });
      expect(await thread('ada', '107')).toMatchObject({ replyCount: 1, unreadRepliesCount: 1 });
    });

    test('may be quoted, and quote', async () => {
      const reply = await send('cyd', PLAZA, 'Reply', { parentId: '202', quotedMessageId: '201' });
      const quote = await send('bob', PLAZA, 'Quote', { quotedMessageId: reply });
      const document = 'query ($id: ID!) { message(id: $id) { parent { id } quoted { id } } }';
      const read = async (id: string) => (await ask.data('ada', document, { id })).message;
      expect(await read(reply)).toEqual({ parent: { id: '202' }, quoted: { id: '201' } });
      expect(await read(quote)).toEqual({ parent: null, quoted: { id: reply } });
    });
  });

  test.each([
    ['a reply to a reply', 'ada', { ...PLAZA, parentId: '203' }, 'ERR_MESSAGE_THREAD_NESTING'],
    ['a reply to an action', 'ada', { ...PLAZA, parentId: '201' }, 'ERR_MESSAGE_ACTION_NOT_ALLOWED'],
    ['a reply to a deleted message', 'ada', { ...BOB, parentId: '106' }, 'ERR_MESSAGE_ACTION_NOT_ALLOWED'],
    ['a reply to another conversation', 'ada', { ...BOB, parentId: '202' }, 'ERR_WRONG_MESSAGE_THREAD'],
    ['a reply to what one may not read', 'ada', { ...BOB, parentId: '309' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
    [
      'a reply to what one deleted for oneself',
      'ada',
      { receiverType: 'USER', receiverId: 'emile', parentId: '305' },
      'ERR_MESSAGE_ID_NOT_FOUND',
    ],
    ['a reply to nothing', 'ada', { ...BOB, parentId: '99999' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['a reply to what is no id', 'ada', { ...BOB, parentId: 'top' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['a quote of another conversation', 'ada', { ...BOB, quotedMessageId: '202' }, 'ERR_BAD_REQUEST'],
    ['a quote of a deleted message', 'ada', { ...BOB, quotedMessageId: '106' }, 'ERR_MESSAGE_ACTION_NOT_ALLOWED'],
    ['a quote of what one may not read', 'ada', { ...BOB, quotedMessageId: '309' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['a quote of nothing', 'ada', { ...BOB, quotedMessageId: '99999' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
  ])('%s is refused, and nothing is sent', async (_what, as, input, code) => {
    const before = [await logPosition(ask.server()), await thread('ada', '202')];
    expect(await ask.refusal(as, 'sendTextMessage', { text: 'x', ...input })).toBe(code);
    expect([await logPosition(ask.server()), await thread('ada', '202')]).toEqual(before);
  });

  test('after all of this everything adds up', async () => {
    expect(await checkAll(ask.server().db)).toEqual([]);
  });
});

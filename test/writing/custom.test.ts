import { describe, expect, test } from 'vitest';
import { checkAll } from '../../src/transfer/check-service.ts';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { WORLD } from '../support/world.ts';

const BOB = { receiverType: 'USER', receiverId: 'bob' };
const PLAZA = { receiverType: 'GROUP', receiverId: 'plaza' };
const SENT = `message { id category type sender { uid } muid tags metadata customData subType conversationText
  mentionedUsers { uid } parent { id } quoted { id } }`;

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const send = async (as: string, input: object) => (await ask.run(as, 'sendCustomMessage', input, SENT)).message;
  const unread = async (as: string, receiver: string) => {
    const document = `query ($with: ReceiverInput!) { conversation(with: $with) { unreadMessageCount } }`;
    const to = { receiverType: 'USER', receiverId: receiver };
    return (await ask.data(as, document, { with: to })).conversation.unreadMessageCount;
  };

  describe('a custom message', () => {
    test('holds what it was given, counts as unread, and is in the log for those whom it concerns', async () => {
      const position = await logPosition(ask.server());
      const before = await unread('bob', 'ada');
      const customData = { latitude: 48.2, list: [1, null, 'x', { deep: true }] };
      const message = await send('ada', {
        ...BOB,
        customData,
        subType: 'place',
        conversationText: 'Meetingpoint <@uid:bob> https://example.org',
        muid: 'custom-1',
        tags: ['map'],
        metadata: { a: 1 },
        quotedMessageId: '101',
      });
      expect(message).toMatchObject({
        category: 'MESSAGE',
        type: 'CUSTOM',
        customData,
        subType: 'place',
        muid: 'custom-1',
        tags: ['map'],
        mentionedUsers: [{ uid: 'bob' }],
        quoted: { id: '101' },
      });
      const raw = await ask.data('bob', 'query ($id: ID!) { message(id: $id) { raw } }', { id: message.id });
      expect(raw.message).toMatchObject({
        raw: { category: 'message', type: 'custom', customData, subType: 'place', data: { customData } },
      });
      expect(await unread('bob', 'ada')).toBe(before + 1);
      const search = '{ searchMessages(filter: {search: "meetingpoint"}) { nodes { id } } }';
      expect((await ask.data('bob', search)).searchMessages.nodes).toEqual([{ id: message.id }]);
      expect((await loggedSince(ask.server(), position))[0]).toMatchObject({
        kind: 'MESSAGE_SENT',
        by: 'ada',
        messageId: Number(message.id),
        topics: ['user:ada', 'user:bob'],
      });
    });

    test.each([[0], [false], [''], ['text'], [[]], [{}], [-1.5e300], [{ '': { null: null } }]])(
      'may hold %j',
      async (customData) => {
        const { id } = await send('cyd', { ...PLAZA, customData });
        const document = 'query ($id: ID!) { message(id: $id) { ... on CustomMessage { customData subType } } }';
        expect((await ask.data('bob', document, { id })).message).toEqual({ customData, subType: null });
      },
    );

    test('sent again with its muid is the first one, and a text with that muid is refused', async () => {
      const first = await send('cyd', { ...PLAZA, customData: 1, muid: 'again' });
      expect(await send('cyd', { ...PLAZA, customData: 2, muid: 'again' })).toEqual(first);
      const text = { ...PLAZA, text: 'x', muid: 'again' };
      expect(await ask.refusal('cyd', 'sendTextMessage', text)).toBe('ERR_BAD_REQUEST');
    });

    test('may be as large as the limits allow', async () => {
      const input = {
        ...PLAZA,
        customData: 'x'.repeat(65_534),
        subType: '🙂'.repeat(100),
        conversationText: '🙂'.repeat(1_000),
      };
      expect(await send('cyd', input)).toMatchObject({ subType: input.subType, customData: input.customData });
    });
  });

  const deep = JSON.parse(`${'['.repeat(33)}${']'.repeat(33)}`);
  test.each([
    ['null', 'ada', { customData: null }, 'ERR_BAD_REQUEST'],
    ['too much', 'ada', { customData: 'x'.repeat(65_535) }, 'ERR_INVALID_CUSTOM_DATA'],
    ['too deep', 'ada', { customData: deep }, 'ERR_INVALID_CUSTOM_DATA'],
    ['what nothing keeps', 'ada', { customData: { a: '\u0000' } }, 'ERR_BAD_REQUEST'],
    ['an empty type', 'ada', { customData: 1, subType: '' }, 'ERR_BAD_REQUEST'],
    ['too long a type', 'ada', { customData: 1, subType: 'x'.repeat(101) }, 'ERR_LIMIT_EXCEEDED'],
    ['too long a text', 'ada', { customData: 1, conversationText: 'x'.repeat(1_001) }, 'ERR_LIMIT_EXCEEDED'],
    ['too much metadata', 'ada', { customData: 1, metadata: 'x'.repeat(65_535) }, 'ERR_INVALID_METADATA'],
    ['what is for nobody', 'ada', { customData: 1, receiverId: 'nobody' }, 'ERR_UID_NOT_FOUND'],
    ['what is for who was blocked', 'ada', { customData: 1, receiverId: 'mal' }, 'ERR_BLOCKED_RECEIVER'],
    ['what is for who has blocked', 'mal', { customData: 1, receiverId: 'ada' }, 'ERR_BLOCKED_SENDER'],
    [
      'what is for a group that one is no member of',
      'cyd',
      { customData: 1, receiverType: 'GROUP', receiverId: 'agora' },
      'ERR_GROUP_NOT_JOINED',
    ],
    ['what is for a group that one is banned from', 'olga', { customData: 1, ...PLAZA }, 'ERR_GROUP_NOT_JOINED'],
    ['what an API key sends', 'KEY', { customData: 1 }, 'AUTH_ERR_NO_ACCESS'],
    ['what nobody sends', 'NOBODY', { customData: 1 }, 'AUTH_ERR_NO_ACCESS'],
  ])('%s is refused, and nothing is sent', async (_what, as, input, code) => {
    const before = await logPosition(ask.server());
    expect(await ask.refusal(as, 'sendCustomMessage', { ...BOB, ...input })).toBe(code);
    expect(await logPosition(ask.server())).toBe(before);
  });

  test('after all of this everything adds up', async () => {
    expect(await checkAll(ask.server().db)).toEqual([]);
  });
});

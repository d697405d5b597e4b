import { describe, expect, test } from 'vitest';
import { askerOf, useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { group, member, standing, text, user } from '../support/lines.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { serverForTest } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const toUser = (uid: string) => ({ receiverType: 'USER', receiverId: uid });
const toGroup = (guid: string) => ({ receiverType: 'GROUP', receiverId: guid });
const STANDING = 'conversation { conversationId unreadMessageCount lastReadMessageId latestMessageId }';
const MARKS = ['markAsDelivered', 'markAsRead', 'markAsUnread'] as const;

/** Three who know nothing of each other yet, and a group of them. */
const TRIO = [
  user('ann', 'Ann'),
  user('ben', 'Ben'),
  user('kim', 'Kim'),
  user('out', 'Out'),
  group('trio', 'Trio', 'ann'),
  member('trio', 'ann', { scope: 'admin' }),
  member('trio', 'ben'),
  member('trio', 'kim'),
];

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);

  async function trio() {
    const server = await serverForTest({ dialect, lines: TRIO });
    const asker = askerOf(() => server);
    return {
      ...asker,
      mark: (as: string, name: (typeof MARKS)[number], input: object) => asker.run(as, name, input, STANDING),
      /** Sends a text, and gives its id. */
      async send(as: string, to: object, words = 'a'): Promise<string> {
        return (await asker.run(as, 'sendTextMessage', { ...to, text: words }, 'message { id }')).message.id;
      },
      /** What is logged while something is done: kind, by whom, up to which message, to whom. */
      async told(does: () => Promise<unknown>) {
        const before = await logPosition(server);
        await does();
        const logged = await loggedSince(server, before);
        return logged.map(({ kind, by, details, topics }) => [
          kind,
          by,
          String((details as { upTo?: number } | null)?.upTo ?? ''),
          ...topics,
        ]);
      },
      async statuses(as: string, ...ids: string[]) {
        const fields = ids.map((id) => `m${id}: message(id: "${id}") { status }`).join(' ');
        const data = await asker.data(as, `{ ${fields} }`);
        return ids.map((id) => data[`m${id}`].status);
      },
      async receiptsOf(as: string, id: string) {
        const document = `{ message(id: "${id}") { receipts { nodes { user { uid } deliveredAt readAt } } } }`;
        const { nodes } = (await asker.data(as, document)).message.receipts;
        return nodes.map((node: { user: { uid: string }; deliveredAt: number | null; readAt: number | null }) => [
          node.user.uid,
          node.deliveredAt !== null,
          node.readAt !== null,
        ]);
      },
    };
  }

  describe('between two', () => {
    test('what is delivered is so up to the message, and both are told', async () => {
      const { send, mark, told, statuses } = await trio();
      const [one, two, three] = [await send('ann', toUser('ben')), await send('ann', toUser('ben')), '3'];
      await send('ann', toUser('ben'));
      expect(await told(() => mark('ben', 'markAsDelivered', { messageId: two }))).toEqual([
        ['MESSAGES_DELIVERED', 'ben', two, 'user:ann', 'user:ben'],
      ]);
      expect(await statuses('ann', one, two, three)).toEqual(['DELIVERED', 'DELIVERED', 'SENT']);
    });

    test('what is read is delivered, and counts as unread no more', async () => {
      const { send, mark, told, statuses, data } = await trio();
      const ids = [
        await send('ann', toUser('ben')),
        await send('ann', toUser('ben')),
        await send('ann', toUser('ben')),
      ];
      const [one = '', two = '', three = ''] = ids;
      const events = await told(async () => {
        const { conversation } = await mark('ben', 'markAsRead', { messageId: two });
        expect(conversation).toEqual({
          conversationId: 'ann_user_ben',
          unreadMessageCount: 1,
          lastReadMessageId: two,
          latestMessageId: three,
        });
      });
      expect(events).toEqual([['MESSAGES_READ', 'ben', two, 'user:ann', 'user:ben']]);
      expect(await statuses('ann', one, two, three)).toEqual(['READ', 'READ', 'SENT']);
      const { message } = await data(
        'ben',
        `{ message(id: "${one}") { readAt deliveredAt readByMeAt deliveredToMeAt } }`,
      );
      expect(message.readAt).toBeGreaterThan(0);
      expect(message).toEqual({
        readAt: message.readAt,
        deliveredAt: message.readAt,
        readByMeAt: message.readAt,
        deliveredToMeAt: message.readAt,
      });
    });

    test('a whole conversation is marked as its newest message is', async () => {
      const { send, mark, told, statuses } = await trio();
      const [one, two] = [await send('ann', toUser('ben')), await send('ann', toUser('ben'))];
      expect(await told(() => mark('ben', 'markAsDelivered', toUser('ann')))).toEqual([
        ['MESSAGES_DELIVERED', 'ben', two, 'user:ann', 'user:ben'],
      ]);
      expect(await told(() => mark('ben', 'markAsRead', toUser('ann')))).toEqual([
        ['MESSAGES_READ', 'ben', two, 'user:ann', 'user:ben'],
      ]);
      expect(await statuses('ben', one, two)).toEqual(['READ', 'READ']);
    });

    test('marks never go back, and what is marked already is not told again', async () => {
      const { send, mark, told, statuses } = await trio();
      const [one, two] = [await send('ann', toUser('ben')), await send('ann', toUser('ben'))];
      await mark('ben', 'markAsRead', { messageId: two });
      const events = await told(async () => {
        for (const messageId of [one, two]) {
          for (const name of ['markAsRead', 'markAsDelivered'] as const) {
            const { conversation } = await mark('ben', name, { messageId });
            expect(conversation).toMatchObject({ unreadMessageCount: 0, lastReadMessageId: two });
          }
        }
        await mark('ben', 'markAsRead', toUser('ann'));
        await mark('ben', 'markAsDelivered', toUser('ann'));
      });
      expect(events).toEqual([]);
      expect(await statuses('ann', one, two)).toEqual(['READ', 'READ']);
    });

    test('who sends has read what came before, and has none of their own to mark', async () => {
      const { send, mark, told } = await trio();
      await send('ann', toUser('ben'));
      const answer = await send('ben', toUser('ann'));
      expect(await told(() => mark('ben', 'markAsRead', { messageId: answer }))).toEqual([]);
    });

    test('what one wrote to oneself is marked as any other is', async () => {
      const { send, mark, told } = await trio();
      const note = await send('ann', toUser('ann'));
      expect(await told(() => mark('ann', 'markAsRead', toUser('ann')))).toEqual([]);
      const { conversation } = await mark('ann', 'markAsUnread', { messageId: note });
      expect(conversation).toMatchObject({ unreadMessageCount: 0, lastReadMessageId: null });
    });

    test('a conversation with who is deleted can be marked still', async () => {
      const lines = [text(1, 'ben', { user: 'ann' }, 'a'), user('gone', 'Deleted user', { deletedAt: 5 })];
      const dead = [
        text(2, 'gone', { user: 'ann' }, 'b'),
        standing('ann', { user: 'gone' }, { lastReadMessageId: '0' }),
      ];
      const server = await serverForTest({ dialect, lines: [...TRIO, ...lines, ...dead] });
      const { run } = askerOf(() => server);
      const marked = await run('ann', 'markAsRead', toUser('gone'), STANDING);
      expect(marked.conversation).toMatchObject({ unreadMessageCount: 0, lastReadMessageId: '2' });
    });
  });

  describe('in a group', () => {
    test('a mark is told to the one who marks, and to the senders once all have it', async () => {
      const { send, mark, told, statuses, receiptsOf } = await trio();
      const [one, two] = [await send('ann', toGroup('trio')), await send('ann', toGroup('trio'))];
      expect(await told(() => mark('ben', 'markAsDelivered', { messageId: two }))).toEqual([
        ['MESSAGES_DELIVERED', 'ben', two, 'user:ben'],
      ]);
      expect(await told(() => mark('ben', 'markAsRead', { messageId: one }))).toEqual([
        ['MESSAGES_READ', 'ben', one, 'user:ben'],
      ]);
      expect(await statuses('ann', one, two)).toEqual(['SENT', 'SENT']);
      expect(await receiptsOf('ann', one)).toEqual([['ben', true, true]]);
      expect(await receiptsOf('ann', two)).toEqual([['ben', true, false]]);
      expect(await told(() => mark('kim', 'markAsRead', { messageId: two }))).toEqual([
        ['MESSAGES_READ', 'kim', two, 'user:kim'],
        ['MESSAGES_READ', null, one, 'user:ann'],
        ['MESSAGES_DELIVERED', null, two, 'user:ann'],
      ]);
      expect(await statuses('ann', one, two)).toEqual(['READ', 'DELIVERED']);
      expect(await receiptsOf('ann', one)).toEqual([
        ['ben', true, true],
        ['kim', true, true],
      ]);
    });

    test('a sender hears nothing of what they deleted for themself', async () => {
      const { send, mark, told, run } = await trio();
      const one = await send('ben', toGroup('trio'));
      await run('ben', 'deleteConversation', toGroup('trio'), 'conversationId');
      await mark('ann', 'markAsRead', { messageId: one });
      expect(await told(() => mark('kim', 'markAsRead', { messageId: one }))).toEqual([
        ['MESSAGES_READ', 'kim', one, 'user:kim'],
      ]);
    });

    test('a sender who is no member any more hears nothing', async () => {
      const lines = [text(1, 'out', { group: 'trio' }, 'a'), text(2, 'ann', { group: 'trio' }, 'a')];
      const behind = standing('kim', { group: 'trio' }, { lastReadMessageId: '0' });
      const server = await serverForTest({ dialect, lines: [...TRIO, ...lines, behind] });
      const before = await logPosition(server);
      await askerOf(() => server).run('kim', 'markAsRead', toGroup('trio'), STANDING);
      const logged = await loggedSince(server, before);
      expect(logged.map(({ by, topics }) => [by, ...topics])).toEqual([
        ['kim', 'user:kim'],
        [null, 'user:ann'],
      ]);
    });

    test('the whole group is told at once of more messages than whose senders are sought', async () => {
      const many = Array.from({ length: 1_001 }, (_, n) => text(n + 1, 'ann', { group: 'trio' }, 'a'));
      const behind = standing('ben', { group: 'trio' }, { lastReadMessageId: '0' });
      const server = await serverForTest({ dialect, lines: [...TRIO, ...many, behind] });
      const before = await logPosition(server);
      await askerOf(() => server).run('ben', 'markAsRead', toGroup('trio'), STANDING);
      const logged = await loggedSince(server, before);
      expect(logged.map(({ by, topics }) => [by, ...topics])).toEqual([
        ['ben', 'user:ben'],
        [null, 'group:trio'],
      ]);
    });
  });

  describe('marked as unread', () => {
    test('a message and all after it count again, for the viewer alone and in no receipt', async () => {
      const { send, mark, told, statuses } = await trio();
      const [one, two, three] = [
        await send('ann', toUser('ben')),
        await send('ann', toUser('ben')),
        await send('ann', toUser('ben')),
      ];
      await mark('ben', 'markAsRead', toUser('ann'));
      const events = await told(async () => {
        const { conversation } = await mark('ben', 'markAsUnread', { messageId: two });
        expect(conversation).toMatchObject({ unreadMessageCount: 2, lastReadMessageId: one });
      });
      expect(events).toEqual([['CONVERSATION_UPDATED', 'ben', '', 'user:ben']]);
      expect(await statuses('ann', one, two, three)).toEqual(['READ', 'READ', 'READ']);
    });

    test('it is read again on the viewer’s own devices alone, and beyond the receipts for the other too', async () => {
      const { send, mark, told } = await trio();
      const [one, two] = [await send('ann', toUser('ben')), await send('ann', toUser('ben'))];
      await mark('ben', 'markAsRead', toUser('ann'));
      await mark('ben', 'markAsUnread', { messageId: one });
      expect(await told(() => mark('ben', 'markAsRead', { messageId: one }))).toEqual([
        ['MESSAGES_READ', 'ben', one, 'user:ben'],
      ]);
      const three = await send('ann', toUser('ben'));
      expect(await told(() => mark('ben', 'markAsRead', { messageId: three }))).toEqual([
        ['MESSAGES_READ', 'ben', three, 'user:ann', 'user:ben'],
      ]);
      expect(Number(two)).toBeLessThan(Number(three));
    });

    test('a message that is unread already stays so, and nothing is told', async () => {
      const { send, mark, told } = await trio();
      const [one, two] = [await send('ann', toUser('ben')), await send('ann', toUser('ben'))];
      const events = await told(async () => {
        for (const input of [{ messageId: one }, { messageId: two }, toUser('ann')]) {
          expect((await mark('ben', 'markAsUnread', input)).conversation).toMatchObject({ unreadMessageCount: 2 });
        }
      });
      expect(events).toEqual([]);
    });
  });

  describe.each(MARKS)('%s', (name) => {
    test.each([
      ['neither a message nor a conversation', {}, 'ERR_BAD_REQUEST'],
      ['both', { messageId: '101', ...toUser('bob') }, 'ERR_BAD_REQUEST'],
      ['half a conversation', { receiverType: 'USER' }, 'ERR_BAD_REQUEST'],
      ['a message and half a conversation', { messageId: '101', receiverId: 'bob' }, 'ERR_BAD_REQUEST'],
      ['a message that is not there', { messageId: '999' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['what is no id', { messageId: 'abc' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['a message that one may not read', { messageId: '309' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['a message that one deleted for oneself', { messageId: '304' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['an unknown user', toUser('nobody'), 'ERR_UID_NOT_FOUND'],
      ['somebody deactivated, never written to', toUser('dot'), 'ERR_UID_NOT_FOUND'],
      ['somebody never written to', toUser('olga'), 'ERR_CONVERSATION_NOT_FOUND'],
      ['an unknown group', toGroup('nowhere'), 'ERR_GUID_NOT_FOUND'],
      ['a group that one is no member of', toGroup('vault'), 'ERR_GROUP_NOT_JOINED'],
    ])('refuses %s, and nothing changes', async (_what, input, code) => {
      const before = await logPosition(ask.server());
      expect(await ask.refusal('ada', name, input)).toBe(code);
      expect(await logPosition(ask.server())).toBe(before);
    });

    test('is for people, not for an API key', async () => {
      expect(await ask.refusal('KEY', name, { messageId: '101' })).toBe('AUTH_ERR_NO_ACCESS');
      expect(await ask.refusal('NOBODY', name, { messageId: '101' })).toBe('AUTH_ERR_NO_ACCESS');
    });

    test('of a private group is refused as if there were none', async () => {
      expect(await ask.refusal('cyd', name, toGroup('cellar'))).toBe('ERR_GUID_NOT_FOUND');
    });
  });
});

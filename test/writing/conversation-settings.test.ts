import { describe, expect, test } from 'vitest';
import { checkAll } from '../../src/transfer/check-service.ts';
import { askerOf, useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { group, member, pin, standing, text, user } from '../support/lines.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { serverForTest } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const toUser = (uid: string) => ({ receiverType: 'USER', receiverId: uid });
const toGroup = (guid: string) => ({ receiverType: 'GROUP', receiverId: guid });
const SETTINGS = 'conversation { conversationId tags pinnedAt mutedUntil }';
const CLUB = { group: 'club' };

/** Two who have written to each other, 1 to 6, and a group of them with 11 and 12. */
const LINES = [
  user('ann', 'Ann'),
  user('ben', 'Ben'),
  group('club', 'Club', 'ann'),
  member('club', 'ann', { scope: 'admin' }),
  member('club', 'ben'),
  text(1, 'ann', { user: 'ben' }, 'old words <@uid:ben>', { tags: ['kept'] }),
  text(2, 'ben', { user: 'ann' }, 'old answer', { parentId: '1' }),
  text(3, 'ann', { user: 'ben' }, 'old words again', { quotedMessageId: '1' }),
  pin({ messageId: '3', pinnedAt: 5, pinnedBy: 'ann' }),
  text(11, 'ann', CLUB, 'old words to all'),
  text(12, 'ben', CLUB, 'old words to all'),
  standing('ben', { user: 'ann' }, { lastReadMessageId: '0' }),
  standing('ben', CLUB, { lastReadMessageId: '0' }),
];

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);

  async function two() {
    const server = await serverForTest({ dialect, lines: LINES });
    const asker = askerOf(() => server);
    return {
      ...asker,
      check: () => checkAll(server.db),
      set: (as: string, input: object) => asker.run(as, 'updateConversation', input, SETTINGS),
      remove: (as: string, to: object) => asker.run(as, 'deleteConversation', to, 'conversationId'),
      send: async (as: string, input: object): Promise<string> =>
        (await asker.run(as, 'sendTextMessage', { text: 'new words', ...input }, 'message { id }')).message.id,
      async told(does: () => Promise<unknown>) {
        const before = await logPosition(server);
        await does();
        return (await loggedSince(server, before)).map(({ kind, by, topics }) => [kind, by, ...topics]);
      },
    };
  }

  describe('updateConversation', () => {
    test('sets what is given and leaves the rest, for the viewer alone and on their own devices', async () => {
      const { set, told, data } = await two();
      const events = await told(async () => {
        const { conversation } = await set('ann', { ...toUser('ben'), tags: ['work', 'work', 'late'], pinned: true });
        expect(conversation).toEqual({
          conversationId: 'ann_user_ben',
          tags: ['work', 'late'],
          pinnedAt: expect.any(Number),
          mutedUntil: null,
        });
        const muted = await set('ann', { ...toUser('ben'), mutedUntil: 4_000_000_000 });
        expect(muted.conversation).toEqual({ ...conversation, mutedUntil: 4_000_000_000 });
      });
      expect(events).toEqual([
        ['CONVERSATION_UPDATED', 'ann', 'user:ann'],
        ['CONVERSATION_UPDATED', 'ann', 'user:ann'],
      ]);
      const document = `query ($with: ReceiverInput!) { conversation(with: $with) { tags pinnedAt mutedUntil updatedAt } }`;
      const { conversation: theirs } = await data('ben', document, { with: toUser('ann') });
      expect(theirs).toMatchObject({ tags: [], pinnedAt: null, mutedUntil: null });
      const { conversation: mine } = await data('ann', document, { with: toUser('ben') });
      expect(mine).toMatchObject({ tags: ['work', 'late'], mutedUntil: 4_000_000_000 });
      expect(mine.updatedAt).toBeGreaterThan(theirs.updatedAt);
    });

    test('takes away what is null or false', async () => {
      const { set } = await two();
      await set('ann', { ...toGroup('club'), tags: ['a'], pinned: true, mutedUntil: 4_000_000_000 });
      const { conversation } = await set('ann', { ...toGroup('club'), tags: null, pinned: false, mutedUntil: null });
      expect(conversation).toEqual({ conversationId: 'group_club', tags: [], pinnedAt: null, mutedUntil: null });
    });

    test('what is so already stays, since when it was pinned too, and nobody is told', async () => {
      const before = await logPosition(ask.server());
      const input = { ...toGroup('plaza'), pinned: true, tags: ['town'] };
      const { conversation } = await ask.run('ada', 'updateConversation', input, SETTINGS);
      expect(conversation.pinnedAt).toBe(1_700_000_500);
      expect(await logPosition(ask.server())).toBe(before);
    });

    test.each([
      ['nothing', toGroup('plaza'), 'ERR_BAD_REQUEST'],
      [
        'too many tags',
        { ...toGroup('plaza'), tags: Array.from({ length: 26 }, (_, n) => `${n}`) },
        'ERR_LIMIT_EXCEEDED',
      ],
      ['too long a tag', { ...toGroup('plaza'), tags: ['a'.repeat(101)] }, 'ERR_LIMIT_EXCEEDED'],
      ['an empty tag', { ...toGroup('plaza'), tags: [''] }, 'ERR_BAD_REQUEST'],
    ])('refuses %s, and nothing changes', async (_what, input, code) => {
      const before = await logPosition(ask.server());
      expect(await ask.refusal('ada', 'updateConversation', input)).toBe(code);
      expect(await logPosition(ask.server())).toBe(before);
    });
  });

  describe.each([
    ['updateConversation', { pinned: true }],
    ['deleteConversation', {}],
  ])('%s', (name, settings) => {
    test.each([
      ['an unknown user', toUser('nobody'), 'ERR_UID_NOT_FOUND'],
      ['somebody never written to', toUser('olga'), 'ERR_CONVERSATION_NOT_FOUND'],
      ['an unknown group', toGroup('nowhere'), 'ERR_GUID_NOT_FOUND'],
      ['a group that one is no member of', toGroup('vault'), 'ERR_GROUP_NOT_JOINED'],
    ])('refuses %s, and nothing changes', async (_what, to, code) => {
      const before = await logPosition(ask.server());
      expect(await ask.refusal('ada', name, { ...to, ...settings })).toBe(code);
      expect(await logPosition(ask.server())).toBe(before);
    });

    test('is for people, not for an API key', async () => {
      expect(await ask.refusal('KEY', name, { ...toGroup('plaza'), ...settings })).toBe('AUTH_ERR_NO_ACCESS');
    });
  });

  describe('deleteConversation', () => {
    test('hides the conversation from the viewer alone, whose devices are told once', async () => {
      const { remove, told, data } = await two();
      const events = await told(async () => {
        expect(await remove('ben', toUser('ann'))).toEqual({ conversationId: 'ann_user_ben' });
        expect(await remove('ben', toUser('ann'))).toEqual({ conversationId: 'ann_user_ben' });
      });
      expect(events).toEqual([['CONVERSATION_UPDATED', 'ben', 'user:ben']]);
      const document = '{ conversations { nodes { conversationId lastMessage { id } } } unreadMessageCount }';
      expect(await data('ben', document)).toEqual({
        conversations: { nodes: [{ conversationId: 'group_club', lastMessage: { id: '12' } }] },
        unreadMessageCount: 1,
      });
      expect((await data('ann', document)).conversations.nodes).toHaveLength(2);
    });

    test('is no reading: nobody’s receipts change, and those of the group stay open', async () => {
      const { remove, send, data, run, told } = await two();
      const [one, two_] = [await send('ann', toUser('ben')), await send('ann', toGroup('club'))];
      await remove('ben', toUser('ann'));
      await remove('ben', toGroup('club'));
      const document = `{ one: message(id: "${one}") { status } two: message(id: "${two_}") { status receipts { nodes { user { uid } } } } }`;
      expect(await data('ann', document)).toEqual({
        one: { status: 'SENT' },
        two: { status: 'SENT', receipts: { nodes: [] } },
      });
      const events = await told(async () => {
        for (const to of [toUser('ann'), toGroup('club')]) {
          for (const name of ['markAsRead', 'markAsDelivered', 'markAsUnread']) {
            await run('ben', name, to, 'conversation { unreadMessageCount }');
          }
        }
      });
      expect(events).toEqual([]);
    });

    test('what is new brings it back, without the old', async () => {
      const { remove, send, data, check } = await two();
      await remove('ben', toUser('ann'));
      const id = await send('ann', { ...toUser('ben'), quotedMessageId: '3' });
      const reply = await send('ann', { ...toUser('ben'), parentId: '1' });
      const document = `{
        conversation(with: {receiverType: USER, receiverId: "ann"}) {
          unreadMessageCount unreadMentionsCount latestMessageId lastMessage { id }
          messages { nodes { id quoted { id } parent { id } } }
          pinned: messages(filter: {pinned: true}) { nodes { id } }
        }
        conversations { nodes { conversationId } }
      }`;
      const { conversation, conversations } = await data('ben', document);
      expect(conversations.nodes.map(({ conversationId }: { conversationId: string }) => conversationId)).toEqual([
        'ann_user_ben',
        'group_club',
      ]);
      expect(conversation).toEqual({
        unreadMessageCount: 1,
        unreadMentionsCount: 0,
        latestMessageId: reply,
        lastMessage: { id },
        messages: {
          nodes: [
            { id, quoted: null, parent: null },
            { id: reply, quoted: null, parent: null },
          ],
        },
        pinned: { nodes: [] },
      });
      expect(await check()).toEqual([]);
    });

    test('what it held is found nowhere any more by who deleted it, and by the other still', async () => {
      const { remove, run, data } = await two();
      await run('ben', 'saveMessage', { messageId: '1' }, 'message { id }');
      await run('ann', 'saveMessage', { messageId: '1' }, 'message { id }');
      await remove('ben', toUser('ann'));
      const document = `{
        message(id: "1") { id }
        conversation(with: {receiverType: USER, receiverId: "NAME"}) {
          unreadMessageCount unreadMentionsCount lastMessage { id } latestMessageId
          messages { nodes { id } }
          pinned: messages(filter: {pinned: true}) { nodes { id } }
          thread: messages(filter: {hideReplies: false, tags: ["kept"]}) { nodes { id } }
        }
        words: searchMessages(filter: {search: "old words"}) { nodes { id } }
        tagged: searchMessages(filter: {tags: ["kept"]}) { nodes { id } }
        mentioning: searchMessages(filter: {mentionedUids: ["ben"]}) { nodes { id } }
        saved: searchMessages(filter: {saved: true}) { nodes { id } }
        pinned: searchMessages(filter: {pinned: true}) { nodes { id } }
      }`;
      const none = { nodes: [] };
      expect(await data('ben', document.replace('NAME', 'ann'))).toEqual({
        message: null,
        conversation: {
          unreadMessageCount: 0,
          unreadMentionsCount: 0,
          lastMessage: null,
          latestMessageId: null,
          messages: none,
          pinned: none,
          thread: none,
        },
        words: { nodes: [{ id: '12' }, { id: '11' }] },
        tagged: none,
        mentioning: none,
        saved: none,
        pinned: none,
      });
      const { message, conversation, words, saved, pinned } = await data('ann', document.replace('NAME', 'ben'));
      expect([message.id, conversation.lastMessage.id, saved.nodes[0].id, pinned.nodes[0].id]).toEqual([
        '1',
        '3',
        '1',
        '3',
      ]);
      expect(words.nodes).toHaveLength(4);
    });

    test('it keeps what the viewer set for it', async () => {
      const { remove, set, send, data } = await two();
      await set('ben', { ...toUser('ann'), tags: ['dear'], mutedUntil: 4_000_000_000 });
      await remove('ben', toUser('ann'));
      await send('ann', toUser('ben'));
      const { conversations } = await data('ben', '{ conversations(tags: ["dear"]) { nodes { mutedUntil } } }');
      expect(conversations.nodes).toEqual([{ mutedUntil: 4_000_000_000 }]);
    });

    test('of nothing but what one can’t answer any more, it can be deleted too', async () => {
      const server = await serverForTest({
        dialect,
        lines: [...LINES, user('gone', 'Deleted user', { deletedAt: 9 }), text(20, 'gone', { user: 'ann' }, 'bye')],
      });
      const { run, data } = askerOf(() => server);
      await run('ann', 'deleteConversation', toUser('gone'), 'conversationId');
      const { conversations } = await data('ann', '{ conversations { nodes { conversationId } } }');
      expect(conversations.nodes).toHaveLength(2);
    });
  });
});

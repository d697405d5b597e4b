import { describe, expect, test } from 'vitest';
import { type As, useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { START } from '../support/lines.ts';
import { WORLD } from '../support/world.ts';

const FIELDS = `id conversationId conversationType conversationWith { ... on User { uid } ... on Group { guid } }
  lastMessage { id } unreadMessageCount unreadMentionsCount lastReadMessageId latestMessageId tags pinnedAt mutedUntil updatedAt`;
const NOTHING_SET = { tags: [], pinnedAt: null, mutedUntil: null };

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);

  const list = async (as: As, args = '') => {
    const { conversations } = await ask.data(as, `{ conversations(first: 50 ${args}) { nodes { conversationId } } }`);
    return conversations.nodes.map(({ conversationId }: { conversationId: string }) => conversationId);
  };
  const withOne = async (as: As, receiverType: string, receiverId: string, fields = FIELDS) => {
    const document = `query ($with: ReceiverInput!) { conversation(with: $with) { ${fields} } }`;
    return (await ask.data(as, document, { with: { receiverType, receiverId } })).conversation;
  };

  describe('conversations', () => {
    test('are listed by their last message, newest first, those without any at the end', async () => {
      const mine = ['ada_user_emile', 'ada_user_mal', 'group_cellar', 'group_plaza', 'ada_user_bob', 'group_agora'];
      expect(await list('ada')).toEqual(mine);
      expect(await list('cyd')).toEqual(['bob_user_cyd', 'ada_user_cyd', 'group_plaza', 'group_vault']);
      expect(await list('smile')).toEqual([]);
    });

    test.each([
      ['being with a user', 'type: USER', ['ada_user_emile', 'ada_user_mal', 'ada_user_bob']],
      ['being with a group', 'type: GROUP', ['group_cellar', 'group_plaza', 'group_agora']],
      ['one’s own tags', 'tags: ["work", "nothing"]', ['ada_user_bob']],
      ['tags that the group has, not the viewer', 'tags: ["open"]', []],
      ['no tag at all', 'tags: []', []],
      ['something unread', 'unreadOnly: true', ['ada_user_emile', 'group_plaza', 'ada_user_bob']],
      [
        'anything',
        'unreadOnly: false',
        ['ada_user_emile', 'ada_user_mal', 'group_cellar', 'group_plaza', 'ada_user_bob', 'group_agora'],
      ],
      ['part of the other’s name', 'search: "BO"', ['ada_user_bob']],
      ['part of the group’s name', 'search: "ágo"', ['group_agora']],
      ['part of an id', 'search: "emi"', ['ada_user_emile']],
      ['not one’s own name', 'search: "lovelace"', []],
      ['several things at once', 'type: GROUP unreadOnly: true tags: ["town"] search: "pla"', ['group_plaza']],
    ])('are found by %s', async (_what, args, expected) => {
      expect(await list('ada', args)).toEqual(expected);
    });

    test('with oneself are shown like any other', async () => {
      expect(await list('sam-1')).toEqual(['sam-1_user_sam-1']);
      expect(await list('sam-1', 'search: "sam"')).toEqual(['sam-1_user_sam-1']);
      expect(await withOne('sam-1', 'USER', 'sam-1')).toMatchObject({
        id: 'conversation:user:sam-1:sam-1',
        conversationWith: { uid: 'sam-1' },
        lastMessage: { id: '311' },
        unreadMessageCount: 0,
      });
    });

    test('with who was deactivated stay', async () => {
      expect(await list('bob')).toContain('bob_user_dot');
      expect(await withOne('bob', 'USER', 'dot')).toMatchObject({ lastMessage: { id: '308' } });
    });
  });

  describe('a conversation', () => {
    test('with a user shows the viewer’s view of it', async () => {
      expect(await withOne('ada', 'USER', 'bob')).toEqual({
        id: 'conversation:user:ada:bob',
        conversationId: 'ada_user_bob',
        conversationType: 'USER',
        conversationWith: { uid: 'bob' },
        lastMessage: { id: '108' },
        unreadMessageCount: 2,
        unreadMentionsCount: 0,
        lastReadMessageId: '103',
        latestMessageId: '108',
        ...NOTHING_SET,
        tags: ['work'],
        updatedAt: START + 108,
      });
    });

    test('is another one to the other', async () => {
      expect(await withOne('bob', 'USER', 'ada')).toMatchObject({
        id: 'conversation:user:ada:bob',
        conversationWith: { uid: 'ada' },
        unreadMessageCount: 0,
        ...NOTHING_SET,
      });
    });

    test('with a group counts what is unread and what mentions the viewer, replies and actions apart', async () => {
      expect(await withOne('ada', 'GROUP', 'plaza')).toEqual({
        id: 'conversation:group:plaza',
        conversationId: 'group_plaza',
        conversationType: 'GROUP',
        conversationWith: { guid: 'plaza' },
        lastMessage: { id: '212' },
        unreadMessageCount: 5,
        unreadMentionsCount: 1,
        lastReadMessageId: '205',
        latestMessageId: '212',
        tags: ['town'],
        pinnedAt: START + 500,
        mutedUntil: START + 9000,
        updatedAt: START + 212,
      });
    });

    test('of which nothing is read counts all that counts', async () => {
      const conversation = await withOne('cyd', 'GROUP', 'plaza');
      expect(conversation).toMatchObject({
        unreadMessageCount: 5,
        unreadMentionsCount: 1,
        lastReadMessageId: null,
      });
    });

    test('without messages is there, empty', async () => {
      expect(await withOne('ada', 'GROUP', 'agora')).toMatchObject({
        lastMessage: null,
        latestMessageId: null,
        unreadMessageCount: 0,
        lastReadMessageId: null,
      });
    });

    test('deleted for oneself is empty until something new comes, to oneself alone', async () => {
      expect(await withOne('ada', 'USER', 'cyd', `${FIELDS} messages { nodes { id } }`)).toMatchObject({
        lastMessage: null,
        latestMessageId: null,
        unreadMessageCount: 0,
        messages: { nodes: [] },
      });
      expect(await withOne('cyd', 'USER', 'ada', 'lastMessage { id } messages { nodes { id } }')).toEqual({
        lastMessage: { id: '304' },
        messages: { nodes: [{ id: '304' }] },
      });
    });

    test('deleted for oneself shows what has come since, without what it quotes or answers', async () => {
      expect(
        await withOne(
          'ada',
          'USER',
          'emile',
          'lastMessage { id } messages { nodes { id quoted { id } parent { id } } }',
        ),
      ).toEqual({
        lastMessage: { id: '306' },
        messages: {
          nodes: [
            { id: '306', quoted: null, parent: null },
            { id: '307', quoted: null, parent: null },
          ],
        },
      });
      expect(
        (await withOne('emile', 'USER', 'ada', 'messages { nodes { id quoted { id } parent { id } } }')).messages.nodes,
      ).toEqual([
        { id: '305', quoted: null, parent: null },
        { id: '306', quoted: { id: '305' }, parent: null },
        { id: '307', quoted: null, parent: { id: '305' } },
      ]);
    });

    test.each([
      ['a user never written to', 'USER', 'smile'],
      ['nobody', 'USER', 'nobody'],
      ['a group that one does not belong to', 'GROUP', 'vault'],
      ['no group', 'GROUP', 'nothing'],
      ['oneself, without a note', 'USER', 'ada'],
    ])('with %s is null', async (_what, receiverType, receiverId) => {
      expect(await withOne('ada', receiverType, receiverId)).toBeNull();
    });

    test('of a group is gone for who is banned from it, though they wrote in it', async () => {
      expect(await withOne('olga', 'GROUP', 'plaza')).toBeNull();
      expect(await list('olga')).toEqual([]);
      expect(await ask.data('olga', '{ message(id: "212") { id } }')).toEqual({ message: null });
    });

    test('is the same from the user, from the group, and by its id', async () => {
      const same = `{
        user(uid: "bob") { conversation { ${FIELDS} } }
        node(id: "conversation:user:ada:bob") { ... on Conversation { ${FIELDS} } }
      }`;
      const { user, node } = await ask.data('ada', same);
      expect(user.conversation).toEqual(await withOne('ada', 'USER', 'bob'));
      expect(node).toEqual(user.conversation);
      const { group } = await ask.data('ada', `{ group(guid: "plaza") { conversation { ${FIELDS} } } }`);
      expect(group.conversation).toEqual(await withOne('ada', 'GROUP', 'plaza'));
    });
  });

  describe('the number of unread messages', () => {
    test('is that of all conversations together, or of those of one type', async () => {
      const counts =
        '{ all: unreadMessageCount users: unreadMessageCount(type: USER) groups: unreadMessageCount(type: GROUP) }';
      expect(await ask.data('ada', counts)).toEqual({ all: 8, users: 3, groups: 5 });
      expect(await ask.data('smile', counts)).toEqual({ all: 0, users: 0, groups: 0 });
    });
  });
});

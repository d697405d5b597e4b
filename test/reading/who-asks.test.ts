import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { WORLD } from '../support/world.ts';

/** Every question that there is. */
const QUESTIONS = [
  '{ node(id: "user:ada") { id } }',
  '{ node(id: "conversation:user:ada:bob") { id } }',
  '{ node(id: "nothing") { id } }',
  '{ me { uid } }',
  '{ user(uid: "ada") { uid } }',
  '{ users { nodes { uid } } }',
  '{ blockedUsers { nodes { uid } } }',
  '{ group(guid: "plaza") { guid } }',
  '{ groups { nodes { guid } } }',
  '{ message(id: "101") { id } }',
  '{ message(id: "nothing") { id } }',
  '{ searchMessages(filter: {}) { nodes { id } } }',
  '{ conversation(with: { receiverType: USER, receiverId: "ada" }) { id } }',
  '{ conversations { nodes { id } } }',
  '{ call(sessionId: "session-107") { id } }',
  '{ activeCall { id } }',
  '{ unreadMessageCount }',
  '{ onlineUserCount }',
  '{ cursor }',
];

/** Those that only a person can ask. */
const PERSONAL = [
  '{ blockedUsers { nodes { uid } } }',
  '{ users(hideBlocked: true) { nodes { uid } } }',
  '{ groups(joinedOnly: true) { nodes { guid } } }',
  '{ conversation(with: { receiverType: USER, receiverId: "ada" }) { id } }',
  '{ conversations { nodes { id } } }',
  '{ activeCall { id } }',
  '{ unreadMessageCount }',
  '{ searchMessages(filter: { unreadOnly: true }) { nodes { id } } }',
  '{ searchMessages(filter: { saved: true }) { nodes { id } } }',
  '{ searchMessages(filter: { hideFromBlockedUsers: true }) { nodes { id } } }',
];

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);

  describe('where nobody is signed in', () => {
    test.each(QUESTIONS)('%s is AUTH_ERR_NO_ACCESS', async (question) => {
      expect(await ask.codes('NOBODY', question)).toEqual(['AUTH_ERR_NO_ACCESS']);
    });

    test('each of several nodes is AUTH_ERR_NO_ACCESS, and none is given', async () => {
      const { data, errors } = await ask.answer('NOBODY', '{ nodes(ids: ["user:ada", "nothing", "101"]) { id } }');
      expect(data?.nodes ?? []).not.toContainEqual({ id: expect.anything() });
      expect(new Set(errors.map(({ extensions }) => extensions['code']))).toEqual(new Set(['AUTH_ERR_NO_ACCESS']));
    });

    test('the schema answers', async () => {
      expect(await ask.data('NOBODY', '{ __schema { queryType { name } } }')).toEqual({
        __schema: { queryType: { name: 'Query' } },
      });
    });
  });

  describe('an API key on nobody’s behalf', () => {
    test.each(PERSONAL)('is refused %s', async (question) => {
      expect(await ask.codes('KEY', question)).toEqual(['AUTH_ERR_NO_ACCESS']);
    });

    test('is nobody, and reads everything', async () => {
      const all = `{
        me { uid }
        group(guid: "cellar") { guid hasJoined scope joinedAt members { nodes { uid } } conversation { id } }
        message(id: "309") { id readByMeAt deliveredToMeAt savedAt hasMentionedMe unreadRepliesCount }
        user(uid: "ada") { blockedByMe hasBlockedMe conversation { id } }
        node(id: "conversation:group:plaza") { id }
      }`;
      expect(await ask.data('KEY', all)).toEqual({
        me: null,
        group: {
          guid: 'cellar',
          hasJoined: false,
          scope: null,
          joinedAt: null,
          members: { nodes: [{ uid: 'bob' }, { uid: 'ada' }, { uid: 'dot' }].sort((a, b) => (a.uid < b.uid ? -1 : 1)) },
          conversation: null,
        },
        message: {
          id: '309',
          readByMeAt: null,
          deliveredToMeAt: null,
          savedAt: null,
          hasMentionedMe: false,
          unreadRepliesCount: 0,
        },
        user: { blockedByMe: false, hasBlockedMe: false, conversation: null },
        node: null,
      });
    });

    test('searches all there is, whoever may read it', async () => {
      const { searchMessages } = await ask.data(
        'KEY',
        '{ searchMessages(filter: { search: "i" } first: 2) { nodes { id } } secret: message(id: "301") { id } }',
      );
      expect(searchMessages.nodes).toEqual([{ id: '308' }, { id: '302' }]);
    });
  });

  test('who asks as a user is that user, with an API key too', async () => {
    expect(await ask.data('ada', '{ me { uid } user(uid: "dot") { uid } group(guid: "vault") { hasJoined } }')).toEqual(
      {
        me: { uid: 'ada' },
        user: null,
        group: { hasJoined: false },
      },
    );
  });

  test('the cursor of the log is a text that stays as long as nothing happens', async () => {
    const { cursor } = await ask.data('ada', '{ cursor }');
    expect(cursor).toMatch(/^[\w-]+$/);
    expect((await ask.data('bob', '{ me { uid } cursor }')).cursor).toBe(cursor);
  });

  test('how many are connected is counted', async () => {
    expect(await ask.data('ada', '{ onlineUserCount }')).toEqual({ onlineUserCount: 0 });
  });
});

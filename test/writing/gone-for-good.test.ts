import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askerOf } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { loggedSince } from '../support/log.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

/** All that is shown of a message, and what stands around it. */
const MESSAGE = `id muid sender { uid name email conversation { id } } receiver { ... on User { uid name } ... on Group { guid } }
  receiverId conversationId parent { id } quoted { id } replyCount replies { nodes { id } } mentionedUsers { uid name }
  reactions { reaction count users { nodes { uid name } } } receipts { nodes { user { uid name } } } editedBy { uid }
  edits { editedAt } deletedBy { uid } pinnedBy { uid name } raw`;

const FOR_ALL = `users(first: 100) { nodes { uid name email } }
  groups(first: 100) { nodes { guid name owner { uid name } membersCount } }
  searchMessages(filter: {}, first: 100) { nodes { ${MESSAGE} } }`;

const FOR_USERS = `blockedUsers { nodes { uid } } activeCall { id } conversations(first: 30) { nodes { id
  conversationWith { ... on User { uid name } ... on Group { guid } }
  lastMessage { id } messages(last: 30) { nodes { id quoted { id } parent { id } raw } } } }`;

eachDialect((dialect) => {
  let server: TestServer;
  const ask = askerOf(() => server);
  const asEverybody = async (document: string, forKeys = document) =>
    Promise.all([...['ada', 'bob', 'emile'].map((as) => ask.data(as, document)), ask.data('KEY', forKeys)]);

  beforeAll(async () => {
    server = await startTestServer({ dialect, lines: WORLD, env: { LOG_LEVEL: 'error', PARLEY_MAX_COST: '5000000' } });
    await ask.run(
      'bob',
      'sendTextMessage',
      { ...TO_PLAZA, text: 'Tea for bob', quotedMessageId: '211' },
      'message { id }',
    );
    await ask.run('KEY', 'deleteUser', { uid: 'cyd', permanent: true }, 'uid');
    await ask.run('KEY', 'deleteUser', { uid: 'mal' }, 'uid');
    await ask.run('ada', 'deleteGroup', { guid: 'agora' }, 'guid');
    await ask.run('KEY', 'deleteMessage', { messageId: '209', permanent: true }, 'message { id }');
    await ask.run('KEY', 'deleteMessage', { messageId: '305', permanent: true }, 'message { id }');
  });
  afterAll(() => server.stop());

  describe('of what is gone for good', () => {
    test('no list, and nothing that stands beside a message, says more than that it is gone', async () => {
      for (const seen of await asEverybody(`{ ${FOR_ALL} ${FOR_USERS} }`, `{ ${FOR_ALL} }`)) {
        const text = JSON.stringify(seen);
        expect(text).toContain('Lovelace');
        expect(text).not.toMatch(/Cyd|"cyd"|:cyd"|Mallory|agora|Ágora|Tea at|Old words|Anyone there/);
        expect(text).not.toMatch(/"id":"(209|305|203|210|211)"/);
      }
    });

    test('nothing is found by its id', async () => {
      const ids = ['user:cyd', 'user:mal', 'group:agora', 'member:plaza:cyd', 'member:plaza:mal', 'member:agora:ada'];
      const conversations = ['conversation:group:agora', 'conversation:user:ada:cyd', 'conversation:user:bob:cyd'];
      const messages = ['203', '209', '210', '211', '305', '310'];
      const all = JSON.stringify([...ids, ...conversations, ...messages]);
      const document = `{ nodes(ids: ${all}) { id } user(uid: "cyd") { uid } group(guid: "agora") { guid }
        message(id: "209") { id } call(sessionId: "session-210") { id } other: call(sessionId: "session-310") { id } }`;
      const nothing = { user: null, group: null, message: null, call: null, other: null };
      for (const seen of await asEverybody(document)) {
        expect(seen).toEqual({ ...nothing, nodes: JSON.parse(all).map(() => null) });
      }
    });

    test('nothing can be done with it', async () => {
      const text = 'Hello?';
      const cases = [
        ['sendTextMessage', { receiverType: 'USER', receiverId: 'cyd', text }, 'ERR_UID_NOT_FOUND'],
        ['sendTextMessage', { receiverType: 'USER', receiverId: 'mal', text }, 'ERR_UID_NOT_FOUND'],
        ['sendTextMessage', { receiverType: 'GROUP', receiverId: 'agora', text }, 'ERR_GUID_NOT_FOUND'],
        ['sendTextMessage', { ...TO_PLAZA, text, quotedMessageId: '211' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
        ['sendTextMessage', { ...TO_PLAZA, text, parentId: '209' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
        ['addReaction', { messageId: '211', reaction: '👍' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
        ['saveMessage', { messageId: '209' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
        ['joinGroup', { guid: 'agora' }, 'ERR_GUID_NOT_FOUND'],
        ['kickGroupMember', { guid: 'plaza', uid: 'cyd' }, 'ERR_UID_NOT_FOUND'],
        ['banGroupMember', { guid: 'plaza', uid: 'mal' }, 'ERR_UID_NOT_FOUND'],
      ] as const;
      for (const [mutation, input, code] of cases) expect(await ask.refusal('ada', mutation, input)).toBe(code);
    });

    test('the log holds ids, and no words or names', async () => {
      const log = JSON.stringify((await loggedSince(server, 0)).map(({ details, topics }) => ({ details, topics })));
      expect(log).not.toMatch(/Cyd|user:cyd|Mallory|Tea at|Anyone/);
    });
  });
});

const TO_PLAZA = { receiverType: 'GROUP', receiverId: 'plaza' };

import { describe, expect, test, vi } from 'vitest';
import type { Database } from '../../src/store/handle.ts';
import { openDatabase } from '../../src/store/open.ts';
import { checkAll } from '../../src/transfer/check-service.ts';
import { exportAll } from '../../src/transfer/export-service.ts';
import { claimsOf, sign } from '../auth/sign.ts';
import { type Asker, askerOf } from '../support/ask.ts';
import { createClient } from '../support/client.ts';
import { databaseForTest } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { group, member, reaction, text, user } from '../support/lines.ts';
import { loggedSince, logPosition, toldTo } from '../support/log.ts';
import { serveParley } from '../support/parley.ts';
import { type Line, seed } from '../support/seed.ts';
import { serverForTest } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const MANY = 450; // more than go in two writes

eachDialect((dialect) => {
  async function world(lines: readonly Line[] = WORLD): Promise<Asker> {
    const server = await serverForTest({ dialect, lines, env: { LOG_LEVEL: 'error' } });
    return askerOf(() => server);
  }
  const purge = (ask: Asker, uid: string) => ask.run('KEY', 'deleteUser', { uid, permanent: true }, 'uid');
  const sound = async (ask: Asker) => expect(await checkAll(ask.server().db)).toEqual([]);
  async function exportOf(db: Database): Promise<string> {
    const pieces: string[] = [];
    await exportAll(db, async (piece) => void pieces.push(piece));
    return pieces.join('');
  }
  const idsOf = (nodes: readonly { id: string }[]) => nodes.map(({ id }) => id);

  describe('a user who is deleted for good', () => {
    test('takes with them what they wrote, where they still are and where they had left', async () => {
      const ask = await world();
      await ask.run('bob', 'leaveGroup', { guid: 'plaza' }, 'group { guid }');
      await purge(ask, 'bob');
      const all = (await ask.data('KEY', '{ searchMessages(filter: {}, first: 100) { nodes { id raw } } }'))
        .searchMessages.nodes;
      const kept = ['101', '104', '107', '201', '203', '204', '205', '206', '207', '208', '209', '210', '211', '212'];
      const elsewhere = ['302', '303', '304', '305', '306', '307', '308', '310', '311', '312'];
      expect(
        idsOf(all)
          .filter((id) => Number(id) < 400)
          .sort(),
      ).toEqual([...kept, ...elsewhere]);
      const { conversation } = await ask.data(
        'ada',
        `{ conversation(with: {receiverType: GROUP, receiverId: "plaza"}) { lastMessage { id } unreadMessageCount
          messages(last: 100) { nodes { id } } } }`,
      );
      expect(idsOf(conversation.messages.nodes)).not.toContain('202');
      expect(JSON.stringify(all)).not.toMatch(/"bob"/);
      expect((await ask.data('ada', '{ message(id: "312") { ... on Action { message } } }')).message).toEqual({
        message: 'Deleted user left',
      });
      await sound(ask);
    });

    test('is “Deleted user” with a random uid to whom they wrote, and their own is known no more', async () => {
      const ask = await world();
      await purge(ask, 'bob');
      const { conversations } = await ask.data(
        'ada',
        `{ conversations { nodes { id conversationId lastMessage { id } unreadMessageCount conversationWith { ... on User { id uid name } } } } }`,
      );
      const partner = conversations.nodes.find(
        ({ conversationWith }: { conversationWith: { name?: string } }) => conversationWith.name === 'Deleted user',
      );
      const { uid } = partner.conversationWith;
      expect(uid).toMatch(/^deleted-[0-9a-f]{24}$/);
      expect(partner).toMatchObject({
        id: `conversation:user:ada:${uid}`,
        conversationId: `ada_user_${uid}`,
        lastMessage: { id: '107' },
        unreadMessageCount: 0,
      });
      const found = await ask.data(
        'ada',
        `{ node(id: "conversation:user:ada:${uid}") { id } old: node(id: "conversation:user:ada:bob") { id } }`,
      );
      expect(found).toEqual({ node: { id: partner.id }, old: null });
      await sound(ask);
    });

    test('takes back their reactions, saves and mentions', async () => {
      const ask = await world();
      await ask.run('cyd', 'saveMessage', { messageId: '209' }, 'message { id }');
      await purge(ask, 'cyd');
      const { message, thread } = await ask.data(
        'ada',
        `{ message(id: "209") { reactions { reaction count users { nodes { uid } } } }
          thread: message(id: "202") { replyCount replies { nodes { id } } mentionedUsers { uid } ... on TextMessage { text } } }`,
      );
      expect(message.reactions).toEqual([
        { reaction: '👍', count: 1, users: { nodes: [{ uid: 'bob' }] } },
        { reaction: '❤️', count: 1, users: { nodes: [{ uid: 'ada' }] } },
      ]);
      expect(thread).toEqual({
        replyCount: 1,
        replies: { nodes: [{ id: '204' }] },
        mentionedUsers: [{ uid: 'ada' }],
        text: 'Welcome <@uid:cyd> and <@uid:ada>',
      });
      await sound(ask);
    });

    test('stays in the history of who came and went, without a name', async () => {
      const ask = await world();
      await purge(ask, 'cyd');
      await purge(ask, 'olga');
      const { nodes } = (
        await ask.data(
          'KEY',
          '{ searchMessages(filter: {categories: [ACTION]}) { nodes { ... on Action { message } raw } } }',
        )
      ).searchMessages;
      expect(nodes.map((one: { message: string }) => one.message).sort()).toEqual([
        'Ada Lovelace banned Deleted user',
        'Ada Lovelace made bob moderator',
        'Deleted user joined',
      ]);
      expect(JSON.stringify(nodes)).not.toMatch(/\b(cyd|olga)\b/i);
    });

    test('is told of to those who could read them, message by message', async () => {
      const ask = await world();
      const before = await logPosition(ask.server());
      await purge(ask, 'mal');
      const log = await loggedSince(ask.server(), before);
      const told = (await toldTo(ask.server(), 'ada', log)).map(({ kind, messageId }) => [kind, messageId]);
      expect(told).toEqual([
        ['MEMBERSHIP_CHANGED', null],
        ['USER_UNBLOCKED', null],
        ['MESSAGE_DELETED', 207],
        ['MESSAGE_DELETED', 303],
        ['CONVERSATION_UPDATED', null],
      ]);
      expect(log.filter(({ topics }) => topics.includes('user:mal'))).toEqual([]);
    });

    test('may have been deleted before', async () => {
      const ask = await world();
      await ask.run('KEY', 'deleteUser', { uid: 'mal' }, 'uid');
      expect((await ask.data('ada', '{ message(id: "207") { id } }')).message).toEqual({ id: '207' });
      await purge(ask, 'mal');
      expect((await ask.data('ada', '{ message(id: "207") { id } }')).message).toBeNull();
      await sound(ask);
    });

    test('is gone all the same where it is asked for again', async () => {
      const ask = await world();
      await purge(ask, 'mal');
      const before = await logPosition(ask.server());
      expect(await purge(ask, 'mal')).toEqual({ uid: 'mal' });
      expect(await ask.run('KEY', 'deleteUser', { uid: 'mal' }, 'uid')).toEqual({ uid: 'mal' });
      expect(await logPosition(ask.server())).toBe(before);
    });

    test('leaves a uid that an API key may give to somebody else, who has nothing of theirs', async () => {
      const ask = await world();
      const start = await ask.data('bob', '{ cursor }');
      await purge(ask, 'bob');
      await ask.run('KEY', 'createUser', { uid: 'bob', name: 'Another Bob' }, 'user { uid }');
      const seen = await ask.data(
        'bob',
        '{ conversations { nodes { id } } groups(joinedOnly: true) { nodes { guid } } searchMessages(filter: {}) { nodes { id } } }',
      );
      expect(seen).toEqual({ conversations: { nodes: [] }, groups: { nodes: [] }, searchMessages: { nodes: [] } });
      expect(start.cursor).toBeDefined();
      const topics = (await loggedSince(ask.server(), 0)).filter((event) => event.topics.includes('user:bob'));
      expect(topics).toEqual([]);
      await sound(ask);
    });

    test('is not made again by a JWT, wherever JWTs make users', async () => {
      const secret = 'a secret that the host application has too';
      const env = { PARLEY_JWT_SECRET: secret, PARLEY_JWT_PROVISION: '1' };
      const server = await serverForTest({ dialect, lines: WORLD, env });
      const token = await sign(claimsOf('bob'), 'HS256', Buffer.from(secret));
      await purge(
        askerOf(() => server),
        'bob',
      );
      const { errors } = await server.query('{ me { uid } }', {}, { token });
      expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['AUTH_ERR_NO_ACCESS']);
    });

    test('goes however much they left', async () => {
      const numbers = Array.from({ length: MANY }, (_, n) => n + 1);
      const ask = await world([
        ...['ada', 'bob'].map((uid) => user(uid, uid)),
        group('team', 'Team', 'ada'),
        member('team', 'bob'),
        ...numbers.map((n) => text(2 * n, 'bob', { group: 'team' }, `Words ${n}`)),
        ...numbers.map((n) => text(2 * MANY + n, 'ada', { group: 'team' }, 'To <@uid:bob>')),
        ...numbers.map((n) => reaction({ messageId: String(2 * MANY + n), uid: 'bob', reaction: '👍', reactedAt: 1 })),
      ]);
      await purge(ask, 'bob');
      const { conversation } = await ask.data(
        'ada',
        `{ conversation(with: {receiverType: GROUP, receiverId: "team"}) { messages(first: 5) { nodes { id reactions { count } mentionedUsers { uid } } } } }`,
      );
      expect(conversation.messages.nodes[0]).toEqual({ id: String(2 * MANY + 1), reactions: [], mentionedUsers: [] });
      await sound(ask);
    });

    test.each([
      ['they are one', ['bob']],
      [
        'they are all',
        ['sam-1', 'dot', 'eve', 'ada', 'bob', 'cyd', 'mal', 'olga', 'sam_2', 'emile', 'li', 'smile', 'zhanna'],
      ],
    ])('is gone from an export, which a new database takes, whether %s', async (_who, uids) => {
      const ask = await world();
      for (const uid of uids) await purge(ask, uid);
      await sound(ask);
      const lines = await exportOf(ask.server().db);
      expect(lines).not.toMatch(/"bob"|secret plan/);
      const other = await openDatabase(await databaseForTest(dialect), 'write');
      await seed(
        other,
        lines
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      );
      expect(await checkAll(other)).toEqual([]);
      const again = await exportOf(other);
      await other.close();
      expect(again).toBe(lines);
    });
  });

  test('a deletion that was broken off is finished at the next start', async () => {
    const database = await databaseForTest(dialect);
    const db = await openDatabase(database, 'write');
    const numbers = Array.from({ length: 3_000 }, (_, n) => n + 1);
    await seed(db, [
      user('ada', 'Ada'),
      user('bob', 'Bob'),
      ...numbers.map((n) => text(n, 'bob', { user: 'ada' }, 'Hi')),
    ]);
    await db.close();
    const env = { PARLEY_DATABASE: database, PARLEY_API_KEY: 'a key of this test alone' };
    const first = await serveParley(env);
    const input = { uid: 'bob', permanent: true };
    const ask = createClient(first.url, 'a key of this test alone');
    const count = async (query: typeof ask) =>
      (await query('{ message(id: "3000") { id } first: message(id: "1") { id } }', {}, { as: 'ada' })).data;
    const asked = ask('mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { uid } }', { input }).catch(
      () => {},
    );
    await vi.waitFor(async () => expect((await count(ask)).first).toBeNull(), { interval: 1 });
    expect(await count(ask)).toEqual({ first: null, message: { id: '3000' } });
    first.child.kill('SIGKILL');
    await Promise.all([first.exited, asked]);
    const second = createClient((await serveParley(env)).url, 'a key of this test alone');
    await vi.waitFor(async () => expect(await count(second)).toEqual({ first: null, message: null }), 20_000);
    await vi.waitFor(async () =>
      expect((await second('{ users { nodes { uid } } }')).data.users.nodes).toEqual([{ uid: 'ada' }]),
    );
  });
});

import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/store/handle.ts';
import { openDatabase } from '../../src/store/open.ts';
import { checkAll } from '../../src/transfer/check-service.ts';
import { exportAll } from '../../src/transfer/export-service.ts';
import { type Asker, askerOf } from '../support/ask.ts';
import { databaseForTest } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { group, member, user } from '../support/lines.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { type Line, seed } from '../support/seed.ts';
import { serverForTest } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const PLAZA = '{receiverType: GROUP, receiverId: "plaza"}';
const GROUP = 'query ($guid: ID!) { group(guid: $guid) { owner { uid name } membersCount updatedAt } }';

eachDialect((dialect) => {
  async function world(lines: readonly Line[] = WORLD): Promise<Asker> {
    const server = await serverForTest({ dialect, lines, env: { LOG_LEVEL: 'error' } });
    return askerOf(() => server);
  }
  const deleteUser = (ask: Asker, uid: string, permanent?: boolean) =>
    ask.run('KEY', 'deleteUser', { uid, permanent }, 'uid');
  const sound = async (ask: Asker) => expect(await checkAll(ask.server().db)).toEqual([]);

  describe('a deleted user', () => {
    test('is found by nobody, and can’t sign in any more', async () => {
      const ask = await world();
      const { authToken } = await ask.run('KEY', 'createAuthToken', { uid: 'bob' }, 'authToken');
      expect(await deleteUser(ask, 'bob')).toEqual({ uid: 'bob' });
      expect(await ask.data('KEY', '{ user(uid: "bob") { uid } node(id: "user:bob") { id } }')).toEqual({
        user: null,
        node: null,
      });
      expect((await ask.data('KEY', '{ users(search: "bob") { nodes { uid } } }')).users.nodes).toEqual([]);
      expect(await ask.codes('bob', '{ me { uid } }')).toEqual(['ERR_UID_NOT_FOUND']);
      const { errors } = await ask.server().query('{ me { uid } }', {}, { token: authToken });
      expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['AUTH_ERR_AUTH_TOKEN_NOT_FOUND']);
      expect(await ask.refusal('KEY', 'createUser', { uid: 'bob', name: 'Bob again' })).toBe('ERR_UID_ALREADY_EXISTS');
      await sound(ask);
    });

    test('stands as “Deleted user”, without a profile, beside what they wrote', async () => {
      const ask = await world();
      await deleteUser(ask, 'ada');
      const { message, conversation } = await ask.data(
        'bob',
        `{ message(id: "101") { ... on TextMessage { text } sender {
            uid name avatar link role email credits statusMessage metadata tags lastActiveAt deactivatedAt } }
          conversation(with: {receiverType: USER, receiverId: "ada"}) { conversationId lastMessage { id }
            conversationWith { ... on User { uid name } } } }`,
      );
      expect(message).toEqual({
        text: 'Hello Bob',
        sender: {
          uid: 'ada',
          name: 'Deleted user',
          ...{ avatar: null, link: null, role: null, email: null, credits: null, statusMessage: null, metadata: null },
          ...{ tags: [], lastActiveAt: null, deactivatedAt: null },
        },
      });
      expect(conversation).toEqual({
        conversationId: 'ada_user_bob',
        lastMessage: { id: '108' },
        conversationWith: { uid: 'ada', name: 'Deleted user' },
      });
      expect(await ask.refusal('bob', 'sendTextMessage', { receiverType: 'USER', receiverId: 'ada', text: 'Hi' })).toBe(
        'ERR_UID_NOT_FOUND',
      );
    });

    test('belongs to no group, and those groups’ members hear of it', async () => {
      const ask = await world();
      const before = await logPosition(ask.server());
      await deleteUser(ask, 'cyd');
      const { group: plaza } = await ask.data('ada', GROUP, { guid: 'plaza' });
      expect(plaza.membersCount).toBe(3);
      const members = await ask.data('ada', '{ group(guid: "plaza") { members { nodes { uid } } } }');
      expect(members.group.members.nodes).toEqual([{ uid: 'ada' }, { uid: 'bob' }, { uid: 'mal' }]);
      const log = await loggedSince(ask.server(), before);
      expect(log[0]).toMatchObject({ kind: 'USER_UPDATED', by: null, user: 'cyd', topics: ['user:cyd'] });
      const changes = log.filter(({ kind }) => kind === 'MEMBERSHIP_CHANGED');
      expect(changes.map(({ user, by, topics }) => [user, by, ...topics])).toEqual([
        ['cyd', null, 'group:plaza', 'user:cyd'],
        ['cyd', null, 'group:vault', 'user:cyd'],
      ]);
      await sound(ask);
    });

    test('leaves their groups to the admin, moderator or participant who has been there longest', async () => {
      const people = ['ada', 'bob', 'cyd', 'dan', 'eva'];
      const ask = await world([
        ...people.map((uid) => user(uid, uid.toUpperCase())),
        ...['admins', 'moderators', 'participants', 'alone'].map((guid) => group(guid, guid, 'ada')),
        ...['bob', 'cyd', 'dan'].map((uid, n) => member('admins', uid, { scope: 'admin', joinedAt: 1_000 - n })),
        member('admins', 'eva', { joinedAt: 5 }),
        member('moderators', 'bob', { joinedAt: 5 }),
        member('moderators', 'cyd', { joinedAt: 9, scope: 'moderator' }),
        member('participants', 'eva', { joinedAt: 9 }),
        member('participants', 'bob', { joinedAt: 7 }),
      ]);
      const before = await logPosition(ask.server());
      await deleteUser(ask, 'ada');
      const heirs = [
        ['admins', 'dan', 3 + 1],
        ['moderators', 'cyd', 2],
        ['participants', 'bob', 2],
        ['alone', 'ada', 0],
      ] as const;
      for (const [guid, uid, count] of heirs) {
        const { group: found } = await ask.data('KEY', GROUP, { guid });
        expect(found).toMatchObject({ owner: { uid }, membersCount: count });
        if (guid === 'alone') continue;
        const { member: heir } = (
          await ask.data('KEY', `{ group(guid: "${guid}") { members(search: "${uid}") { nodes { scope } } } }`)
        ).group.members.nodes.map((one: object) => ({ member: one }))[0];
        expect(heir).toEqual({ scope: 'ADMIN' });
      }
      const log = await loggedSince(ask.server(), before);
      const updated = log.filter(({ kind }) => kind === 'GROUP_UPDATED').map(({ topics }) => topics);
      expect(updated).toEqual([['group:admins'], ['group:moderators'], ['group:participants']]);
      await sound(ask);
    });

    test('keeps nobody waiting who reads a group: what all others have read is read by all', async () => {
      const ask = await world([
        ...['ada', 'bob', 'cyd'].map((uid) => user(uid, uid)),
        group('team', 'Team', 'ada'),
        ...['bob', 'cyd'].map((uid) => member('team', uid)),
      ]);
      const to = { receiverType: 'GROUP', receiverId: 'team' };
      const { message } = await ask.run('ada', 'sendTextMessage', { ...to, text: 'Who reads this?' }, 'message { id }');
      await ask.run('bob', 'markAsRead', to, 'conversation { id }');
      const status = async () => (await ask.data('ada', `{ message(id: "${message.id}") { status } }`)).message.status;
      expect(await status()).toBe('SENT');
      await deleteUser(ask, 'cyd');
      expect(await status()).toBe('READ');
      await sound(ask);
    });

    test('is blocked by nobody, and bans of them are gone', async () => {
      const ask = await world();
      const before = await logPosition(ask.server());
      await deleteUser(ask, 'mal');
      expect((await ask.data('ada', '{ blockedUsers { nodes { uid } } }')).blockedUsers.nodes).toEqual([]);
      const unblocked = (await loggedSince(ask.server(), before)).filter(({ kind }) => kind === 'USER_UNBLOCKED');
      expect(unblocked).toMatchObject([{ user: 'mal', topics: ['user:ada'] }]);
      await deleteUser(ask, 'olga');
      const banned = await ask.data('ada', '{ group(guid: "plaza") { bannedMembers { nodes { uid } } } }');
      expect(banned.group.bannedMembers.nodes).toEqual([]);
      await sound(ask);
    });

    test('is told of without their name in what was done by them and to them', async () => {
      const ask = await world();
      const before = await logPosition(ask.server());
      await deleteUser(ask, 'bob');
      await deleteUser(ask, 'olga');
      await deleteUser(ask, 'cyd');
      const { nodes } = (
        await ask.data(
          'ada',
          `{ conversation(with: ${PLAZA}) { messages(filter: {categories: [ACTION]}) { nodes { id raw ... on Action { message } } } } }`,
        )
      ).conversation.messages;
      expect(nodes.map(({ id, message }: Record<string, string>) => [id, message])).toEqual([
        ['201', 'Deleted user joined'],
        ['205', 'Ada Lovelace made Deleted user moderator'],
        ['208', 'Ada Lovelace banned Deleted user'],
      ]);
      expect(JSON.stringify(nodes)).not.toMatch(/Bob|Olga|Cyd/);
      const edited = (await loggedSince(ask.server(), before)).filter(({ kind }) => kind === 'MESSAGE_EDITED');
      expect(edited.map(({ messageId }) => messageId)).toEqual([205, 208, 201]);
    });

    test('is exported so, with groups of theirs where nobody is left', async () => {
      const ask = await world();
      for (const uid of ['cyd', 'mal', 'ada']) await deleteUser(ask, uid);
      const exported = async (db: Database) => {
        const pieces: string[] = [];
        await exportAll(db, async (piece) => void pieces.push(piece));
        return pieces.join('');
      };
      const lines = await exported(ask.server().db);
      expect(lines).not.toMatch(/Lovelace|Mallory|Cyd/);
      const other = await openDatabase(await databaseForTest(dialect), 'write');
      const parsed = lines.trim().split('\n');
      await seed(
        other,
        parsed.map((line) => JSON.parse(line)),
      );
      expect(await checkAll(other)).toEqual([]);
      expect(await exported(other)).toBe(lines);
      await other.close();
    });

    test('deleted again stays so, and nothing happens', async () => {
      const ask = await world();
      await deleteUser(ask, 'bob');
      const before = await logPosition(ask.server());
      expect(await deleteUser(ask, 'bob')).toEqual({ uid: 'bob' });
      expect(await deleteUser(ask, 'eve')).toEqual({ uid: 'eve' });
      expect(await logPosition(ask.server())).toBe(before);
    });
  });

  test.each([
    ['an unknown uid', 'KEY', { uid: 'nobody' }, 'ERR_UID_NOT_FOUND'],
    ['by a user', 'ada', { uid: 'ada' }, 'AUTH_ERR_NO_ACCESS'],
    ['by nobody', 'NOBODY', { uid: 'ada' }, 'AUTH_ERR_NO_ACCESS'],
  ] as const)('deleting %s is refused, and nothing changes', async (_what, as, input, code) => {
    const ask = await world();
    const before = await logPosition(ask.server());
    expect(await ask.refusal(as, 'deleteUser', input)).toBe(code);
    expect(await logPosition(ask.server())).toBe(before);
    expect((await ask.data('KEY', '{ user(uid: "ada") { name } }')).user).toEqual({ name: 'Ada Lovelace' });
  });
});

import { describe, expect, test } from 'vitest';
import { type As, useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { START, user } from '../support/lines.ts';
import { FOUND, WORLD } from '../support/world.ts';

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);

  const users = async (as: As, args = '', variables = {}) => {
    const head = Object.keys(variables).length > 0 ? 'query ($uids: [ID!])' : '';
    const { users: found } = await ask.data(as, `${head} { users(first: 100 ${args}) { nodes { uid } } }`, variables);
    return found.nodes.map(({ uid }: { uid: string }) => uid);
  };

  describe('people', () => {
    test('are listed by folded name, then by uid, whatever their script', async () => {
      expect(await users('olga')).toEqual(FOUND);
    });

    test('who are deactivated are found by API keys alone, and who are deleted by nobody', async () => {
      const everybody = [...FOUND.slice(0, 3), 'dot', ...FOUND.slice(3)];
      expect(await users('KEY')).toEqual(everybody);
      const asked = '{ dot: user(uid: "dot") { uid } eve: user(uid: "eve") { uid } bob: user(uid: "bob") { uid } }';
      expect(await ask.data('KEY', asked)).toEqual({ dot: { uid: 'dot' }, eve: null, bob: { uid: 'bob' } });
      expect(await ask.data('ada', asked)).toEqual({ dot: null, eve: null, bob: { uid: 'bob' } });
    });

    test.each([
      ['part of a name, in any case', 'search: "LOVE"', ['ada']],
      ['part of a uid', 'search: "sam-"', ['sam-1']],
      ['a name in another script', 'search: "жан"', ['zhanna']],
      ['an emoji', 'search: "🙂"', ['smile']],
      ['nothing that anybody has', 'search: "nobody at all"', []],
      ['a name and a uid together, which stand apart', 'search: "mallorymal"', []],
      ['signs that mean something to a database', 'search: "%"', []],
      ['an underscore, literally', 'search: "_"', ['sam_2']],
      ['nothing', 'search: ""', [...FOUND]],
      ['roles', 'roles: ["teacher", "student"]', ['ada', 'bob', 'cyd']],
      ['no role at all', 'roles: []', []],
      ['tags', 'tags: ["staff", "none"]', ['ada']],
      ['uids', 'uids: ["cyd", "ada", "cyd"]', ['ada', 'cyd']],
      ['no uid at all', 'uids: []', []],
      ['those who are connected', 'status: ONLINE', []],
      ['those who are not', 'status: OFFLINE', [...FOUND]],
      ['not blocked', 'hideBlocked: true', FOUND.filter((uid) => uid !== 'mal')],
      ['blocked or not', 'hideBlocked: false', [...FOUND]],
      ['several things at once', 'search: "o" roles: ["student", "teacher"] tags: ["maths"]', ['ada', 'bob']],
    ])('are found by %s', async (_what, args, expected) => {
      expect(await users('ada', args)).toEqual(expected);
    });

    test.each(['"nobody"', '"dot"', '"eve"', '"Ada"', '"a b"'])(
      'asked for by a uid that nobody found has (%s) are ERR_UID_NOT_FOUND',
      async (uid) => {
        expect(await ask.codes('ada', `{ users(uids: ["ada", ${uid}]) { nodes { uid } } }`)).toEqual([
          'ERR_UID_NOT_FOUND',
        ]);
      },
    );

    test('can be asked for by the uids of a hundred, unknown ones included, without harm', async () => {
      const uids = Array.from({ length: 100 }, (_, n) => `nobody-${n}`);
      expect(await ask.codes('ada', 'query ($uids: [ID!]) { users(uids: $uids) { nodes { uid } } }', { uids })).toEqual(
        ['ERR_UID_NOT_FOUND'],
      );
    });

    test('whom one has blocked are listed to oneself, and found by name', async () => {
      const blocked = '{ blockedUsers { nodes { uid blockedByMe hasBlockedMe } } }';
      expect((await ask.data('ada', blocked)).blockedUsers.nodes).toEqual([
        { uid: 'mal', blockedByMe: true, hasBlockedMe: false },
      ]);
      expect((await ask.data('mal', blocked)).blockedUsers.nodes).toEqual([]);
      expect((await ask.data('mal', '{ user(uid: "ada") { blockedByMe hasBlockedMe } }')).user).toEqual({
        blockedByMe: false,
        hasBlockedMe: true,
      });
      const byName = (search: string) => ask.data('ada', `{ blockedUsers(search: "${search}") { nodes { uid } } }`);
      expect((await byName('LORY')).blockedUsers.nodes).toEqual([{ uid: 'mal' }]);
      expect((await byName('ada')).blockedUsers.nodes).toEqual([]);
    });
  });

  const PROFILE = `id uid name status lastActiveAt email avatar link role metadata credits statusMessage tags createdAt updatedAt
    deactivatedAt blockedByMe hasBlockedMe conversation { id }`;
  const ADA = {
    id: 'user:ada',
    uid: 'ada',
    name: 'Ada Lovelace',
    status: 'OFFLINE',
    lastActiveAt: expect.any(Number), // they ask in this suite
    email: 'ada@example.org',
    avatar: 'https://example.org/ada.png',
    link: 'https://example.org/ada',
    role: 'teacher',
    metadata: { room: 12 },
    credits: 7,
    statusMessage: 'counting',
    tags: ['maths', 'staff'],
    createdAt: START,
    updatedAt: START + 60,
    deactivatedAt: null,
    blockedByMe: false,
    hasBlockedMe: false,
    conversation: null,
  };

  describe('a profile', () => {
    test('is whole to its owner and to API keys', async () => {
      expect((await ask.data('ada', `{ me { ${PROFILE} } }`)).me).toEqual(ADA);
      expect((await ask.data('KEY', `{ user(uid: "ada") { ${PROFILE} } }`)).user).toEqual(ADA);
    });

    test('is without email and credits to anybody else', async () => {
      expect((await ask.data('bob', `{ user(uid: "ada") { ${PROFILE} } }`)).user).toEqual({
        ...ADA,
        email: null,
        credits: null,
        conversation: { id: 'conversation:user:ada:bob' },
      });
    });

    test('has null, and no tags, where nothing was given', async () => {
      expect((await ask.data('KEY', `{ user(uid: "li") { ${PROFILE} } }`)).user).toMatchObject({
        ...{ lastActiveAt: null, email: null, avatar: null, link: null, metadata: null, credits: null },
        ...{ statusMessage: null, tags: [], updatedAt: null },
      });
    });

    test('says to API keys since when it is deactivated', async () => {
      expect((await ask.data('KEY', '{ user(uid: "dot") { deactivatedAt } }')).user).toEqual({
        deactivatedAt: START + 90,
      });
    });
  });

  test('a name of the highest characters is listed like any other', async () => {
    const high = '\u{10ffff}\u{10ffff}';
    await ask.server().seed([user('high', high), user('highest', high.repeat(50))]);
    expect((await users('olga')).slice(-3)).toEqual(['smile', 'high', 'highest']);
  });
});

import { describe, expect, test, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { now } from '../../src/clock.ts';
import { openDatabase } from '../../src/store/open.ts';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { user } from '../support/lines.ts';
import { clientFor, hear } from '../support/listener.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { runParley } from '../support/parley.ts';
import { serverForTest } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const FIELDS = `uid name avatar link role email credits statusMessage metadata tags updatedAt deactivatedAt`;
const USER = `user { ${FIELDS} }`;
const NOTHING = {
  ...{ avatar: null, link: null, role: null, email: null, credits: null, statusMessage: null, metadata: null },
  ...{ tags: [], updatedAt: null, deactivatedAt: null },
};
const PROFILE = {
  avatar: 'https://example.org/a.png',
  link: 'https://example.org/a',
  role: 'pilot',
  email: 'amelia@example.org',
  credits: 2_147_483_647,
  statusMessage: '🛩️ في السماء',
  metadata: { seen: [1, null, 'x'], deep: { er: true } },
  tags: ['air', 'sea'],
};
const RESULTS = `results { uid code user { uid deactivatedAt } }`;

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const make = async (name = 'Somebody', more: object = {}) => {
    const made = await ask.run('KEY', 'createUser', { name, ...more }, USER);
    return made.user;
  };
  const find = async (uid: string) =>
    (await ask.data('KEY', `query ($uid: ID!) { user(uid: $uid) { ${FIELDS} } }`, { uid })).user;
  const toldSince = async (position: number) =>
    (await loggedSince(ask.server(), position)).map(({ kind, by, user: about, topics }) => [
      kind,
      by,
      about,
      ...topics,
    ]);

  describe('a new user', () => {
    test('has what they were given, and is found by name', async () => {
      const made = await make('Amelia', { uid: 'amelia', ...PROFILE });
      expect(made).toEqual({ ...NOTHING, ...PROFILE, uid: 'amelia', name: 'Amelia' });
      expect(await find('amelia')).toEqual(made);
      expect((await ask.data('bob', '{ users(search: "AMEL") { nodes { uid } } }')).users.nodes).toEqual([
        { uid: 'amelia' },
      ]);
    });

    test('without a uid has a random one, and without anything else nothing', async () => {
      const [one, other] = [await make('Twin'), await make('Twin', { uid: null, role: null, tags: null })];
      expect(one.uid).toMatch(/^[a-z0-9_-]{36}$/);
      expect(other).toEqual({ ...NOTHING, uid: other.uid, name: 'Twin' });
      expect(one.uid).not.toBe(other.uid);
    });

    test('signs in at once with the token that was asked for, and has none otherwise', async () => {
      const fields = 'user { uid } authToken';
      const { authToken } = await ask.run(
        'KEY',
        'createUser',
        { uid: 'tom', name: 'Tom', withAuthToken: true },
        fields,
      );
      const { data } = await ask.server().query('{ me { uid } }', undefined, { token: authToken });
      expect(data.me).toEqual({ uid: 'tom' });
      const without = await ask.run('KEY', 'createUser', { uid: 'tim', name: 'Tim', withAuthToken: false }, fields);
      expect(without).toEqual({ user: { uid: 'tim' }, authToken: null });
    });

    test('can have the longest of everything', async () => {
      const longest = {
        uid: 'x'.repeat(100),
        name: '🙂'.repeat(100),
        avatar: `https://example.org/${'a'.repeat(2_028)}`,
        role: 'r'.repeat(100),
        email: 'e'.repeat(320),
        statusMessage: '语'.repeat(500),
        tags: Array.from({ length: 25 }, (_, n) => String(n).padEnd(100, '-')),
        metadata: 'm'.repeat(65_534),
      };
      expect(await make(longest.name, longest)).toMatchObject(longest);
    });

    test.each([
      ['a uid that somebody has', { uid: 'ada' }, 'ERR_UID_ALREADY_EXISTS'],
      ['a uid that somebody deactivated has', { uid: 'dot' }, 'ERR_UID_ALREADY_EXISTS'],
      ['a uid that somebody deleted had', { uid: 'eve' }, 'ERR_UID_ALREADY_EXISTS'],
      ['a uid of capitals', { uid: 'Ada2' }, 'ERR_BAD_REQUEST'],
      ['an empty uid', { uid: '' }, 'ERR_BAD_REQUEST'],
      ['too long a uid', { uid: 'x'.repeat(101) }, 'ERR_BAD_REQUEST'],
      ['a uid of another script', { uid: 'жанна' }, 'ERR_BAD_REQUEST'],
      ['an empty name', { name: '' }, 'ERR_BAD_REQUEST'],
      ['too long a name', { name: '🙂'.repeat(101) }, 'ERR_LIMIT_EXCEEDED'],
      ['a name with U+0000', { name: 'a\0b' }, 'ERR_BAD_REQUEST'],
      ['half a surrogate pair', { name: 'a\ud800' }, 'ERR_BAD_REQUEST'],
      ['an avatar that is no address', { avatar: 'a.png' }, 'ERR_BAD_REQUEST'],
      ['a link that would run', { link: 'javascript:alert(1)' }, 'ERR_BAD_REQUEST'],
      ['too long a link', { link: `https://example.org/${'a'.repeat(2_029)}` }, 'ERR_LIMIT_EXCEEDED'],
      ['too long a role', { role: 'r'.repeat(101) }, 'ERR_LIMIT_EXCEEDED'],
      ['an empty role', { role: '' }, 'ERR_BAD_REQUEST'],
      ['too long an email', { email: 'e'.repeat(321) }, 'ERR_LIMIT_EXCEEDED'],
      ['credits below 0', { credits: -1 }, 'ERR_BAD_REQUEST'],
      ['half a credit', { credits: 1.5 }, 'ERR_BAD_REQUEST'],
      ['too long a status message', { statusMessage: 's'.repeat(501) }, 'ERR_LIMIT_EXCEEDED'],
      ['too large metadata', { metadata: 'm'.repeat(65_535) }, 'ERR_INVALID_METADATA'],
      ['too many tags', { tags: Array.from({ length: 26 }, (_, n) => String(n)) }, 'ERR_LIMIT_EXCEEDED'],
      ['an empty tag', { tags: [''] }, 'ERR_BAD_REQUEST'],
    ])('with %s is refused, and not made', async (_what, input, code) => {
      const before = await ask.data('KEY', '{ cursor users(first: 100) { nodes { uid } } }');
      expect(await ask.refusal('KEY', 'createUser', { uid: 'not-made', name: 'Nobody', ...input })).toBe(code);
      expect(await ask.data('KEY', '{ cursor users(first: 100) { nodes { uid } } }')).toEqual(before);
    });

    test('of one uid is made once, however many ask at once', async () => {
      const asked = Array.from({ length: 6 }, () =>
        ask.answer('KEY', 'mutation { createUser(input: {uid: "once", name: "Once"}) { user { uid } } }'),
      );
      const codes = (await Promise.all(asked)).map(({ errors }) => errors[0]?.extensions['code'] ?? 'made');
      expect(codes.sort()).toEqual([...Array(5).fill('ERR_UID_ALREADY_EXISTS'), 'made']);
    });
  });

  describe('a profile', () => {
    test('is changed in what is given, and keeps the rest', async () => {
      await make('Amy', { uid: 'amy', ...PROFILE });
      const { user: changed } = await ask.run('KEY', 'updateUser', { uid: 'amy', role: 'captain', credits: 0 }, USER);
      const expected = { ...NOTHING, ...PROFILE, uid: 'amy', name: 'Amy', role: 'captain', credits: 0 };
      expect(changed).toEqual({ ...expected, updatedAt: expect.any(Number) });
      expect(await find('amy')).toEqual(changed);
    });

    test('loses what null is given for, and no name', async () => {
      await make('Ann', { uid: 'ann', ...PROFILE });
      const nulls = Object.fromEntries(Object.keys(PROFILE).map((field) => [field, null]));
      const { user: emptied } = await ask.run('KEY', 'updateUser', { uid: 'ann', ...nulls }, USER);
      expect(emptied).toEqual({ ...NOTHING, uid: 'ann', name: 'Ann', updatedAt: expect.any(Number) });
      expect(await find('ann')).toEqual(emptied);
      expect(await ask.refusal('KEY', 'updateUser', { uid: 'ann', name: null })).toBe('ERR_BAD_REQUEST');
    });

    test('that changes is told to its user alone, once', async () => {
      await make('Abe', { uid: 'abe' });
      const before = await logPosition(ask.server());
      await ask.run('KEY', 'updateUser', { uid: 'abe', name: 'Abraham', role: 'x' }, USER);
      await ask.run('abe', 'updateMe', { statusMessage: 'here' }, USER);
      expect(await toldSince(before)).toEqual([
        ['USER_UPDATED', null, 'abe', 'user:abe'],
        ['USER_UPDATED', 'abe', 'abe', 'user:abe'],
      ]);
    });

    test('given as it is already stays, and nobody is told', async () => {
      const made = await make('Art', { uid: 'art', ...PROFILE });
      const before = await logPosition(ask.server());
      expect(await ask.run('KEY', 'updateUser', { uid: 'art', name: 'Art', ...PROFILE }, USER)).toEqual({ user: made });
      expect(await ask.run('KEY', 'updateUser', { uid: 'art' }, USER)).toEqual({ user: made });
      expect(await logPosition(ask.server())).toBe(before);
    });

    test('is changed by its user in name, avatar, link, status message and metadata', async () => {
      await make('Ali', { uid: 'ali', ...PROFILE });
      const own = {
        name: 'Ali Baba',
        avatar: null,
        link: 'https://example.org/cave',
        statusMessage: 'sesame',
        metadata: 'open',
      };
      const { user: changed } = await ask.run('ali', 'updateMe', own, USER);
      expect(changed).toMatchObject({ ...PROFILE, ...own, uid: 'ali' });
      expect(await find('ali')).toMatchObject({ ...PROFILE, ...own });
    });

    test.each(['role', 'email', 'credits', 'tags', 'uid'])('is not changed by its user in %s', async (field) => {
      const value = { credits: 5, tags: ['a'] }[field] ?? 'a';
      expect(await ask.refusal('bob', 'updateMe', { [field]: value })).toBe('ERR_BAD_REQUEST');
    });

    test.each([
      ['nobody', 'nobody'],
      ['somebody deleted', 'eve'],
    ])('of %s is not changed', async (_whose, uid) => {
      const before = await logPosition(ask.server());
      expect(await ask.refusal('KEY', 'updateUser', { uid, name: 'New' })).toBe('ERR_UID_NOT_FOUND');
      expect(await logPosition(ask.server())).toBe(before);
    });

    test('is not changed where one field is refused', async () => {
      const [before, position] = [await find('cyd'), await logPosition(ask.server())];
      expect(await ask.refusal('KEY', 'updateUser', { uid: 'cyd', name: 'New', credits: -1 })).toBe('ERR_BAD_REQUEST');
      expect(await ask.refusal('cyd', 'updateMe', { name: 'New', link: 'no address' })).toBe('ERR_BAD_REQUEST');
      expect([await find('cyd'), await logPosition(ask.server())]).toEqual([before, position]);
    });

    test('with another name stands elsewhere in lists, among members and the banned too', async () => {
      const server = await serverForTest({ dialect, lines: WORLD });
      const rename = (uid: string, name: string) =>
        server.query(`mutation { updateUser(input: {uid: "${uid}", name: "${name}"}) { user { name } } }`);
      await rename('ada', 'Zoe');
      await rename('olga', 'Agnes');
      const { data } = await server.query(`{ users { nodes { uid } } group(guid: "plaza") {
        members { nodes { uid } } bannedMembers(search: "agn") { nodes { uid } } } }`);
      const uids = ({ nodes }: { nodes: { uid: string }[] }) => nodes.map(({ uid }) => uid);
      expect(uids(data.group.members)).toEqual(['bob', 'cyd', 'mal', 'ada']);
      expect(uids(data.group.bannedMembers)).toEqual(['olga']);
      const listed = uids(data.users);
      expect([listed.indexOf('olga'), listed.indexOf('ada') > listed.indexOf('smile')]).toEqual([0, false]);
      expect(listed.indexOf('ada')).toBeGreaterThan(listed.indexOf('sam_2'));
      const check = await runParley(['check'], { env: { PARLEY_DATABASE: server.database } });
      expect([check.code, check.stderr]).toEqual([0, '']);
    });
  });

  describe('who is deactivated', () => {
    const run = (mutation: string, uids: string[]) => ask.run('KEY', mutation, { uids }, RESULTS);

    test('can’t sign in or be found, until reactivated', async () => {
      await make('Ivy', { uid: 'ivy' });
      const { authToken } = await ask.run('KEY', 'createAuthToken', { uid: 'ivy' }, 'authToken');
      const before = await logPosition(ask.server());
      const signIn = async () => {
        const { data, errors } = await ask.server().query('{ me { uid } }', undefined, { token: authToken });
        return errors[0]?.extensions['code'] ?? data.me.uid;
      };
      const { results } = await run('deactivateUsers', ['ivy']);
      expect(results).toEqual([{ uid: 'ivy', code: null, user: { uid: 'ivy', deactivatedAt: expect.any(Number) } }]);
      expect(await signIn()).toBe('AUTH_ERR_NO_ACCESS');
      expect(await ask.codes('ivy', '{ me { uid } }')).toEqual(['AUTH_ERR_NO_ACCESS']);
      expect((await ask.data('bob', '{ user(uid: "ivy") { uid } }')).user).toBeNull();
      expect((await run('reactivateUsers', ['ivy'])).results).toEqual([
        { uid: 'ivy', code: null, user: { uid: 'ivy', deactivatedAt: null } },
      ]);
      expect(await signIn()).toBe('ivy');
      expect((await ask.data('bob', '{ user(uid: "ivy") { uid } }')).user).toEqual({ uid: 'ivy' });
      const told = ['USER_UPDATED', null, 'ivy', 'user:ivy'];
      expect(await toldSince(before)).toEqual([told, told]);
    });

    test('twice stays so since the first time, and nobody is told', async () => {
      await make('Una', { uid: 'una' });
      const first = await run('deactivateUsers', ['una']);
      const before = await logPosition(ask.server());
      expect(await run('deactivateUsers', ['una', 'una'])).toEqual(first);
      await run('reactivateUsers', ['una']);
      await run('reactivateUsers', ['una']);
      expect(await toldSince(before)).toHaveLength(1);
    });

    test('is told apart, uid by uid, from who can’t be', async () => {
      await make('Uta', { uid: 'uta' });
      const { results } = await run('deactivateUsers', ['nobody', 'uta', 'eve', 'A B']);
      expect(results.map(({ uid, code }: { uid: string; code: string }) => [uid, code])).toEqual([
        ['nobody', 'ERR_UID_NOT_FOUND'],
        ['uta', null],
        ['eve', 'ERR_UID_NOT_FOUND'],
        ['A B', 'ERR_UID_NOT_FOUND'],
      ]);
      expect(await run('deactivateUsers', [])).toEqual({ results: [] });
    });
  });

  test.each([
    ['createUser', { name: 'Nobody', uid: 'not-made' }],
    ['updateUser', { uid: 'ada', name: 'Other' }],
    ['deactivateUsers', { uids: ['ada'] }],
    ['reactivateUsers', { uids: ['dot'] }],
  ])('%s is for API keys on nobody’s behalf', async (mutation, input) => {
    const before = await logPosition(ask.server());
    expect(await ask.refusal('ada', mutation, input)).toBe('AUTH_ERR_NO_ACCESS');
    expect(await ask.refusal('NOBODY', mutation, input)).toBe('AUTH_ERR_NO_ACCESS');
    expect(await logPosition(ask.server())).toBe(before);
    expect(await find('not-made')).toBeNull();
  });

  test('updateMe is for users', async () => {
    expect(await ask.refusal('KEY', 'updateMe', { name: 'Key' })).toBe('AUTH_ERR_NO_ACCESS');
    expect(await ask.refusal('NOBODY', 'updateMe', { name: 'Nobody' })).toBe('AUTH_ERR_NO_ACCESS');
  });

  describe('lastActiveAt', () => {
    const lines = [user('kim', 'Kim'), user('lee', 'Lee', { lastActiveAt: 5 }), user('may', 'May')];
    const ACTIVE = '{ users { nodes { uid lastActiveAt } } }';
    const activeOf = ({ data }: { data: { users: { nodes: { uid: string; lastActiveAt: number }[] } } }) =>
      Object.fromEntries(data.users.nodes.map(({ uid, lastActiveAt }) => [uid, lastActiveAt]));

    test('is when a user last asked for anything, at once, and nobody else is changed by it', async () => {
      const server = await serverForTest({ dialect, lines });
      const start = now();
      await server.query('{ me { uid } }', undefined, { as: 'kim' });
      const { kim, lee, may } = activeOf(await server.query(ACTIVE));
      expect(kim).toBeGreaterThanOrEqual(start);
      expect([lee, may]).toEqual([5, null]);
    });

    test('stays as it is where an API key changes the profile of who has a socket open', async () => {
      const server = await serverForTest({ dialect, lines });
      const heard = await hear(
        clientFor(server, { as: 'kim' }),
        'subscription { events(kinds: [USER_UPDATED]) { kind } }',
      );
      const { kim } = activeOf(await server.query(ACTIVE));
      await expect.poll(now, { timeout: 3_000 }).toBeGreaterThan(kim ?? 0);
      const update = 'mutation { updateUser(input: { uid: "kim", name: "Kimberly" }) { user { name } } }';
      expect((await server.query(update)).errors).toEqual([]);
      await heard.next();
      expect(activeOf(await server.query(ACTIVE))['kim']).toBe(kim);
    });

    test('is written a minute later, for all at once, and not before', async () => {
      const server = await serverForTest({ dialect, lines });
      const { users } = server.db.read.t;
      const written = async () =>
        (await server.db.read.db.select({ uid: users.uid, at: users.lastActiveAt }).from(users).orderBy(users.uid)).map(
          ({ at }) => at,
        );
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      try {
        for (const as of ['kim', 'lee', 'kim']) await server.query('{ me { uid } }', undefined, { as });
        await vi.advanceTimersByTimeAsync(59_000);
        expect(await written()).toEqual([null, 5, null]);
        await vi.advanceTimersByTimeAsync(1_000);
      } finally {
        vi.useRealTimers();
      }
      await expect.poll(written).toEqual([expect.any(Number), expect.any(Number), null]);
      expect((await written())[1]).toBeGreaterThan(5);
    });

    test('outlives the server, and goes back for nobody', async () => {
      const server = await serverForTest({
        dialect,
        lines: [...lines, user('ned', 'Ned', { lastActiveAt: 99_999_999_999 })],
      });
      const app = createApp(server.db);
      const { users } = server.db.read.t;
      for (const { id } of await server.db.read.db.select({ id: users.id }).from(users)) app.activity.touch(id);
      await app.activity.close();
      const other = await openDatabase(server.database, 'read');
      const rows = await other.read.db.select({ at: users.lastActiveAt }).from(users).orderBy(users.uid);
      await other.close();
      expect(rows.slice(0, 3).every(({ at }) => at !== null && at > 5)).toBe(true);
      expect(rows[3]?.at).toBe(99_999_999_999);
    });
  });
});

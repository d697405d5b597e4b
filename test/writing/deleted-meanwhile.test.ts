import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkAll } from '../../src/transfer/check-service.ts';
import { type Asker, askerOf } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { group, member, text, user } from '../support/lines.ts';
import { serverForTest } from '../support/server.ts';

const MANY = Array.from({ length: 12 }, (_, n) => `u${n}`);
const SAVED = 1_000;
const LINES = [
  ...['ada', 'bob', ...MANY].map((uid) => user(uid, uid)),
  group('team', 'Team', 'ada'),
  member('team', 'ada', { scope: 'admin' }),
  ...MANY.map((uid, n) => text(1 + n, uid, { user: 'bob' }, 'Keep this')),
];
const TEAM = { guid: 'team' };

eachDialect((dialect) => {
  async function world(): Promise<Asker> {
    const server = await serverForTest({ dialect, lines: LINES, env: { LOG_LEVEL: 'error' } });
    return askerOf(() => server);
  }
  /** The codes with which a mutation is refused as a whole. */
  const codes = (ask: Asker, as: string, mutation: string, input: object): Promise<unknown[]> => {
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename } }`;
    return ask.codes(as, document, { input });
  };
  const sound = async (ask: Asker) => expect(await checkAll(ask.server().db)).toEqual([]);
  const membersOf = async (ask: Asker) =>
    (await ask.data('KEY', '{ group(guid: "team") { owner { uid } members { nodes { uid scope } } } }')).group;

  describe('of many things done at once with people who are being deleted', () => {
    test('none leaves them in a group, its owner, or blocked', async () => {
      const ask = await world();
      await Promise.all(
        MANY.flatMap((uid, n) => [
          codes(ask, uid, 'joinGroup', TEAM),
          codes(ask, uid, 'createGroup', {
            guid: `own-${uid}`,
            name: 'Own',
            type: 'PUBLIC',
            members: [{ uid: 'bob' }],
          }),
          codes(ask, uid, 'blockUsers', { uids: ['bob'] }),
          codes(ask, 'KEY', 'deleteUser', { uid, permanent: n % 2 === 0 }),
          codes(ask, 'bob', 'blockUsers', { uids: [uid] }),
          codes(ask, 'ada', 'addGroupMembers', { ...TEAM, members: [{ uid }] }),
          codes(ask, 'ada', 'transferGroupOwnership', { ...TEAM, uid }),
        ]),
      );
      await sound(ask);
    });

    test('with people who get another name, none leaves them in another place of a list', async () => {
      const ask = await world();
      const renames = (uid: string, n: number) =>
        ['zz', 'aa', 'mm'].map((name) => codes(ask, uid, 'updateMe', { name: `${name}${n}` }));
      await Promise.all(MANY.flatMap((uid, n) => [codes(ask, uid, 'joinGroup', TEAM), ...renames(uid, n)]));
      await Promise.all(
        MANY.flatMap((uid, n) => [codes(ask, 'ada', 'banGroupMember', { ...TEAM, uid }), ...renames(uid, n)]),
      );
      await sound(ask);
    });
  });

  test('a group without members, whose owner was deleted, belongs to who comes into it', async () => {
    const ask = await world();
    await ask.run('KEY', 'deleteUser', { uid: 'ada' }, 'uid');
    expect(await membersOf(ask)).toEqual({ owner: { uid: 'ada' }, members: { nodes: [] } });
    await ask.run('bob', 'joinGroup', TEAM, 'group { guid }');
    await ask.run('u1', 'joinGroup', TEAM, 'group { guid }');
    const nodes = [
      { uid: 'bob', scope: 'ADMIN' },
      { uid: 'u1', scope: 'PARTICIPANT' },
    ];
    expect(await membersOf(ask)).toEqual({ owner: { uid: 'bob' }, members: { nodes } });
    await sound(ask);
  });

  test('what a user saves in many conversations at once is no more than they may', async () => {
    const ask = await world();
    const { db } = ask.server();
    await db.write('test', async (tx) => {
      const [bob] = (await tx.db.select().from(tx.t.users)).filter(({ uid }) => uid === 'bob');
      const [kept] = (await tx.db.select().from(tx.t.messages)).filter(({ id }) => id === 1);
      if (!bob || !kept) throw new Error('bob was written to');
      const ids = Array.from({ length: SAVED - 3 }, (_, n) => 5_000 + n);
      await tx.insertMany(
        tx.t.messages,
        ids.map((id, n) => ({ ...kept, id, seq: 2 + n })),
      );
      await tx.insertMany(
        tx.t.saves,
        ids.map((messageId) => ({ userId: bob.id, messageId, savedAt: 1 })),
      );
    });
    const saves = MANY.map((_, n) => codes(ask, 'bob', 'saveMessage', { messageId: String(1 + n) }));
    const refused = (await Promise.all(saves)).flat();
    expect(refused).toEqual(Array.from({ length: MANY.length - 3 }, () => 'ERR_SAVED_MESSAGES_LIMIT_EXCEEDED'));
    expect(await db.read.db.select().from(db.read.t.saves)).toHaveLength(SAVED);
  });

  describe.runIf(dialect === 'postgres')('where two transactions meet', () => {
    /** Another's transaction, and how many wait for a lock. */
    async function other(ask: Asker) {
      const clients = [1, 2].map(() => new pg.Client({ connectionString: ask.server().database }));
      const [holder, watcher] = clients as [pg.Client, pg.Client];
      for (const client of clients) await client.connect();
      onTestFinished(async () => void (await Promise.all(clients.map((client) => client.end()))));
      const waiting = `select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      return {
        begin: (statement: string) => holder.query(`begin; ${statement}`),
        commit: () => holder.query('commit'),
        /** Resolves once so many wait. */
        async held(count: number) {
          for (;;) if ((await watcher.query(waiting)).rows[0].n === count) return;
        },
      };
    }
    const GONE = "update users set deleted_at = 1 where uid = 'u1'";

    test.each([
      ['joining a group', 'u1', 'joinGroup', TEAM, 'AUTH_ERR_NO_ACCESS'],
      ['making a group', 'u1', 'createGroup', { guid: 'own', name: 'Own', type: 'PUBLIC' }, 'AUTH_ERR_NO_ACCESS'],
      [
        'making a group for them',
        'KEY',
        'createGroup',
        { guid: 'own', name: 'Own', type: 'PUBLIC', owner: 'u1' },
        'ERR_UID_NOT_FOUND',
      ],
      ['saving', 'u1', 'saveMessage', { messageId: '2' }, 'AUTH_ERR_NO_ACCESS'],
    ])('%s is refused to who is deleted at that moment', async (_what, as, mutation, input, code) => {
      const ask = await world();
      const { begin, commit, held } = await other(ask);
      await begin(GONE);
      const refused = ask.refusal(as, mutation, input);
      await held(1);
      await commit();
      expect(await refused).toBe(code);
      expect(await ask.data('KEY', '{ group(guid: "own") { guid } }')).toEqual({ group: null });
      expect((await membersOf(ask)).members.nodes).toEqual([{ uid: 'ada', scope: 'ADMIN' }]);
    });

    test.each([
      ['adding', 'ada', 'addGroupMembers', { ...TEAM, members: [{ uid: 'u1' }] }, 'members', 'ERR_UID_NOT_FOUND'],
      ['blocking', 'ada', 'blockUsers', { uids: ['u1'] }, 'results', 'ERR_UID_NOT_FOUND'],
      ['their blocking', 'u1', 'blockUsers', { uids: ['ada'] }, 'results', 'AUTH_ERR_NO_ACCESS'],
    ])('%s who is deleted at that moment does nothing', async (_what, as, mutation, input, field, code) => {
      const ask = await world();
      const { begin, commit, held } = await other(ask);
      await begin(GONE);
      const answer = ask.run(as, mutation, input, `${field} { code }`);
      await held(1);
      await commit();
      expect(await answer).toEqual({ [field]: [{ code }] });
      await sound(ask);
    });

    test('a deletion waits for who comes into a group at that moment, and takes them out', async () => {
      const ask = await world();
      const { begin, commit, held } = await other(ask);
      await begin('select 1 from conversations for update');
      const joined = codes(ask, 'u1', 'joinGroup', TEAM);
      await held(1);
      const deleted = codes(ask, 'KEY', 'deleteUser', { uid: 'u1' });
      await held(2);
      await commit();
      expect(await Promise.all([joined, deleted])).toEqual([[], []]);
      expect((await membersOf(ask)).members.nodes).toEqual([{ uid: 'ada', scope: 'ADMIN' }]);
      await sound(ask);
    });

    test('a new name waits for a ban, and the banned stand where it does', async () => {
      const ask = await world();
      await ask.run('u1', 'joinGroup', TEAM, 'group { guid }');
      const { begin, commit, held } = await other(ask);
      await begin('select 1 from conversations for update');
      const banned = codes(ask, 'ada', 'banGroupMember', { ...TEAM, uid: 'u1' });
      await held(1);
      const renamed = codes(ask, 'KEY', 'updateUser', { uid: 'u1', name: 'Zoe' });
      await held(2);
      await commit();
      expect(await Promise.all([banned, renamed])).toEqual([[], []]);
      await sound(ask);
    });
  });
});

import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { logPosition } from '../support/log.ts';
import { WORLD } from '../support/world.ts';

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const create = (guid: string, password: string) =>
    ask.run('ada', 'createGroup', { guid, name: 'Locked', type: 'PASSWORD', password }, 'group { guid type }');
  const join = (as: string, guid: string, password: string) =>
    ask.run(as, 'joinGroup', { guid, password }, 'group { hasJoined }');
  const refused = (as: string, guid: string, password?: string | null) =>
    ask.refusal(as, 'joinGroup', { guid, password });
  const update = (guid: string, input: object) => ask.run('ada', 'updateGroup', { guid, ...input }, 'group { type }');

  test('a group’s password lets in who knows it, and nobody else', async () => {
    await create('safe', 'sesame');
    const before = await logPosition(ask.server());
    expect(await refused('bob', 'safe')).toBe('ERR_EMPTY_GROUP_PASS');
    expect(await refused('bob', 'safe', null)).toBe('ERR_EMPTY_GROUP_PASS');
    expect(await refused('bob', 'safe', '')).toBe('ERR_EMPTY_GROUP_PASS');
    expect(await refused('bob', 'safe', 'Sesame')).toBe('ERR_WRONG_GROUP_PASS');
    expect(await refused('bob', 'safe', 'sesame ')).toBe('ERR_WRONG_GROUP_PASS');
    expect(await logPosition(ask.server())).toBe(before);
    expect(await join('bob', 'safe', 'sesame')).toEqual({ group: { hasJoined: true } });
  });

  test('an imported group’s password lets in too', async () => {
    expect(await refused('ada', 'vault', 'wrong')).toBe('ERR_WRONG_GROUP_PASS');
    expect(await join('ada', 'vault', 'sesame')).toEqual({ group: { hasJoined: true } });
  });

  test('it is kept as a hash that takes memory to make, and shown nowhere', async () => {
    await create('hashed', 'swordfish');
    const { groups } = ask.server().db.read.t;
    const rows = await ask.server().db.read.db.select({ guid: groups.guid, hash: groups.passwordHash }).from(groups);
    expect(rows.find(({ guid }) => guid === 'hashed')?.hash).toMatch(/^\$argon2id\$/);
    expect(JSON.stringify(rows)).not.toContain('swordfish');
  });

  test('who is in, or banned, is told so without a guess', async () => {
    await create('inside', 'sesame');
    await ask.run(
      'ada',
      'addGroupMembers',
      { guid: 'inside', members: [{ uid: 'bob' }, { uid: 'cyd' }] },
      'members { uid }',
    );
    await ask.run('ada', 'banGroupMember', { guid: 'inside', uid: 'cyd' }, 'action { id }');
    expect(await refused('bob', 'inside', 'wrong')).toBe('ERR_ALREADY_JOINED');
    expect(await refused('cyd', 'inside', 'sesame')).toBe('ERR_BANNED_GROUPMEMBER');
  });

  describe('guessing', () => {
    test('is over after five wrong ones, for that user and that group alone', async () => {
      await create('guessed', 'sesame');
      await create('other', 'sesame');
      for (let n = 0; n < 5; n++) expect(await refused('mal', 'guessed', `guess ${n}`)).toBe('ERR_WRONG_GROUP_PASS');
      expect(await refused('mal', 'guessed', 'guess 5')).toBe('ERR_TOO_MANY_REQUESTS');
      expect(await refused('mal', 'guessed', 'sesame')).toBe('ERR_TOO_MANY_REQUESTS');
      await join('mal', 'other', 'sesame');
      await join('emile', 'guessed', 'sesame');
    });

    test('many at once gives no more of them', async () => {
      await create('stormed', 'sesame');
      const codes = await Promise.all(Array.from({ length: 20 }, (_, n) => refused('li', 'stormed', `guess ${n}`)));
      expect(codes.filter((code) => code === 'ERR_WRONG_GROUP_PASS')).toHaveLength(5);
      expect(codes.filter((code) => code === 'ERR_TOO_MANY_REQUESTS')).toHaveLength(15);
    });

    test('begins anew after a right one', async () => {
      await create('anew', 'sesame');
      for (let round = 0; round < 2; round++) {
        for (let n = 0; n < 4; n++) expect(await refused('smile', 'anew', `guess ${n}`)).toBe('ERR_WRONG_GROUP_PASS');
        await join('smile', 'anew', 'sesame');
        await ask.run('smile', 'leaveGroup', { guid: 'anew' }, 'group { guid }');
      }
    });

    test('says for how long', async () => {
      await create('clock', 'sesame');
      for (let n = 0; n < 5; n++) await refused('zhanna', 'clock', `guess ${n}`);
      const { errors } = await ask.answer(
        'zhanna',
        'mutation { joinGroup(input: { guid: "clock", password: "a" }) { group { guid } } }',
      );
      expect(errors[0]?.message).toMatch(/5 times in 15 minutes are the most\. Try again in \d+ seconds\./);
    });
  });

  describe('changing', () => {
    test('the password shuts the old one out', async () => {
      await create('changed', 'old');
      await update('changed', { password: 'new' });
      expect(await refused('bob', 'changed', 'old')).toBe('ERR_WRONG_GROUP_PASS');
      await join('bob', 'changed', 'new');
    });

    test('something else leaves it as it is', async () => {
      await create('kept', 'sesame');
      await update('kept', { name: 'Renamed', type: 'PASSWORD' });
      await join('bob', 'kept', 'sesame');
    });

    test('the type to a password’s needs one, and away from it forgets it', async () => {
      await create('typed', 'first');
      expect(await update('typed', { type: 'PUBLIC' })).toEqual({ group: { type: 'PUBLIC' } });
      await ask.run('bob', 'joinGroup', { guid: 'typed' }, 'group { guid }');
      expect(await ask.refusal('ada', 'updateGroup', { guid: 'typed', type: 'PASSWORD' })).toBe('ERR_EMPTY_GROUP_PASS');
      expect(await update('typed', { type: 'PASSWORD', password: 'second' })).toEqual({ group: { type: 'PASSWORD' } });
      expect(await refused('cyd', 'typed', 'first')).toBe('ERR_WRONG_GROUP_PASS');
      await join('cyd', 'typed', 'second');
    });

    test('to the same password is no change', async () => {
      await create('again', 'sesame');
      const before = await logPosition(ask.server());
      await update('again', { password: 'sesame' });
      expect(await logPosition(ask.server())).toBe(before);
    });

    test.each([
      ['an empty one', { password: '' }, 'ERR_EMPTY_GROUP_PASS'],
      ['none', { password: null }, 'ERR_EMPTY_GROUP_PASS'],
      ['one of 101 characters', { password: 'p'.repeat(101) }, 'ERR_LIMIT_EXCEEDED'],
    ])('it to %s is refused', async (_what, input, code) => {
      expect(await ask.refusal('cyd', 'updateGroup', { guid: 'vault', ...input })).toBe(code);
    });
  });

  test.each([
    ['none', undefined],
    ['null', null],
    ['an empty one', ''],
  ])('a group of type PASSWORD with %s is not made', async (_what, password) => {
    const input = { guid: 'open', name: 'Open', type: 'PASSWORD', password };
    expect(await ask.refusal('ada', 'createGroup', input)).toBe('ERR_EMPTY_GROUP_PASS');
  });

  test('an empty password is none, for groups that ask for none', async () => {
    const input = { guid: 'blank', name: 'Blank', type: 'PUBLIC', password: '' };
    await ask.run('ada', 'createGroup', input, 'group { guid }');
    await ask.run('bob', 'joinGroup', { guid: 'blank', password: 'whatever' }, 'group { guid }');
  });
});

import { describe, expect, test } from 'vitest';
import { checkAll } from '../../src/transfer/check-service.ts';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { WORLD } from '../support/world.ts';

const GROUP = `guid name type description icon metadata tags owner { uid } createdAt updatedAt hasJoined scope membersCount
  onlineMembersCount`;
const inGroup = (guid: string) => ({ receiverType: 'GROUP', receiverId: guid });

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const create = (as: string, input: object, fields = `group { ${GROUP} } members { uid code }`) =>
    ask.run(as, 'createGroup', { name: 'A group', type: 'PUBLIC', ...input }, fields);
  const find = async (as: string, guid: string) =>
    (await ask.data(as, `{ group(guid: "${guid}") { ${GROUP} } }`)).group;
  const conversation = async (as: string, guid: string) =>
    (
      await ask.data(
        as,
        `query ($with: ReceiverInput!) { conversation(with: $with) { conversationId unreadMessageCount
        messages { nodes { id ... on Action { message } } } } }`,
        { with: inGroup(guid) },
      )
    ).conversation;
  const eventsOf = async (work: () => Promise<unknown>) => {
    const before = await logPosition(ask.server());
    await work();
    return loggedSince(ask.server(), before);
  };

  describe('creating', () => {
    test('makes the viewer owner and admin of a group with a conversation', async () => {
      const given = {
        guid: 'atelier',
        name: 'Atelier 🎨',
        description: 'Paint',
        icon: 'https://example.org/a.png',
        metadata: { floor: 3 },
        tags: ['art', 'art', 'open'],
      };
      const { group, members } = await create('ada', given);
      const made = {
        ...given,
        type: 'PUBLIC',
        tags: ['art', 'open'],
        owner: { uid: 'ada' },
        createdAt: expect.any(Number),
        updatedAt: null,
        hasJoined: true,
        scope: 'ADMIN',
        membersCount: 1,
        onlineMembersCount: 0,
      };
      expect(group).toEqual(made);
      expect(members).toEqual([]);
      expect(await find('ada', 'atelier')).toEqual(made);
      expect(await conversation('ada', 'atelier')).toMatchObject({
        conversationId: 'group_atelier',
        messages: { nodes: [] },
      });
      const { groups } = await ask.data('li', '{ groups(search: "atelier") { nodes { guid } } }');
      expect(groups.nodes).toEqual([{ guid: 'atelier' }]);
    });

    test('tells the owner’s devices, and no history', async () => {
      expect(await eventsOf(() => create('bob', { guid: 'quiet' }))).toMatchObject([
        { kind: 'MEMBERSHIP_CHANGED', by: 'bob', user: 'bob', messageId: null, topics: ['group:quiet', 'user:bob'] },
      ]);
    });

    test('without a guid gives it one', async () => {
      const { group } = await create('ada', {});
      expect(group.guid).toMatch(/^[a-z0-9_-]{1,100}$/);
      expect(await find('bob', group.guid)).toMatchObject({ name: 'A group' });
    });

    test('adds the members, each with an Action and a result of their own', async () => {
      const members = [
        { uid: 'bob', scope: 'MODERATOR' },
        { uid: 'nobody' },
        { uid: 'bob', scope: 'ADMIN' },
        { uid: 'ada' },
        { uid: 'dot' },
        { uid: 'cyd' },
      ];
      const fields = `group { membersCount } members { uid code member { scope } action { message } }`;
      const made = await create('ada', { guid: 'crew', members }, fields);
      expect(made).toEqual({
        group: { membersCount: 3 },
        members: [
          { uid: 'bob', code: null, member: { scope: 'ADMIN' }, action: { message: 'Ada Lovelace added bob' } },
          { uid: 'nobody', code: 'ERR_UID_NOT_FOUND', member: null, action: null },
          { uid: 'ada', code: 'ERR_ALREADY_JOINED', member: null, action: null },
          { uid: 'dot', code: 'ERR_UID_NOT_FOUND', member: null, action: null },
          { uid: 'cyd', code: null, member: { scope: 'PARTICIPANT' }, action: { message: 'Ada Lovelace added Cyd' } },
        ],
      });
      const { messages } = await conversation('cyd', 'crew');
      expect(messages.nodes.map(({ message }: { message: string }) => message)).toEqual([
        'Ada Lovelace added bob',
        'Ada Lovelace added Cyd',
      ]);
    });

    test('by an API key makes it somebody’s', async () => {
      const { group } = await create('KEY', { guid: 'given', owner: 'cyd', members: [{ uid: 'dot' }] });
      expect(group).toMatchObject({ owner: { uid: 'cyd' }, hasJoined: false, membersCount: 2 });
      expect(await find('cyd', 'given')).toMatchObject({ hasJoined: true, scope: 'ADMIN' });
    });

    test('a private one shows it to nobody else', async () => {
      await create('ada', { guid: 'den', type: 'PRIVATE' });
      expect([await find('ada', 'den'), await find('bob', 'den')]).toMatchObject([{ guid: 'den' }, null]);
    });

    test.each([
      ['a guid that is taken', { guid: 'plaza' }, 'ERR_GUID_ALREADY_EXISTS'],
      ['a guid that is taken by a private group', { guid: 'cellar' }, 'ERR_GUID_ALREADY_EXISTS'],
      ['an empty guid', { guid: '' }, 'ERR_BAD_REQUEST'],
      ['a guid with capitals', { guid: 'Plaza' }, 'ERR_BAD_REQUEST'],
      ['a guid of 101', { guid: 'a'.repeat(101) }, 'ERR_BAD_REQUEST'],
      ['a guid that only a deleted group has', { guid: '~1' }, 'ERR_BAD_REQUEST'],
      ['an empty name', { name: '' }, 'ERR_BAD_REQUEST'],
      ['a name of 101', { name: 'n'.repeat(101) }, 'ERR_LIMIT_EXCEEDED'],
      ['too long a description', { description: 'd'.repeat(5_001) }, 'ERR_LIMIT_EXCEEDED'],
      ['an icon that is no address', { icon: 'nowhere' }, 'ERR_BAD_REQUEST'],
      ['too much metadata', { metadata: { a: 'm'.repeat(65_536) } }, 'ERR_INVALID_METADATA'],
      ['too many tags', { tags: Array.from({ length: 26 }, (_, n) => `t${n}`) }, 'ERR_LIMIT_EXCEEDED'],
      [
        'too many members',
        { members: Array.from({ length: 101 }, (_, n) => ({ uid: `u${n}` })) },
        'ERR_LIMIT_EXCEEDED',
      ],
      ['somebody else as owner', { owner: 'bob' }, 'AUTH_ERR_NO_ACCESS'],
      ['a password that nobody is asked for', { password: 'sesame' }, 'ERR_BAD_REQUEST'],
    ])('%s is refused, and makes nothing', async (_what, input, code) => {
      const before = await logPosition(ask.server());
      expect(await ask.refusal('ada', 'createGroup', { name: 'A group', type: 'PUBLIC', ...input })).toBe(code);
      expect(await logPosition(ask.server())).toBe(before);
    });

    test.each([
      ['no owner', {}, 'ERR_BAD_REQUEST'],
      ['an unknown owner', { owner: 'nobody' }, 'ERR_UID_NOT_FOUND'],
      ['a deleted owner', { owner: 'eve' }, 'ERR_UID_NOT_FOUND'],
    ])('by an API key with %s is refused', async (_what, input, code) => {
      expect(await ask.refusal('KEY', 'createGroup', { name: 'A group', type: 'PUBLIC', ...input })).toBe(code);
    });

    test('sizes at the limit are taken', async () => {
      const name = '🙂'.repeat(100);
      const { group } = await create('ada', { guid: 'g'.repeat(100), name, description: 'd'.repeat(5_000) });
      expect(group).toMatchObject({ guid: 'g'.repeat(100), name });
    });
  });

  describe('updating', () => {
    const update = (as: string, input: object) => ask.run(as, 'updateGroup', input, `group { ${GROUP} }`);

    test('changes what is given, and tells the members', async () => {
      await create('ada', {
        guid: 'shop',
        name: 'Shop',
        description: 'Old',
        tags: ['a'],
        members: [{ uid: 'bob', scope: 'MODERATOR' }],
      });
      const change = {
        name: 'New shop',
        description: null,
        metadata: { a: [1] },
        tags: ['b'],
        icon: 'https://example.org/i.png',
      };
      let group: unknown;
      const events = await eventsOf(async () => {
        group = (await update('bob', { guid: 'shop', ...change })).group;
      });
      expect(group).toMatchObject({ ...change, owner: { uid: 'ada' }, type: 'PUBLIC', updatedAt: expect.any(Number) });
      expect(events).toMatchObject([
        { kind: 'GROUP_UPDATED', by: 'bob', details: { guid: 'shop' }, topics: ['group:shop'] },
      ]);
      expect(await find('bob', 'shop')).toEqual(group);
      const { groups } = await ask.data('bob', '{ groups(search: "new shop") { nodes { guid } } }');
      expect(groups.nodes).toEqual([{ guid: 'shop' }]);
    });

    test('to what it is already changes nothing', async () => {
      await create('ada', { guid: 'same', name: 'Same', tags: ['x'] });
      const before = await find('ada', 'same');
      const same = { guid: 'same', name: 'Same', tags: ['x'], type: 'PUBLIC', icon: null };
      expect(await eventsOf(() => update('ada', same))).toEqual([]);
      expect(await find('ada', 'same')).toEqual(before);
    });

    test('to private hides it, and to public shows it again', async () => {
      await create('ada', { guid: 'blinds' });
      await update('ada', { guid: 'blinds', type: 'PRIVATE' });
      expect(await find('bob', 'blinds')).toBeNull();
      await update('ada', { guid: 'blinds', type: 'PUBLIC' });
      expect(await find('bob', 'blinds')).toMatchObject({ type: 'PUBLIC' });
    });

    test.each([
      ['a name taken away', { name: null }, 'ERR_BAD_REQUEST'],
      ['a type taken away', { type: null }, 'ERR_BAD_REQUEST'],
      ['an empty name', { name: '' }, 'ERR_BAD_REQUEST'],
      ['too long a name', { name: 'n'.repeat(101) }, 'ERR_LIMIT_EXCEEDED'],
      ['a password that nobody is asked for', { password: 'sesame' }, 'ERR_BAD_REQUEST'],
      ['no password where one is needed', { type: 'PASSWORD' }, 'ERR_EMPTY_GROUP_PASS'],
      ['an unknown group', { guid: 'nowhere' }, 'ERR_GUID_NOT_FOUND'],
    ])('with %s is refused, and changes nothing', async (_what, input, code) => {
      const before = [await find('ada', 'plaza'), await logPosition(ask.server())];
      expect(await ask.refusal('ada', 'updateGroup', { guid: 'plaza', ...input })).toBe(code);
      expect([await find('ada', 'plaza'), await logPosition(ask.server())]).toEqual(before);
    });
  });

  describe('handing over', () => {
    const transfer = (as: string, guid: string, uid: string) =>
      ask.run(as, 'transferGroupOwnership', { guid, uid }, 'group { owner { uid } scope }');
    const scopes = async (guid: string) => {
      const { group } = await ask.data('KEY', `{ group(guid: "${guid}") { members { nodes { uid scope } } } }`);
      return Object.fromEntries(group.members.nodes.map((one: { uid: string; scope: string }) => [one.uid, one.scope]));
    };

    test('makes another owner and admin, and leaves the first admin', async () => {
      await create('ada', { guid: 'house', members: [{ uid: 'cyd' }] });
      const events = await eventsOf(async () => {
        expect((await transfer('ada', 'house', 'cyd')).group).toEqual({ owner: { uid: 'cyd' }, scope: 'ADMIN' });
      });
      expect(await scopes('house')).toEqual({ ada: 'ADMIN', cyd: 'ADMIN' });
      expect(events).toMatchObject([
        { kind: 'MEMBERSHIP_CHANGED', user: 'cyd', messageId: null },
        { kind: 'GROUP_UPDATED', by: 'ada', topics: ['group:house'] },
      ]);
      await ask.run('ada', 'leaveGroup', { guid: 'house' }, 'group { guid }');
      expect(await ask.refusal('cyd', 'leaveGroup', { guid: 'house' })).toBe('ERR_OWNER_CANNOT_LEAVE');
    });

    test('by an API key to whose it is already changes nothing', async () => {
      await create('ada', { guid: 'mine' });
      expect(await eventsOf(() => transfer('KEY', 'mine', 'ada'))).toEqual([]);
    });
  });

  describe('deleting', () => {
    test('takes the group from everybody at once, and frees its guid', async () => {
      await create('ada', { guid: 'ruin', members: [{ uid: 'bob' }, { uid: 'olga' }] });
      await ask.run('ada', 'banGroupMember', { guid: 'ruin', uid: 'olga' }, 'action { id }');
      const { message } = await ask.run(
        'bob',
        'sendTextMessage',
        { ...inGroup('ruin'), text: 'Old stones' },
        'message { id }',
      );
      const events = await eventsOf(async () => {
        expect(await ask.run('ada', 'deleteGroup', { guid: 'ruin' }, 'guid')).toEqual({ guid: 'ruin' });
      });
      expect(events).toMatchObject([
        { kind: 'GROUP_DELETED', by: 'ada', details: { guid: 'ruin' }, topics: ['group:ruin'] },
      ]);
      for (const as of ['ada', 'bob', 'KEY']) {
        expect(await find(as, 'ruin')).toBeNull();
        const { groups } = await ask.data(as, '{ groups(search: "a group", first: 100) { nodes { guid } } }');
        expect(groups.nodes.filter(({ guid }: { guid: string }) => /ruin|~/.test(guid))).toEqual([]);
      }
      expect(await conversation('bob', 'ruin')).toBeNull();
      expect(await ask.data('bob', `{ message(id: "${message.id}") { id } }`)).toEqual({ message: null });
      expect(await ask.refusal('bob', 'sendTextMessage', { ...inGroup('ruin'), text: 'Echo' })).toBe(
        'ERR_GUID_NOT_FOUND',
      );
      expect(await ask.refusal('ada', 'deleteGroup', { guid: 'ruin' })).toBe('ERR_GUID_NOT_FOUND');
      await create('bob', { guid: 'ruin', members: [{ uid: 'olga' }] });
      expect(await find('ada', 'ruin')).toMatchObject({ owner: { uid: 'bob' }, hasJoined: false, membersCount: 2 });
      expect((await conversation('bob', 'ruin')).messages.nodes).toHaveLength(1);
    });
  });

  test('nobody signed in does any of it', async () => {
    for (const mutation of ['updateGroup', 'deleteGroup']) {
      expect(await ask.refusal('NOBODY', mutation, { guid: 'plaza' })).toBe('AUTH_ERR_NO_ACCESS');
    }
    expect(await ask.refusal('NOBODY', 'createGroup', { name: 'A', type: 'PUBLIC' })).toBe('AUTH_ERR_NO_ACCESS');
  });

  test('all counts hold after it', async () => {
    expect(await checkAll(ask.server().db)).toEqual([]);
  });
});

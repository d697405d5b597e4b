import { and, eq, gte } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { checkAll } from '../../src/transfer/check-service.ts';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { type Logged, loggedSince, logPosition } from '../support/log.ts';
import { WORLD } from '../support/world.ts';

/** Of each group that `newGroup` makes: ada owns it, bob is admin, cyd moderator, mal and emile participants, olga is banned. */
const MEMBERS = [
  { uid: 'bob', scope: 'ADMIN' },
  { uid: 'cyd', scope: 'MODERATOR' },
  { uid: 'mal' },
  { uid: 'emile' },
  { uid: 'olga' },
];
const ACTION = `action { id action message actionBy { ... on User { uid } } actionOn { ... on User { uid } }
  actionFor { ... on Group { guid } } oldScope newScope category type conversationId receiverId raw sender { uid } status }`;

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const newGroup = async (guid: string, more: object = {}) => {
    const input = { guid, name: 'A group', type: 'PUBLIC', owner: 'ada', members: MEMBERS, ...more };
    await ask.run('KEY', 'createGroup', input, 'group { guid }');
    await ask.run('ada', 'banGroupMember', { guid, uid: 'olga' }, 'action { id }');
    return guid;
  };
  const membersOf = async (guid: string) => {
    const { group } = await ask.data(
      'KEY',
      `{ group(guid: "${guid}") { membersCount members { nodes { uid scope } } bannedMembers { nodes { uid } } } }`,
    );
    const uids = group.members.nodes.map(({ uid }: { uid: string }) => uid).sort();
    expect(group.membersCount).toBe(uids.length);
    return { uids, scopes: group.members.nodes, banned: group.bannedMembers.nodes.map((n: { uid: string }) => n.uid) };
  };
  const scopeOf = async (guid: string, uid: string) =>
    (await membersOf(guid)).scopes.find((one: { uid: string }) => one.uid === uid)?.scope;
  const seenBy = async (as: string, guid: string) => {
    const { conversation } = await ask.data(
      as,
      `{ conversation(with: { receiverType: GROUP, receiverId: "${guid}" })
        { unreadMessageCount lastMessage { id } messages(last: 100) { nodes { id status ... on TextMessage { text } ... on Action { message } } } } }`,
    );
    return conversation;
  };
  const say = async (as: string, guid: string, text: string): Promise<string> =>
    (await ask.run(as, 'sendTextMessage', { receiverType: 'GROUP', receiverId: guid, text }, 'message { id }')).message
      .id;
  /** What the log holds of what a mutation did. */
  const told = async (as: string, mutation: string, input: object, fields: string) => {
    const before = await logPosition(ask.server());
    const payload = await ask.run(as, mutation, input, fields);
    const logged = await loggedSince(ask.server(), before);
    const isReceipt = ({ kind }: Logged) => kind === 'MESSAGES_READ' || kind === 'MESSAGES_DELIVERED';
    return { ...payload, events: logged.filter((one) => !isReceipt(one)), receipts: logged.filter(isReceipt) };
  };

  describe('joining a public group', () => {
    test('makes a member, who reads all of it and has read it', async () => {
      await newGroup('square');
      const first = await say('ada', 'square', 'Before you came');
      const { group, action, events } = await told(
        'li',
        'joinGroup',
        { guid: 'square' },
        `group { guid hasJoined scope joinedAt membersCount } ${ACTION}`,
      );
      expect(group).toMatchObject({ guid: 'square', hasJoined: true, scope: 'PARTICIPANT', membersCount: 6 });
      expect(action).toMatchObject({
        action: 'MEMBER_JOINED',
        message: '李雷 joined',
        actionBy: { uid: 'li' },
        actionOn: null,
        actionFor: { guid: 'square' },
        category: 'ACTION',
        type: 'GROUP_MEMBER',
        conversationId: 'group_square',
        raw: { action: 'joined', category: 'action', type: 'groupMember', data: { by: { entity: { uid: 'li' } } } },
      });
      expect(events).toMatchObject([
        {
          kind: 'MEMBERSHIP_CHANGED',
          by: 'li',
          user: 'li',
          messageId: Number(action.id),
          details: { guid: 'square' },
          topics: ['group:square', 'user:li'],
        },
      ]);
      const seen = await seenBy('li', 'square');
      expect(seen).toMatchObject({ unreadMessageCount: 0, lastMessage: { id: action.id } });
      expect(seen.messages.nodes.map(({ id }: { id: string }) => id)).toEqual(
        expect.arrayContaining([first, action.id]),
      );
      await say('ada', 'square', 'And after');
      expect((await seenBy('li', 'square')).unreadMessageCount).toBe(1);
    });

    test('again after having left shows what was written meanwhile, as read', async () => {
      await newGroup('again');
      await ask.run('mal', 'leaveGroup', { guid: 'again' }, 'group { hasJoined }');
      const missed = await say('ada', 'again', 'Behind your back');
      await ask.run('mal', 'joinGroup', { guid: 'again' }, 'group { guid }');
      const { unreadMessageCount, messages } = await seenBy('mal', 'again');
      expect(unreadMessageCount).toBe(0);
      expect(messages.nodes.map(({ id }: { id: string }) => id)).toContain(missed);
    });
  });

  test('who has come back holds up nobody’s receipt of what was written meanwhile', async () => {
    await newGroup('returned', { members: [{ uid: 'bob' }, { uid: 'cyd' }, { uid: 'olga' }] });
    await ask.run('bob', 'leaveGroup', { guid: 'returned' }, 'group { guid }');
    const id = await say('ada', 'returned', 'Bob is away');
    await ask.run('bob', 'joinGroup', { guid: 'returned' }, 'group { guid }');
    await say('cyd', 'returned', 'I have read it');
    const { messages } = await seenBy('ada', 'returned');
    expect(messages.nodes.find((one: { id: string }) => one.id === id)).toMatchObject({ status: 'READ' });
  });

  test('a membership lasts from just after the event that began it to the one that ended it', async () => {
    await newGroup('periods');
    const positionOf = async (as: string, mutation: string, input: object) => {
      const { events } = await told(as, mutation, { guid: 'periods', ...input }, '__typename');
      return events.at(-1)?.position;
    };
    const expected = [
      [await positionOf('li', 'joinGroup', {}), await positionOf('li', 'leaveGroup', {})],
      [
        await positionOf('ada', 'addGroupMembers', { members: [{ uid: 'li' }] }),
        await positionOf('ada', 'kickGroupMember', { uid: 'li' }),
      ],
      [await positionOf('li', 'joinGroup', {}), await positionOf('ada', 'banGroupMember', { uid: 'li' })],
      [
        (await positionOf('ada', 'unbanGroupMember', { uid: 'li' })) && (await positionOf('li', 'joinGroup', {})),
        await positionOf('KEY', 'deleteGroup', {}),
      ],
    ];
    const { db } = ask.server();
    const { memberships, users } = db.read.t;
    const rows = await db.read.db
      .select({ from: memberships.fromPosition, to: memberships.toPosition })
      .from(memberships)
      .innerJoin(users, and(eq(users.id, memberships.userId), eq(users.uid, 'li')))
      .where(gte(memberships.fromPosition, expected[0]?.[0]))
      .orderBy(memberships.id);
    expect(rows.map(({ from, to }) => [from, to])).toEqual(expected);
  });

  describe('leaving', () => {
    test('ends all that was a member’s', async () => {
      await newGroup('exit');
      const id = await say('ada', 'exit', 'Stay');
      const { group, action, events } = await told(
        'mal',
        'leaveGroup',
        { guid: 'exit' },
        `group { hasJoined scope } ${ACTION}`,
      );
      expect(group).toEqual({ hasJoined: false, scope: null });
      expect(action).toMatchObject({ action: 'MEMBER_LEFT', message: 'Mallory left', actionBy: { uid: 'mal' } });
      expect(events).toMatchObject([{ kind: 'MEMBERSHIP_CHANGED', user: 'mal', topics: ['group:exit', 'user:mal'] }]);
      expect(await seenBy('mal', 'exit')).toBeNull();
      expect(await ask.data('mal', `{ message(id: "${id}") { id } }`)).toEqual({ message: null });
      expect(await ask.codes('mal', '{ group(guid: "exit") { members { nodes { uid } } } }')).toEqual([
        'ERR_GROUP_NOT_JOINED',
      ]);
      expect((await membersOf('exit')).uids).not.toContain('mal');
    });

    test('lets a message be read by all who are still there', async () => {
      await newGroup('readers', { members: [{ uid: 'bob' }, { uid: 'cyd' }, { uid: 'olga' }] });
      const id = await say('ada', 'readers', 'Read me');
      await say('bob', 'readers', 'Done');
      const { receipts } = await told('cyd', 'leaveGroup', { guid: 'readers' }, 'group { guid }');
      expect(receipts).toMatchObject([
        { kind: 'MESSAGES_READ', by: null, topics: expect.arrayContaining(['user:ada']) },
      ]);
      const { messages } = await seenBy('ada', 'readers');
      expect(messages.nodes.find((one: { id: string }) => one.id === id)).toMatchObject({ status: 'READ' });
    });
  });

  describe('adding', () => {
    test('gives each a result of their own', async () => {
      await newGroup('party');
      const members = [
        { uid: 'li', scope: 'MODERATOR' },
        { uid: 'olga' },
        { uid: 'mal' },
        { uid: 'nobody' },
        { uid: 'smile' },
      ];
      const { members: results, events } = await told(
        'bob',
        'addGroupMembers',
        { guid: 'party', members },
        `members { uid code member { uid scope joinedAt } ${ACTION} }`,
      );
      expect(results).toMatchObject([
        { uid: 'li', code: null, member: { uid: 'li', scope: 'MODERATOR' }, action: { message: 'bob added 李雷' } },
        { uid: 'olga', code: 'ERR_BANNED_GROUPMEMBER', member: null, action: null },
        { uid: 'mal', code: 'ERR_ALREADY_JOINED', member: null, action: null },
        { uid: 'nobody', code: 'ERR_UID_NOT_FOUND', member: null, action: null },
        { uid: 'smile', code: null, member: { uid: 'smile', scope: 'PARTICIPANT' } },
      ]);
      expect(results[0].action).toMatchObject({
        action: 'MEMBER_INVITED',
        actionOn: { uid: 'li' },
        raw: { action: 'added' },
      });
      expect(events).toMatchObject([
        { kind: 'MEMBERSHIP_CHANGED', by: 'bob', user: 'li', topics: ['group:party', 'user:li'] },
        { kind: 'MEMBERSHIP_CHANGED', by: 'bob', user: 'smile', topics: ['group:party', 'user:smile'] },
      ]);
      expect((await seenBy('smile', 'party')).unreadMessageCount).toBe(0);
      expect((await membersOf('party')).uids).toEqual(['ada', 'bob', 'cyd', 'emile', 'li', 'mal', 'smile']);
    });

    test('one uid twice counts once, with the highest scope', async () => {
      await newGroup('twice');
      const members = [{ uid: 'li' }, { uid: 'li', scope: 'ADMIN' }, { uid: 'li', scope: 'MODERATOR' }];
      const fields = 'members { uid member { scope } code }';
      expect((await ask.run('ada', 'addGroupMembers', { guid: 'twice', members }, fields)).members).toEqual([
        { uid: 'li', member: { scope: 'ADMIN' }, code: null },
      ]);
    });

    test('nobody is fine, and no event', async () => {
      await newGroup('none');
      const { members, events } = await told(
        'ada',
        'addGroupMembers',
        { guid: 'none', members: [] },
        'members { uid }',
      );
      expect([members, events]).toEqual([[], []]);
    });
  });

  describe('kicking', () => {
    test('ends a membership, and lets the one kicked come back', async () => {
      await newGroup('door');
      const { action, events } = await told('cyd', 'kickGroupMember', { guid: 'door', uid: 'mal' }, ACTION);
      expect(action).toMatchObject({
        action: 'MEMBER_KICKED',
        message: 'Cyd kicked Mallory',
        actionBy: { uid: 'cyd' },
        actionOn: { uid: 'mal' },
        actionFor: { guid: 'door' },
      });
      expect(events).toMatchObject([
        {
          kind: 'MEMBERSHIP_CHANGED',
          by: 'cyd',
          user: 'mal',
          messageId: Number(action.id),
          topics: ['group:door', 'user:mal'],
        },
      ]);
      expect(await seenBy('mal', 'door')).toBeNull();
      await ask.run('mal', 'joinGroup', { guid: 'door' }, 'group { guid }');
    });

    test('by an API key is the owner’s doing', async () => {
      await newGroup('keyed');
      const { action, events } = await told('KEY', 'kickGroupMember', { guid: 'keyed', uid: 'bob' }, ACTION);
      expect(action).toMatchObject({ message: 'Ada Lovelace kicked bob', sender: { uid: 'ada' } });
      expect(events).toMatchObject([{ by: null, user: 'bob' }]);
    });

    test('the owner, by an API key, hands the group to the admin who has been there longest', async () => {
      await newGroup('throne');
      const { action, events } = await told('KEY', 'kickGroupMember', { guid: 'throne', uid: 'ada' }, ACTION);
      expect(action).toMatchObject({ message: 'bob kicked Ada Lovelace' });
      expect(events.map(({ kind }: { kind: string }) => kind)).toEqual(['GROUP_UPDATED', 'MEMBERSHIP_CHANGED']);
      const { group } = await ask.data('KEY', '{ group(guid: "throne") { owner { uid } } }');
      expect(group.owner.uid).toBe('bob');
    });

    test('the owner, where no admin is left, makes a moderator owner and admin', async () => {
      await newGroup('regent', { members: [{ uid: 'mal' }, { uid: 'cyd', scope: 'MODERATOR' }, { uid: 'olga' }] });
      await ask.run('KEY', 'banGroupMember', { guid: 'regent', uid: 'ada' }, 'action { id }');
      const { group } = await ask.data('KEY', '{ group(guid: "regent") { owner { uid } } }');
      expect([group.owner.uid, await scopeOf('regent', 'cyd')]).toEqual(['cyd', 'ADMIN']);
    });

    test('the owner who is alone is refused', async () => {
      await ask.run('KEY', 'createGroup', { guid: 'alone', name: 'A', type: 'PUBLIC', owner: 'ada' }, 'group { guid }');
      expect(await ask.refusal('KEY', 'kickGroupMember', { guid: 'alone', uid: 'ada' })).toBe('ERR_OWNER_CANNOT_LEAVE');
    });

    test('who had read nothing lets the sender know that all have', async () => {
      await newGroup('slow', { members: [{ uid: 'bob' }, { uid: 'olga' }] });
      await say('bob', 'slow', 'Ada has not read this');
      await ask.run('KEY', 'transferGroupOwnership', { guid: 'slow', uid: 'bob' }, 'group { guid }');
      const { receipts } = await told('KEY', 'kickGroupMember', { guid: 'slow', uid: 'ada' }, 'action { id }');
      expect(receipts).toMatchObject([{ kind: 'MESSAGES_READ', by: null, topics: ['user:bob'] }]);
    });
  });

  describe('banning', () => {
    test('keeps out until unbanned', async () => {
      await newGroup('wall');
      const { action, events } = await told('cyd', 'banGroupMember', { guid: 'wall', uid: 'mal' }, ACTION);
      expect(action).toMatchObject({
        action: 'MEMBER_BANNED',
        message: 'Cyd banned Mallory',
        actionOn: { uid: 'mal' },
      });
      expect(events).toMatchObject([{ kind: 'MEMBERSHIP_CHANGED', user: 'mal', topics: ['group:wall', 'user:mal'] }]);
      expect(await membersOf('wall')).toMatchObject({ uids: ['ada', 'bob', 'cyd', 'emile'], banned: ['mal', 'olga'] });
      expect(await ask.refusal('mal', 'joinGroup', { guid: 'wall' })).toBe('ERR_BANNED_GROUPMEMBER');
      const lifted = await told('cyd', 'unbanGroupMember', { guid: 'wall', uid: 'mal' }, ACTION);
      expect(lifted.action).toMatchObject({ action: 'MEMBER_UNBANNED', message: 'Cyd unbanned Mallory' });
      expect(lifted.events).toMatchObject([{ kind: 'MEMBERSHIP_CHANGED', user: 'mal', topics: ['group:wall'] }]);
      expect((await membersOf('wall')).uids).not.toContain('mal');
      await ask.run('mal', 'joinGroup', { guid: 'wall' }, 'group { guid }');
    });
  });

  describe('changing a scope', () => {
    test('tells of both scopes', async () => {
      await newGroup('ladder');
      const input = { guid: 'ladder', uid: 'mal', scope: 'MODERATOR' };
      const { member, action, events } = await told(
        'cyd',
        'changeGroupMemberScope',
        input,
        `member { uid scope } ${ACTION}`,
      );
      expect(member).toEqual({ uid: 'mal', scope: 'MODERATOR' });
      expect(action).toMatchObject({
        action: 'MEMBER_SCOPE_CHANGED',
        message: 'Cyd made Mallory moderator',
        oldScope: 'PARTICIPANT',
        newScope: 'MODERATOR',
        raw: { action: 'scopeChanged', data: { extras: { scope: { old: 'participant', new: 'moderator' } } } },
      });
      expect(events).toMatchObject([{ kind: 'MEMBERSHIP_CHANGED', by: 'cyd', user: 'mal', topics: ['group:ladder'] }]);
      expect(await scopeOf('ladder', 'mal')).toBe('MODERATOR');
    });

    test('of the owner, by an API key, hands the group over first', async () => {
      await newGroup('demoted');
      const input = { guid: 'demoted', uid: 'ada', scope: 'PARTICIPANT' };
      const { action } = await ask.run('KEY', 'changeGroupMemberScope', input, ACTION);
      expect(action).toMatchObject({ message: 'bob made Ada Lovelace participant' });
      const { group } = await ask.data('KEY', '{ group(guid: "demoted") { owner { uid } } }');
      expect([group.owner.uid, await scopeOf('demoted', 'ada')]).toEqual(['bob', 'PARTICIPANT']);
    });
  });

  test('who acts has read what came before, and those who don’t have not', async () => {
    await newGroup('reading');
    await say('ada', 'reading', 'One');
    await ask.run('cyd', 'kickGroupMember', { guid: 'reading', uid: 'mal' }, 'action { id }');
    expect((await seenBy('cyd', 'reading')).unreadMessageCount).toBe(0);
    expect((await seenBy('emile', 'reading')).unreadMessageCount).toBe(1);
    await say('emile', 'reading', 'Two');
    await ask.run('KEY', 'kickGroupMember', { guid: 'reading', uid: 'bob' }, 'action { id }');
    expect((await seenBy('ada', 'reading')).unreadMessageCount).toBe(1);
  });

  test('an action is neither edited nor deleted', async () => {
    await newGroup('fixed');
    const { action } = await ask.run('ada', 'kickGroupMember', { guid: 'fixed', uid: 'mal' }, 'action { id }');
    const edit = { messageId: action.id, text: 'I never did' };
    expect(await ask.refusal('ada', 'editMessage', edit)).toBe('ERR_MESSAGE_ACTION_NOT_ALLOWED');
    expect(await ask.refusal('ada', 'deleteMessage', { messageId: action.id })).toBe('ERR_MESSAGE_ACTION_NOT_ALLOWED');
  });

  test('two mutations in one request each see what they did', async () => {
    await newGroup('both');
    const document = `mutation { joinGroup(input: { guid: "both" }) { group { hasJoined membersCount } }
      leaveGroup(input: { guid: "both" }) { group { hasJoined membersCount } } }`;
    expect(await ask.data('li', document)).toEqual({
      joinGroup: { group: { hasJoined: true, membersCount: 6 } },
      leaveGroup: { group: { hasJoined: false, membersCount: 5 } },
    });
  });

  const HALL = 'hall';
  test.each([
    ['joining twice', 'mal', 'joinGroup', {}, 'ERR_ALREADY_JOINED'],
    ['joining while banned', 'olga', 'joinGroup', {}, 'ERR_BANNED_GROUPMEMBER'],
    ['joining as nobody', 'KEY', 'joinGroup', {}, 'AUTH_ERR_NO_ACCESS'],
    ['joining an unknown group', 'mal', 'joinGroup', { guid: 'nowhere' }, 'ERR_GUID_NOT_FOUND'],
    ['joining a private group', 'mal', 'joinGroup', { guid: 'cellar' }, 'ERR_GUID_NOT_FOUND'],
    ['leaving what one is not in', 'li', 'leaveGroup', {}, 'ERR_GROUP_NOT_JOINED'],
    ['leaving as owner', 'ada', 'leaveGroup', {}, 'ERR_OWNER_CANNOT_LEAVE'],
    ['kicking oneself', 'bob', 'kickGroupMember', { uid: 'bob' }, 'ERR_GROUP_NO_SELF_ACTION'],
    ['kicking who is no member', 'ada', 'kickGroupMember', { uid: 'li' }, 'ERR_NOT_A_MEMBER'],
    ['kicking who is nobody', 'ada', 'kickGroupMember', { uid: 'nobody' }, 'ERR_UID_NOT_FOUND'],
    ['kicking a deactivated outsider', 'ada', 'kickGroupMember', { uid: 'dot' }, 'ERR_UID_NOT_FOUND'],
    ['kicking who is deleted', 'KEY', 'kickGroupMember', { uid: 'eve' }, 'ERR_UID_NOT_FOUND'],
    ['banning twice', 'ada', 'banGroupMember', { uid: 'olga' }, 'ERR_ALREADY_BANNED'],
    ['banning who is no member', 'ada', 'banGroupMember', { uid: 'li' }, 'ERR_NOT_A_MEMBER'],
    ['banning oneself', 'ada', 'banGroupMember', { uid: 'ada' }, 'ERR_GROUP_NO_SELF_ACTION'],
    ['unbanning who is not banned', 'ada', 'unbanGroupMember', { uid: 'mal' }, 'ERR_NOT_A_BANNED_USER'],
    ['unbanning who is nobody', 'ada', 'unbanGroupMember', { uid: 'nobody' }, 'ERR_UID_NOT_FOUND'],
    ['the same scope', 'ada', 'changeGroupMemberScope', { uid: 'mal', scope: 'PARTICIPANT' }, 'ERR_SAME_SCOPE'],
    ['one’s own scope', 'mal', 'changeGroupMemberScope', { uid: 'mal', scope: 'ADMIN' }, 'ERR_GROUP_NO_SELF_ACTION'],
    ['the scope of an outsider', 'ada', 'changeGroupMemberScope', { uid: 'li', scope: 'ADMIN' }, 'ERR_NOT_A_MEMBER'],
    ['handing over to oneself', 'ada', 'transferGroupOwnership', { uid: 'ada' }, 'ERR_GROUP_NO_SELF_ACTION'],
    ['handing over to an outsider', 'ada', 'transferGroupOwnership', { uid: 'li' }, 'ERR_NOT_A_MEMBER'],
  ])('%s is refused, and changes nothing', async (_what, as, mutation, input, code) => {
    const known = await ask.data('KEY', `{ group(guid: "${HALL}") { guid } }`);
    if (!known.group) await newGroup(HALL);
    const before = [await logPosition(ask.server()), await membersOf(HALL)];
    expect(await ask.refusal(as, mutation, { guid: HALL, ...input })).toBe(code);
    expect([await logPosition(ask.server()), await membersOf(HALL)]).toEqual(before);
  });

  test('what several do at once happens once', async () => {
    const made = Array.from({ length: 5 }, () =>
      ask.codes('ada', 'mutation { createGroup(input: { guid: "race", name: "R", type: PUBLIC }) { group { guid } } }'),
    );
    const outcomes = (await Promise.all(made)).map(String).sort();
    expect(outcomes).toEqual(['', ...Array.from({ length: 4 }, () => 'ERR_GUID_ALREADY_EXISTS')]);
    const joined = Array.from({ length: 5 }, () =>
      ask.codes('bob', 'mutation { joinGroup(input: { guid: "race" }) { group { guid } } }'),
    );
    const answers = (await Promise.all(joined)).map(String).sort();
    expect(answers).toEqual(['', ...Array.from({ length: 4 }, () => 'ERR_ALREADY_JOINED')]);
    expect((await membersOf('race')).uids).toEqual(['ada', 'bob']);
  });

  test('nobody signed in does any of it', async () => {
    expect(await ask.refusal('NOBODY', 'joinGroup', { guid: 'plaza' })).toBe('AUTH_ERR_NO_ACCESS');
    expect(await ask.refusal('NOBODY', 'kickGroupMember', { guid: 'plaza', uid: 'cyd' })).toBe('AUTH_ERR_NO_ACCESS');
  });

  test('all counts hold after it', async () => {
    expect(await checkAll(ask.server().db)).toEqual([]);
  });
});

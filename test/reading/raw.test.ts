import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { action, audioCall, custom, group, image, member, START, text, user, videoCall } from '../support/lines.ts';
import { ACTION_10707, CALL_10664, MEDIA_FORM, TEXT_FORM } from './samples.ts';

const WORLD = [
  user('ada', 'Ada', {
    email: 'ada@example.org',
    credits: 7,
    avatar: 'https://example.org/ada.png',
    metadata: { n: 1 },
  }),
  user('bob', 'Bob', { email: 'bob@example.org', tags: ['new'] }),
  user('cyd', 'Cyd'),
  group('club', 'Club', 'ada', { type: 'private', description: 'Ours', tags: ['small'] }),
  member('club', 'ada', { scope: 'admin' }),
  member('club', 'bob'),
  member('club', 'cyd'),
  text(1, 'ada', { user: 'bob' }, 'Hello <@uid:bob>', {
    muid: 'm-1',
    metadata: { mood: 'glad' },
    tags: ['greeting'],
    deliveredAt: START + 10,
    readAt: START + 20,
    editedAt: START + 5,
    editedBy: 'ada',
  }),
  text(2, 'bob', { user: 'ada' }, 'Hi', { parentId: '1', quotedMessageId: '1' }),
  image(
    3,
    'ada',
    { group: 'club' },
    {
      caption: 'A view',
      data: {
        attachments: [
          { url: 'https://example.org/a.png', name: 'a.png', mimeType: 'image/png', size: 9, width: 3, height: 2 },
        ],
      },
    },
  ),
  custom(4, 'bob', { user: 'ada' }, { subType: 'place', customData: { x: [1, null] }, conversationText: 'Here' }),
  action(5, 'ada', 'club', 'scopeChanged', { actionOn: { uid: 'bob' }, oldScope: 'participant', newScope: 'admin' }),
  action(6, 'cyd', 'club', 'joined'),
  audioCall(
    7,
    'ada',
    { user: 'bob' },
    {
      sessionId: 's-7',
      status: 'ended',
      joinedAt: START + 8,
      endedAt: START + 9,
      data: { on: { entity: { wsChannel: { secret: 'only-for-both' } } } },
    },
  ),
  videoCall(
    8,
    'cyd',
    { group: 'club' },
    {
      sessionId: 's-8',
      status: 'initiated',
      data: { on: { entity: { wsChannel: { secret: 'only-for-cyd' } } } },
    },
  ),
  text(9, 'bob', { user: 'ada' }, 'gone', { deletedAt: START + 30, deletedBy: 'bob' }),
];

const ADA = { uid: 'ada', name: 'Ada', avatar: 'https://example.org/ada.png', status: 'offline', metadata: { n: 1 } };
const BOB = { uid: 'bob', name: 'Bob', status: 'offline', tags: ['new'] };
const CYD = { uid: 'cyd', name: 'Cyd', status: 'offline' };
const TO_ADA = { ...ADA, credits: 7, email: 'ada@example.org' };
const TO_BOB = { ...BOB, email: 'bob@example.org' };
const CLUB = {
  hasJoined: true,
  guid: 'club',
  name: 'Club',
  type: 'private',
  description: 'Ours',
  owner: 'ada',
  membersCount: 3,
  createdAt: START,
  tags: ['small'],
};
const person = (entity: object) => ({ entity, entityType: 'user' });
const ofGroup = (entity: object) => ({ entity, entityType: 'group' });

const call8 = (secret: object) => ({
  entity: {
    sessionid: 's-8',
    sender: 'cyd',
    receiverType: 'group',
    receiver: 'club',
    status: 'initiated',
    type: 'video',
    data: { entities: { sender: person(CYD), receiver: ofGroup(CLUB) } },
    initiatedAt: START + 8,
    wsChannel: { identity: '[parley]s-8', ...secret, service: 'parley.call' },
  },
  entityType: 'call',
});
const raw8 = (secret: object) => ({
  id: '8',
  conversationId: 'group_club',
  sender: CYD,
  receiver: 'club',
  receiverType: 'group',
  category: 'call',
  type: 'video',
  action: 'initiated',
  sessionId: 's-8',
  status: 'initiated',
  initiatedAt: START + 8,
  callInitiator: CYD,
  callReceiver: CLUB,
  data: {
    action: 'initiated',
    by: person(CYD),
    on: call8(secret),
    for: ofGroup(CLUB),
    entities: {
      sender: person(CYD),
      receiver: ofGroup(CLUB),
      by: person(CYD),
      on: call8(secret),
      for: ofGroup(CLUB),
    },
  },
  sentAt: START + 8,
});

/** What each viewer is given, whole. */
const PINNED: readonly (readonly [what: string, id: number, as: string, raw: object])[] = [
  [
    'a text message, to its sender',
    1,
    'ada',
    {
      id: '1',
      muid: 'm-1',
      conversationId: 'ada_user_bob',
      sender: TO_ADA,
      receiver: 'bob',
      receiverType: 'user',
      category: 'message',
      type: 'text',
      text: 'Hello <@uid:bob>',
      data: {
        text: 'Hello <@uid:bob>',
        entities: { sender: person(TO_ADA), receiver: person(BOB) },
        metadata: { mood: 'glad' },
      },
      sentAt: START + 1,
      status: 'read',
      deliveredAt: START + 10,
      readAt: START + 20,
      metadata: { mood: 'glad' },
      tags: ['greeting'],
      replyCount: 1,
      mentionedUsers: [BOB],
      updatedAt: START + 5,
      editedAt: START + 5,
      editedBy: 'ada',
    },
  ],
  [
    'a reply that quotes, to its sender',
    2,
    'bob',
    {
      id: '2',
      conversationId: 'ada_user_bob',
      sender: TO_BOB,
      receiver: 'ada',
      receiverType: 'user',
      category: 'message',
      type: 'text',
      text: 'Hi',
      data: { text: 'Hi', entities: { sender: person(TO_BOB), receiver: person(ADA) } },
      sentAt: START + 2,
      status: 'sent',
      parentId: '1',
      quotedMessageId: '1',
    },
  ],
  [
    'a media message with files, to a member',
    3,
    'cyd',
    {
      id: '3',
      conversationId: 'group_club',
      sender: ADA,
      receiver: 'club',
      receiverType: 'group',
      category: 'message',
      type: 'image',
      file: 'https://example.org/a.png',
      url: 'https://example.org/a.png',
      caption: 'A view',
      data: {
        url: 'https://example.org/a.png',
        caption: 'A view',
        attachments: [
          { url: 'https://example.org/a.png', name: 'a.png', mimeType: 'image/png', size: 9, width: 3, height: 2 },
        ],
        entities: { sender: person(ADA), receiver: ofGroup(CLUB) },
      },
      sentAt: START + 3,
      status: 'sent',
    },
  ],
  [
    'a custom message, to its receiver',
    4,
    'ada',
    {
      id: '4',
      conversationId: 'ada_user_bob',
      sender: BOB,
      receiver: 'ada',
      receiverType: 'user',
      category: 'message',
      type: 'custom',
      subType: 'place',
      customData: { x: [1, null] },
      conversationText: 'Here',
      data: {
        customData: { x: [1, null] },
        subType: 'place',
        conversationText: 'Here',
        entities: { sender: person(BOB), receiver: person(TO_ADA) },
      },
      sentAt: START + 4,
      status: 'sent',
    },
  ],
  [
    'a changed scope, to a member',
    5,
    'cyd',
    {
      id: '5',
      conversationId: 'group_club',
      sender: ADA,
      receiver: 'club',
      receiverType: 'group',
      category: 'action',
      type: 'groupMember',
      action: 'scopeChanged',
      actionBy: ADA,
      actionOn: BOB,
      actionFor: CLUB,
      message: 'Ada made Bob admin',
      data: {
        action: 'scopeChanged',
        by: person(ADA),
        on: person(BOB),
        for: ofGroup(CLUB),
        extras: { scope: { old: 'participant', new: 'admin' } },
        entities: {
          sender: person(ADA),
          receiver: ofGroup(CLUB),
          by: person(ADA),
          on: person(BOB),
          for: ofGroup(CLUB),
        },
      },
      sentAt: START + 5,
      status: 'sent',
    },
  ],
  ['a group’s call, with its secret to who is in it', 8, 'cyd', raw8({ secret: 'only-for-cyd' })],
  ['a group’s call, without its secret to another member', 8, 'bob', raw8({})],
  [
    'a deleted message, without what it said',
    9,
    'ada',
    {
      id: '9',
      conversationId: 'ada_user_bob',
      sender: BOB,
      receiver: 'ada',
      receiverType: 'user',
      category: 'message',
      type: 'text',
      text: '',
      data: { text: '', entities: { sender: person(BOB), receiver: person(TO_ADA) } },
      sentAt: START + 9,
      status: 'sent',
      updatedAt: START + 30,
      deletedAt: START + 30,
      deletedBy: 'bob',
    },
  ],
];

/** Who asks is active by that, at a time that no test can tell before. */
const withoutActivity = (json: object) =>
  JSON.parse(JSON.stringify(json, (key, value) => (key === 'lastActiveAt' ? undefined : value)));

eachDialect((dialect) => {
  const ask = useServer(dialect, [...WORLD, ACTION_10707, CALL_10664]);
  const raw = async (as: string, id: number | string) =>
    (await ask.data(as, `{ message(id: "${id}") { raw } }`)).message.raw;

  describe('raw', () => {
    test.each(PINNED)('is the data model’s JSON: %s', async (_what, id, as, expected) => {
      const given = await raw(as, id);
      expect(withoutActivity(given)).toEqual(expected);
      expect(given.muid).toBe((expected as { muid?: string }).muid);
    });

    test.each([
      ['joined', 6, 'Cyd joined'],
      ['scopeChanged', 5, 'Ada made Bob admin'],
    ])('names the action %s', async (what, id, words) => {
      expect(await raw('ada', id)).toMatchObject({ action: what, message: words, data: { action: what } });
    });

    test('gives a call’s secret to both of two', async () => {
      for (const as of ['ada', 'bob', 'KEY']) {
        const { data } = await raw(as, 7);
        expect(data.on.entity.wsChannel.secret).toBe('only-for-both');
        expect(data.entities.on.entity.wsChannel.secret).toBe('only-for-both');
      }
    });

    test('holds nobody else’s email and credits, whoever asks', async () => {
      for (const { id, as } of [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((one) =>
        ['ada', 'bob'].map((who) => ({ id: one, as: who })),
      )) {
        const told = JSON.stringify((await ask.data(as, `{ message(id: "${id}") { raw } }`)).message?.raw ?? '');
        const others = as === 'ada' ? 'bob@example.org' : 'ada@example.org';
        expect(told, `message ${id} as ${as}`).not.toContain(others);
        if (as === 'bob') expect(told).not.toContain('credits');
      }
    });

    test('is the same in a list', async () => {
      const { searchMessages } = await ask.data('ada', '{ searchMessages(filter: {}) { nodes { id raw } } }');
      for (const { id, raw: listed } of searchMessages.nodes) {
        expect(withoutActivity(listed)).toEqual(withoutActivity(await raw('ada', id)));
      }
    });
  });

  describe('a real sample of the data model, imported and read back,', () => {
    test('is there whole: the action 10707', async () => {
      expect(await raw('KEY', 10707)).toMatchObject(ACTION_10707);
    });

    const { wsChannel, ...entity } = CALL_10664.data.on.entity;
    const sampleWith = (channel: object) => ({
      ...CALL_10664,
      data: { ...CALL_10664.data, on: { ...CALL_10664.data.on, entity: { ...entity, wsChannel: channel } } },
    });

    test.each(['cometchat-uid-10', 'cometchat-uid-1'])(
      'is there whole for %s, who is in it: the call 10664',
      async (as) => {
        const channel = {
          identity: expect.stringContaining(CALL_10664.sessionId),
          service: expect.stringMatching(/\.call$/),
        };
        expect(await raw(as, 10664)).toMatchObject(sampleWith({ ...channel, secret: wsChannel.secret }));
      },
    );

    test('shows again in GraphQL what it says', async () => {
      const fields = `message(id: "10664") { ... on Call { sessionId callStatus callType initiatedAt
        callInitiator { uid } callReceiver { ... on User { uid } } participants { uid } } }`;
      expect((await ask.data('cometchat-uid-1', `{ ${fields} }`)).message).toEqual({
        sessionId: CALL_10664.sessionId,
        callStatus: 'INITIATED',
        callType: 'AUDIO',
        initiatedAt: 1547222109,
        callInitiator: { uid: 'cometchat-uid-10' },
        callReceiver: { uid: 'cometchat-uid-1' },
        participants: [{ uid: 'cometchat-uid-10' }],
      });
    });
  });

  describe('a form of the data model', () => {
    test.each([
      ['text', TEXT_FORM],
      ['media', MEDIA_FORM],
    ])('has no key that raw has not: %s', async (_what, form) => {
      const { sender, receiver } = form.data.entities;
      const seen = { createdAt: START, lastActiveAt: 1547011919 };
      await ask.server().seed([
        user('form-1', 'Form', { ...without(sender.entity, 'uid', 'name', 'status'), ...seen }),
        user('form-2', 'Form', { ...without(receiver.entity, 'uid', 'name', 'status'), ...seen }),
        {
          ...without(form, 'data', 'sender'),
          id: form.id === '1' ? '101' : '102',
          sender: 'form-1',
          receiver: 'form-2',
        },
      ]);
      const given = pathsOf(await raw('KEY', form.id === '1' ? '101' : '102'));
      expect(pathsOf(form).filter((path) => !given.includes(path))).toEqual([]);
    });
  });
});

const without = (value: object, ...gone: string[]) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !gone.includes(name)));

/** The paths of all values in a JSON value, such as `data.entities.sender.entity.uid`. */
function pathsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, path ? `${path}.${name}` : name));
}

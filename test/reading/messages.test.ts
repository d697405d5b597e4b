import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { START, text } from '../support/lines.ts';
import { WORLD } from '../support/world.ts';

const ENTITY = '{ __typename ... on User { uid } ... on Group { guid } }';
const BASE = `id muid conversationId sender { uid } receiver ${ENTITY} receiverId receiverType category type sentAt status
  deliveredAt readAt readByMeAt deliveredToMeAt updatedAt editedAt editedBy { uid } edits { editedAt editedBy { uid } text }
  deletedAt deletedBy { uid } metadata tags parent { id } replyCount unreadRepliesCount replies { nodes { id } } quoted { id }
  mentionedUsers { uid } hasMentionedMe reactions { reaction count reactedByMe } receipts { nodes { user { uid } } }
  pinnedAt pinnedBy { uid } savedAt`;
const OWN = `__typename
  ... on TextMessage { text }
  ... on MediaMessage { url caption attachments { url name mimeType size extension width height thumbnailUrl } }
  ... on CustomMessage { subType customData conversationText }
  ... on Action { action actionBy ${ENTITY} actionOn ${ENTITY} actionFor ${ENTITY} message oldScope newScope }
  ... on Call { sessionId callType callStatus callInitiator { uid } callReceiver ${ENTITY} initiatedAt joinedAt endedAt
    participants { uid } }`;

const USER = (uid: string) => ({ __typename: 'User', uid });
const PLAZA = { __typename: 'Group', guid: 'plaza' };

/** What a message has of which nothing was said. */
const PLAIN = {
  muid: null,
  category: 'MESSAGE',
  type: 'TEXT',
  status: 'SENT',
  deliveredAt: null,
  readAt: null,
  readByMeAt: null,
  deliveredToMeAt: null,
  updatedAt: null,
  editedAt: null,
  editedBy: null,
  edits: [],
  deletedAt: null,
  deletedBy: null,
  metadata: null,
  tags: [],
  parent: null,
  replyCount: 0,
  unreadRepliesCount: 0,
  replies: { nodes: [] },
  quoted: null,
  mentionedUsers: [],
  hasMentionedMe: false,
  reactions: [],
  receipts: { nodes: [] },
  pinnedAt: null,
  pinnedBy: null,
  savedAt: null,
};
const FROM_ADA = {
  ...PLAIN,
  conversationId: 'ada_user_bob',
  sender: { uid: 'ada' },
  receiver: USER('bob'),
  receiverId: 'bob',
  receiverType: 'USER',
};
const FROM_BOB = { ...FROM_ADA, sender: { uid: 'bob' }, receiver: USER('ada'), receiverId: 'ada' };
const IN_PLAZA = {
  ...PLAIN,
  conversationId: 'group_plaza',
  receiver: PLAZA,
  receiverId: 'plaza',
  receiverType: 'GROUP',
};
const BOB_GOT_IT = { nodes: [{ user: { uid: 'bob' } }] };
const ADA_GOT_IT = { nodes: [{ user: { uid: 'ada' } }] };

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const message = async (as: string, id: number) =>
    (await ask.data(as, `{ message(id: "${id}") { ${BASE} ${OWN} } }`)).message;

  describe('a text message', () => {
    test('shows what was sent, and how far it came', async () => {
      expect(await message('bob', 101)).toEqual({
        ...FROM_ADA,
        __typename: 'TextMessage',
        id: '101',
        muid: 'ada-1',
        text: 'Hello Bob',
        sentAt: START + 101,
        metadata: { mood: 'glad' },
        tags: ['greeting'],
        status: 'READ',
        deliveredAt: START + 111,
        readAt: START + 190,
        deliveredToMeAt: START + 111,
        readByMeAt: START + 190,
        receipts: BOB_GOT_IT,
      });
    });

    test('shows whom it mentions, each by name', async () => {
      expect(await message('ada', 102)).toMatchObject({
        text: 'Hi <@uid:ada>, look: https://example.org/a',
        mentionedUsers: [{ uid: 'ada' }],
        hasMentionedMe: true,
      });
      expect(await message('bob', 102)).toMatchObject({ hasMentionedMe: false });
      expect(await message('cyd', 202)).toMatchObject({ mentionedUsers: [{ uid: 'ada' }, { uid: 'cyd' }] });
    });

    test('shows what it quotes, and when the viewer kept it', async () => {
      expect(await message('ada', 103)).toEqual({
        ...FROM_BOB,
        __typename: 'TextMessage',
        id: '103',
        text: 'As you said',
        sentAt: START + 103,
        status: 'READ',
        deliveredAt: START + 200,
        readAt: START + 210,
        deliveredToMeAt: START + 200,
        readByMeAt: START + 210,
        quoted: { id: '101' },
        savedAt: START + 220,
        receipts: ADA_GOT_IT,
      });
      expect(await message('bob', 103)).toMatchObject({ savedAt: null });
    });

    test('shows its edits, who pinned it and what others feel', async () => {
      expect(await message('bob', 209)).toEqual({
        ...IN_PLAZA,
        __typename: 'TextMessage',
        id: '209',
        text: 'Tea at five',
        sender: { uid: 'ada' },
        sentAt: START + 209,
        updatedAt: START + 310,
        editedAt: START + 310,
        editedBy: { uid: 'ada' },
        edits: [
          { editedAt: START + 305, editedBy: { uid: 'ada' }, text: 'Tea at three' },
          { editedAt: START + 310, editedBy: { uid: 'ada' }, text: 'Tea at four' },
        ],
        pinnedAt: START + 320,
        pinnedBy: { uid: 'bob' },
        reactions: [
          { reaction: '👍', count: 2, reactedByMe: true },
          { reaction: '❤️', count: 1, reactedByMe: false },
        ],
        deliveredToMeAt: START + 400,
        readByMeAt: START + 410,
        receipts: { nodes: [{ user: { uid: 'bob' } }, { user: { uid: 'cyd' } }] },
      });
    });

    test('that was deleted stays in its place, without what it said', async () => {
      expect(await message('ada', 106)).toEqual({
        ...FROM_BOB,
        __typename: 'TextMessage',
        id: '106',
        text: '',
        sentAt: START + 106,
        updatedAt: START + 300,
        deletedAt: START + 300,
        deletedBy: { uid: 'bob' },
      });
    });

    test('of who is deleted, banned or blocked still says from whom it is', async () => {
      expect(await message('cyd', 206)).toMatchObject({ sender: { uid: 'eve' }, text: 'I was here' });
      expect(await message('cyd', 212)).toMatchObject({ sender: { uid: 'olga' } });
      expect(await message('ada', 303)).toMatchObject({ sender: { uid: 'mal' }, text: 'Buy now' });
    });
  });

  describe('a media message', () => {
    test('shows its files in their order, and the first one’s address as its own', async () => {
      expect(await message('ada', 104)).toEqual({
        ...FROM_ADA,
        __typename: 'MediaMessage',
        id: '104',
        type: 'IMAGE',
        sentAt: START + 104,
        status: 'READ',
        deliveredAt: START + 180,
        readAt: START + 190,
        receipts: BOB_GOT_IT,
        url: 'https://example.org/one.png',
        caption: 'Two views',
        deliveredToMeAt: START + 200,
        attachments: [
          {
            url: 'https://example.org/one.png',
            name: 'one.png',
            mimeType: 'image/png',
            size: 1200,
            extension: 'png',
            width: 640,
            height: 480,
            thumbnailUrl: 'https://example.org/one-small.png',
          },
          {
            ...{ url: 'https://example.org/two.png', name: 'two.png', mimeType: 'image/png', size: 2400 },
            ...{ extension: null, width: null, height: null, thumbnailUrl: null },
          },
        ],
      });
    });

    test('that has an address alone shows that', async () => {
      expect(await message('ada', 108)).toMatchObject({
        __typename: 'MediaMessage',
        type: 'FILE',
        url: 'https://example.org/paper.pdf',
        caption: null,
        attachments: [],
      });
    });
  });

  test('a custom message shows its data as it was given', async () => {
    expect(await message('bob', 105)).toEqual({
      ...FROM_BOB,
      __typename: 'CustomMessage',
      id: '105',
      type: 'CUSTOM',
      sentAt: START + 105,
      status: 'DELIVERED',
      deliveredAt: START + 200,
      deliveredToMeAt: START + 180,
      receipts: ADA_GOT_IT,
      subType: 'location',
      customData: { latitude: 51.5, longitude: -0.1 },
      conversationText: 'A place',
    });
  });

  describe('an action', () => {
    test('of one who joined says so', async () => {
      expect(await message('mal', 201)).toEqual({
        ...IN_PLAZA,
        __typename: 'Action',
        id: '201',
        category: 'ACTION',
        type: 'GROUP_MEMBER',
        sender: { uid: 'cyd' },
        sentAt: START + 201,
        action: 'MEMBER_JOINED',
        actionBy: USER('cyd'),
        actionOn: null,
        actionFor: PLAZA,
        message: 'Cyd joined',
        oldScope: null,
        newScope: null,
        receipts: { nodes: [{ user: { uid: 'bob' } }] },
      });
    });

    test('of a change of scope says on whom, from what and to what', async () => {
      expect(await message('cyd', 205)).toMatchObject({
        action: 'MEMBER_SCOPE_CHANGED',
        actionBy: USER('ada'),
        actionOn: USER('bob'),
        actionFor: PLAZA,
        message: 'Ada Lovelace made bob moderator',
        oldScope: 'PARTICIPANT',
        newScope: 'MODERATOR',
      });
    });

    test('of a ban says who was banned', async () => {
      expect(await message('cyd', 208)).toMatchObject({
        action: 'MEMBER_BANNED',
        actionOn: USER('olga'),
        message: 'Ada Lovelace banned Olga',
      });
    });
  });

  describe('a call', () => {
    test('between two shows how it went', async () => {
      expect(await message('bob', 107)).toEqual({
        ...FROM_ADA,
        __typename: 'Call',
        id: '107',
        category: 'CALL',
        type: 'AUDIO',
        sentAt: START + 107,
        status: 'DELIVERED',
        deliveredAt: START + 180,
        deliveredToMeAt: START + 180,
        receipts: BOB_GOT_IT,
        sessionId: 'session-107',
        callType: 'AUDIO',
        callStatus: 'ENDED',
        callInitiator: { uid: 'ada' },
        callReceiver: USER('bob'),
        initiatedAt: START + 107,
        joinedAt: START + 110,
        endedAt: START + 170,
        participants: [{ uid: 'ada' }, { uid: 'bob' }],
      });
    });

    test('of a group shows who was in it', async () => {
      expect(await message('mal', 210)).toMatchObject({
        type: 'VIDEO',
        callType: 'VIDEO',
        callStatus: 'UNANSWERED',
        callReceiver: PLAZA,
        initiatedAt: START + 210,
        joinedAt: null,
        endedAt: START + 255,
        participants: [{ uid: 'cyd' }],
      });
    });

    test('is found by its session by those who may read it, and by nobody else', async () => {
      const call = '{ call(sessionId: "session-107") { id callStatus } }';
      expect(await ask.data('ada', call)).toEqual({ call: { id: '107', callStatus: 'ENDED' } });
      expect(await ask.data('KEY', call)).toEqual({ call: { id: '107', callStatus: 'ENDED' } });
      expect(await ask.data('cyd', call)).toEqual({ call: null });
    });

    test('that goes on is the active one of those in it', async () => {
      const active = '{ activeCall { sessionId callStatus } }';
      const ongoing = { activeCall: { sessionId: 'session-310', callStatus: 'ONGOING' } };
      expect(await ask.data('cyd', active)).toEqual(ongoing);
      expect(await ask.data('bob', active)).toEqual(ongoing);
      expect(await ask.data('ada', active)).toEqual({ activeCall: null });
    });
  });

  describe('a thread', () => {
    test('shows its replies to everybody in the conversation, and how many the viewer has not read', async () => {
      const thread = { replyCount: 2, replies: { nodes: [{ id: '203' }, { id: '204' }] } };
      expect(await message('bob', 202)).toMatchObject({ ...thread, unreadRepliesCount: 0 });
      expect(await message('cyd', 202)).toMatchObject({ ...thread, unreadRepliesCount: 1 });
      expect(await message('ada', 202)).toMatchObject({ ...thread, unreadRepliesCount: 0 });
    });

    test('is named by each of its replies', async () => {
      expect(await message('mal', 203)).toMatchObject({ parent: { id: '202' }, replyCount: 0 });
    });
  });

  describe('receipts', () => {
    test('say of each member when they got it and when they read it', async () => {
      const { message: found } = await ask.data(
        'ada',
        '{ message(id: "209") { receipts { nodes { user { uid } deliveredAt readAt } } } }',
      );
      expect(found.receipts.nodes).toEqual([
        { user: { uid: 'bob' }, deliveredAt: START + 400, readAt: START + 410 },
        { user: { uid: 'cyd' }, deliveredAt: START + 420, readAt: null },
      ]);
    });

    test('of a message that only a later mark covers are that mark’s', async () => {
      expect(await message('cyd', 205)).toMatchObject({ deliveredToMeAt: START + 420, readByMeAt: null });
    });

    test('of what is read, though nothing says it was delivered, are those of reading', async () => {
      await ask.server().seed([text(501, 'li', { user: 'zhanna' }, 'Read at once', { readAt: START + 700 })]);
      const { message: found } = await ask.data(
        'li',
        '{ message(id: "501") { status deliveredAt readAt receipts { nodes { user { uid } deliveredAt readAt } } } }',
      );
      expect(found).toEqual({
        status: 'READ',
        deliveredAt: START + 700,
        readAt: START + 700,
        receipts: { nodes: [{ user: { uid: 'zhanna' }, deliveredAt: START + 700, readAt: START + 700 }] },
      });
    });

    test('never give an API key the times of all members as its own', async () => {
      await ask.server().seed([
        {
          kind: 'mark',
          value: { receiverType: 'group', receiver: 'plaza', type: 'read', messageId: '202', at: START + 600 },
        },
        {
          kind: 'mark',
          value: { receiverType: 'group', receiver: 'plaza', type: 'delivered', messageId: '202', at: START + 590 },
        },
      ]);
      expect(await message('KEY', 202)).toMatchObject({
        status: 'READ',
        deliveredAt: START + 590,
        readAt: START + 600,
        deliveredToMeAt: null,
        readByMeAt: null,
      });
      expect(await message('KEY', 206)).toMatchObject({ status: 'SENT', deliveredAt: null, readAt: null });
    });
  });
});

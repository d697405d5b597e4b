import { describe, expect, test } from 'vitest';
import { checkAll } from '../../src/transfer/check-service.ts';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { WORLD } from '../support/world.ts';

const toUser = (uid: string) => ({ receiverType: 'USER', receiverId: uid });
const toGroup = (guid: string) => ({ receiverType: 'GROUP', receiverId: guid });
const SENT =
  'message { id text sender { uid } receiverId sentAt status muid tags metadata parent { id } quoted { id } }';

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const send = (as: string, input: object) => ask.run(as, 'sendTextMessage', input, SENT);
  const refusal = (as: string, input: object) => ask.refusal(as, 'sendTextMessage', input);
  const unread = async (as: string, uid: string) => {
    const document = `query ($with: ReceiverInput!) { conversation(with: $with) { unreadMessageCount lastMessage { id } } }`;
    return (await ask.data(as, document, { with: toUser(uid) })).conversation;
  };

  describe('a text', () => {
    test('to a user is the last of a conversation that both have from then on', async () => {
      const { message } = await send('smile', { ...toUser('li'), text: 'First words' });
      expect(message).toMatchObject({
        text: 'First words',
        sender: { uid: 'smile' },
        receiverId: 'li',
        status: 'SENT',
      });
      expect(await unread('li', 'smile')).toEqual({ unreadMessageCount: 1, lastMessage: { id: message.id } });
      expect(await unread('smile', 'li')).toEqual({ unreadMessageCount: 0, lastMessage: { id: message.id } });
    });

    test('is in the log for those whom it concerns', async () => {
      const before = await logPosition(ask.server());
      const { message } = await send('ada', { ...toGroup('plaza'), text: 'To all' });
      const told = { kind: 'MESSAGE_SENT', by: 'ada', messageId: Number(message.id), topics: ['group:plaza'] };
      expect((await loggedSince(ask.server(), before))[0]).toMatchObject(told);
    });

    test('tells the other of two that theirs were read', async () => {
      await send('sam-1', { ...toUser('sam_2'), text: 'One' });
      const before = await logPosition(ask.server());
      await send('sam_2', { ...toUser('sam-1'), text: 'Two' });
      const kinds = (await loggedSince(ask.server(), before)).map(({ kind, topics }) => [kind, ...topics]);
      expect(kinds).toEqual([
        ['MESSAGE_SENT', 'user:sam-1', 'user:sam_2'],
        ['MESSAGES_READ', 'user:sam-1', 'user:sam_2'],
      ]);
      const { conversation } = await ask.data(
        'sam-1',
        `{ conversation(with: {receiverType: USER, receiverId: "sam_2"})
        { messages { nodes { status } } } }`,
      );
      expect(conversation.messages.nodes).toEqual([{ status: 'READ' }, { status: 'SENT' }]);
    });

    test('sent again with its muid is the first one also where its receiver was deactivated since', async () => {
      const first = await send('sam_2', { ...toUser('zhanna'), text: 'Once', muid: 'before they left' });
      await ask.run('KEY', 'deactivateUsers', { uids: ['zhanna'] }, 'results { code }');
      expect(await send('sam_2', { ...toUser('zhanna'), text: 'Twice', muid: 'before they left' })).toEqual(first);
      expect(await ask.refusal('sam_2', 'sendTextMessage', { ...toUser('zhanna'), text: 'New' })).toBe(
        'ERR_UID_NOT_FOUND',
      );
      await ask.run('KEY', 'reactivateUsers', { uids: ['zhanna'] }, 'results { code }');
    });

    test('sent again with its muid is the first one, whatever it says', async () => {
      const first = await send('ada', { ...toUser('bob'), text: 'Once', muid: 'once' });
      expect(await send('ada', { ...toUser('bob'), text: 'Twice', muid: 'once' })).toEqual(first);
      expect(await refusal('ada', { ...toUser('cyd'), text: 'Once', muid: 'once' })).toBe('ERR_BAD_REQUEST');
    });
  });

  describe('what stands beside a text', () => {
    test('comes back as it was sent', async () => {
      const [metadata, tags] = [{ a: [1, null, { b: '🙂' }] }, ['one', 'two', 'one']];
      const text = 'Ünï مرحبا 𝒳 \u202E \u0001 👩‍👩‍👧  ';
      const { message } = await send('ada', { ...toUser('bob'), text, metadata, tags, muid: 'ü 🙂' });
      expect(message).toMatchObject({ text, metadata, tags: ['one', 'two'], muid: 'ü 🙂' });
    });

    test('may be as much as the limits allow', async () => {
      const tags = Array.from({ length: 25 }, (_, n) => `${10 + n}${'🙂'.repeat(98)}`);
      const input = { text: '🙂'.repeat(20_000), metadata: 'x'.repeat(65_534), muid: '🙂'.repeat(100), tags };
      expect((await send('ada', { ...toUser('bob'), ...input })).message).toMatchObject(input);
    });

    test('null is as if left out', async () => {
      const nothing = { muid: null, metadata: null, tags: null, parentId: null, quotedMessageId: null };
      const { message } = await send('ada', { ...toUser('bob'), text: 'Nothing', ...nothing });
      expect(message).toMatchObject({ muid: null, metadata: null, tags: [], parent: null, quoted: null });
    });

    test('mentions those of the conversation whom its text names, each once', async () => {
      const text = '<@uid:cyd> <@uid:bob> <@uid:cyd> <@uid:li> <@uid:nobody> <@uid:olga>';
      const sent = await ask.run(
        'ada',
        'sendTextMessage',
        { ...toGroup('plaza'), text },
        'message { mentionedUsers { uid } }',
      );
      expect(sent.message.mentionedUsers).toEqual([{ uid: 'bob' }, { uid: 'cyd' }]);
    });

    test('one that a user sends to themself they have read', async () => {
      const { message } = await send('olga', { ...toUser('olga'), text: 'Note' });
      expect(await unread('olga', 'olga')).toEqual({ unreadMessageCount: 0, lastMessage: { id: message.id } });
    });
  });

  test.each([
    ['nothing but white space', { ...toUser('bob'), text: ' \n\t' }, 'ERR_EMPTY_MESSAGE_TEXT'],
    ['too long a text', { ...toUser('bob'), text: 'a'.repeat(20_001) }, 'ERR_LIMIT_EXCEEDED'],
    ['an unknown user', { ...toUser('nobody'), text: 'a' }, 'ERR_UID_NOT_FOUND'],
    ['somebody deactivated', { ...toUser('dot'), text: 'a' }, 'ERR_UID_NOT_FOUND'],
    ['somebody deleted', { ...toUser('eve'), text: 'a' }, 'ERR_UID_NOT_FOUND'],
    ['an unknown group', { ...toGroup('nowhere'), text: 'a' }, 'ERR_GUID_NOT_FOUND'],
    ['a group that one is no member of', { ...toGroup('vault'), text: 'a' }, 'ERR_GROUP_NOT_JOINED'],
    ['somebody whom one has blocked', { ...toUser('mal'), text: 'a' }, 'ERR_BLOCKED_RECEIVER'],
    [
      'too many tags',
      { ...toUser('bob'), text: 'a', tags: Array.from({ length: 26 }, (_, n) => `t${n}`) },
      'ERR_LIMIT_EXCEEDED',
    ],
    ['too long a tag', { ...toUser('bob'), text: 'a', tags: ['x'.repeat(101)] }, 'ERR_LIMIT_EXCEEDED'],
    ['an empty tag', { ...toUser('bob'), text: 'a', tags: [''] }, 'ERR_BAD_REQUEST'],
    ['too much metadata', { ...toUser('bob'), text: 'a', metadata: 'x'.repeat(65_535) }, 'ERR_INVALID_METADATA'],
    ['a text that nothing keeps', { ...toUser('bob'), text: 'a\uD800' }, 'ERR_BAD_REQUEST'],
    ['a muid of what is not printed', { ...toUser('bob'), text: 'a', muid: 'a\tb' }, 'ERR_BAD_REQUEST'],
    ['too long a muid', { ...toUser('bob'), text: 'a', muid: 'x'.repeat(101) }, 'ERR_BAD_REQUEST'],
    ['an empty muid', { ...toUser('bob'), text: 'a', muid: '' }, 'ERR_BAD_REQUEST'],
    ['a parent that is not there', { ...toUser('bob'), text: 'a', parentId: '999' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['a parent elsewhere', { ...toUser('bob'), text: 'a', parentId: '201' }, 'ERR_WRONG_MESSAGE_THREAD'],
  ])('%s is refused, and nothing is sent', async (_what, input, code) => {
    const before = await logPosition(ask.server());
    expect(await refusal('ada', input)).toBe(code);
    expect(await logPosition(ask.server())).toBe(before);
  });

  test('an API key and nobody send nothing', async () => {
    for (const as of ['KEY', 'NOBODY'])
      expect(await refusal(as, { ...toUser('bob'), text: 'a' })).toBe('AUTH_ERR_NO_ACCESS');
  });

  test('one who was blocked can’t send to who blocked them', async () => {
    expect(await refusal('mal', { ...toUser('ada'), text: 'a' })).toBe('ERR_BLOCKED_SENDER');
  });

  test('after all of this everything adds up', async () => {
    expect(await checkAll(ask.server().db)).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
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

    test('sent again with its muid is the first one, whatever it says', async () => {
      const first = await send('ada', { ...toUser('bob'), text: 'Once', muid: 'once' });
      expect(await send('ada', { ...toUser('bob'), text: 'Twice', muid: 'once' })).toEqual(first);
      expect(await refusal('ada', { ...toUser('cyd'), text: 'Once', muid: 'once' })).toBe('ERR_BAD_REQUEST');
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
    ['an empty muid', { ...toUser('bob'), text: 'a', muid: '' }, 'ERR_BAD_REQUEST'],
    ['a parent that is not there', { ...toUser('bob'), text: 'a', parentId: '999' }, 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['a parent elsewhere', { ...toUser('bob'), text: 'a', parentId: '201' }, 'ERR_WRONG_MESSAGE_THREAD'],
  ])('%s is refused, and nothing is sent', async (_what, input, code) => {
    const before = await logPosition(ask.server());
    expect(await refusal('ada', input)).toBe(code);
    expect(await logPosition(ask.server())).toBe(before);
  });

  test('one who was blocked can’t send to who blocked them', async () => {
    expect(await refusal('mal', { ...toUser('ada'), text: 'a' })).toBe('ERR_BLOCKED_SENDER');
  });
});

import { describe, expect, test } from 'vitest';
import { checkAll } from '../../src/transfer/check-service.ts';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { WORLD } from '../support/world.ts';

const PLAZA = { receiverType: 'GROUP', receiverId: 'plaza' };
const FIELDS = 'message { id updatedAt pinnedAt pinnedBy { uid } }';

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const pin = async (as: string, messageId: string) => (await ask.run(as, 'pinMessage', { messageId }, FIELDS)).message;
  const unpin = async (as: string, messageId: string) =>
    (await ask.run(as, 'unpinMessage', { messageId }, FIELDS)).message;
  const read = async (as: string, id: string) =>
    (await ask.data(as, `query ($id: ID!) { ${FIELDS.replace('message', 'message(id: $id)')} }`, { id })).message;
  const send = async (as: string, to: object) =>
    (await ask.run(as, 'sendTextMessage', { ...to, text: 'Pin' }, 'message { id }')).message.id as string;
  const pinned = async (as: string, to: object) => {
    const document = `query ($with: ReceiverInput!) {
      conversation(with: $with) { messages(filter: {pinned: true}) { nodes { id } } } }`;
    const { conversation } = await ask.data(as, document, { with: to });
    return conversation.messages.nodes.map(({ id }: { id: string }) => id);
  };

  describe('a pin', () => {
    test('is there for all of the conversation, and in the log for them', async () => {
      const id = await send('cyd', PLAZA);
      const position = await logPosition(ask.server());
      const message = await pin('bob', id);
      expect(message).toMatchObject({ id, pinnedAt: expect.any(Number), pinnedBy: { uid: 'bob' } });
      expect(message.updatedAt).toBe(message.pinnedAt);
      expect(await read('mal', id)).toEqual(message);
      expect(await pinned('cyd', PLAZA)).toEqual(['209', id]);
      expect(await unpin('ada', id)).toMatchObject({ id, pinnedAt: null, pinnedBy: null });
      expect(await pinned('cyd', PLAZA)).toEqual(['209']);
      const told = { messageId: Number(id), details: null, topics: ['group:plaza'] };
      expect(await loggedSince(ask.server(), position)).toMatchObject([
        { kind: 'MESSAGE_PINNED', by: 'bob', ...told },
        { kind: 'MESSAGE_UNPINNED', by: 'ada', ...told },
      ]);
    });

    test('set again stays whose it was, and nobody is told; nor of what was not pinned', async () => {
      const before = await logPosition(ask.server());
      expect(await pin('ada', '209')).toMatchObject({ pinnedAt: 1_700_000_320, pinnedBy: { uid: 'bob' } });
      expect(await unpin('ada', '202')).toMatchObject({ pinnedAt: null, updatedAt: null });
      expect(await logPosition(ask.server())).toBe(before);
    });

    test('between two is either’s to set and to take away', async () => {
      expect(await pin('bob', '101')).toMatchObject({ pinnedBy: { uid: 'bob' } });
      expect(await unpin('ada', '101')).toMatchObject({ pinnedBy: null });
    });

    test('of an API key is nobody’s', async () => {
      const position = await logPosition(ask.server());
      expect(await pin('KEY', '309')).toMatchObject({ pinnedAt: expect.any(Number), pinnedBy: null });
      expect(await loggedSince(ask.server(), position)).toMatchObject([{ kind: 'MESSAGE_PINNED', by: null }]);
      expect(await unpin('KEY', '309')).toMatchObject({ pinnedAt: null });
    });

    test('can be on a reply, an action and a call', async () => {
      for (const id of ['203', '205', '210']) {
        expect(await pin('ada', id)).toMatchObject({ pinnedBy: { uid: 'ada' } });
        await unpin('ada', id);
      }
    });
  });

  test('a conversation has at most 100 pins', async () => {
    const to = { receiverType: 'USER', receiverId: 'li' };
    const ids = [];
    for (let n = 0; n < 101; n++) ids.push(await send('smile', to));
    for (const id of ids.slice(0, 100)) await pin('li', id);
    const refused = ids[100] as string;
    const before = await logPosition(ask.server());
    expect(await ask.refusal('li', 'pinMessage', { messageId: refused })).toBe('ERR_PINNED_MESSAGES_LIMIT_EXCEEDED');
    expect(await read('li', refused)).toMatchObject({ pinnedAt: null });
    expect(await logPosition(ask.server())).toBe(before);
    await pin('li', ids[3] as string); // already one
    await unpin('smile', ids[0] as string);
    expect(await pin('li', refused)).toMatchObject({ pinnedBy: { uid: 'li' } });
  });

  describe.each(['pinMessage', 'unpinMessage'])('%s is refused', (mutation) => {
    test.each([
      ['to a participant', 'cyd', '202', 'ERR_MESSAGE_NO_ACCESS'],
      ['to a participant, of their own message', 'cyd', '203', 'ERR_MESSAGE_NO_ACCESS'],
      ['to who is banned from the group', 'olga', '202', 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['to who is not in the conversation', 'ada', '309', 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['of a message deleted for oneself', 'ada', '305', 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['of a message that is not there', 'KEY', '99999', 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['to nobody', 'NOBODY', '202', 'AUTH_ERR_NO_ACCESS'],
    ])('%s', async (_what, as, messageId, code) => {
      const before = [await logPosition(ask.server()), await read('KEY', messageId)];
      expect(await ask.refusal(as, mutation, { messageId })).toBe(code);
      expect([await logPosition(ask.server()), await read('KEY', messageId)]).toEqual(before);
    });
  });

  test.each(['pinMessage', 'unpinMessage'])('%s does nothing with a deleted message', async (mutation) => {
    expect(await ask.refusal('bob', mutation, { messageId: '106' })).toBe('ERR_MESSAGE_ACTION_NOT_ALLOWED');
  });

  test('after all of this everything adds up', async () => {
    expect(await checkAll(ask.server().db)).toEqual([]);
  });
});

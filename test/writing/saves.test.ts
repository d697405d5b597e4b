import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { WORLD } from '../support/world.ts';

const FIELDS = 'message { id updatedAt savedAt }';

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const save = async (as: string, messageId: string) =>
    (await ask.run(as, 'saveMessage', { messageId }, FIELDS)).message;
  const unsave = async (as: string, messageId: string) =>
    (await ask.run(as, 'unsaveMessage', { messageId }, FIELDS)).message;
  const read = async (as: string, id: string) =>
    (await ask.data(as, `query ($id: ID!) { ${FIELDS.replace('message', 'message(id: $id)')} }`, { id })).message;
  const saved = async (as: string) => {
    const document = '{ searchMessages(filter: {saved: true}) { nodes { id } } }';
    return (await ask.data(as, document)).searchMessages.nodes.map(({ id }: { id: string }) => id);
  };

  describe('a saved message', () => {
    test('is its user’s alone, and in the log for all of their devices', async () => {
      const position = await logPosition(ask.server());
      expect(await save('cyd', '202')).toEqual({ id: '202', updatedAt: null, savedAt: expect.any(Number) });
      expect(await save('cyd', '309')).toMatchObject({ savedAt: expect.any(Number) });
      expect(await saved('cyd')).toEqual(['309', '202']);
      expect(await saved('bob')).toEqual([]);
      expect(await read('bob', '202')).toMatchObject({ savedAt: null });
      expect(await unsave('cyd', '202')).toEqual({ id: '202', updatedAt: null, savedAt: null });
      expect(await saved('cyd')).toEqual(['309']);
      const told = { by: 'cyd', details: null, topics: ['user:cyd'] };
      expect(await loggedSince(ask.server(), position)).toMatchObject([
        { kind: 'MESSAGE_SAVED', messageId: 202, ...told },
        { kind: 'MESSAGE_SAVED', messageId: 309, ...told },
        { kind: 'MESSAGE_UNSAVED', messageId: 202, ...told },
      ]);
    });

    test('saved again stays as it was, and nobody is told; nor of what was not saved', async () => {
      const before = await logPosition(ask.server());
      expect(await save('ada', '103')).toMatchObject({ savedAt: 1_700_000_220 });
      expect(await unsave('ada', '102')).toMatchObject({ savedAt: null });
      expect(await logPosition(ask.server())).toBe(before);
    });

    test('can be an action, a call or a reply', async () => {
      for (const id of ['201', '203', '210']) {
        expect(await save('mal', id)).toMatchObject({ savedAt: expect.any(Number) });
        await unsave('mal', id);
      }
    });
  });

  test('a user has at most 1,000 saved messages', async () => {
    const { db } = ask.server();
    const { t } = db.read;
    const users = await db.read.db.select().from(t.users);
    const [sam] = users.filter(({ uid }) => uid === 'sam-1');
    const [note] = (await db.read.db.select().from(t.messages)).filter(({ id }) => id === 311);
    await db.write('test', async (tx) => {
      if (!note || !sam) throw new Error('sam-1 has a note to themself');
      const ids = Array.from({ length: 999 }, (_, n) => 5_000 + n);
      await tx.insertMany(
        tx.t.messages,
        ids.map((id, n) => ({ ...note, id, seq: 2 + n })),
      );
      await tx.insertMany(
        tx.t.saves,
        ids.map((messageId) => ({ userId: sam.id, messageId, savedAt: 1 })),
      );
    });
    const more = await ask.run(
      'sam_2',
      'sendTextMessage',
      { receiverType: 'USER', receiverId: 'sam-1', text: 'One more' },
      'message { id }',
    );
    await save('sam-1', '311');
    const before = await logPosition(ask.server());
    const refused = { messageId: more.message.id };
    expect(await ask.refusal('sam-1', 'saveMessage', refused)).toBe('ERR_SAVED_MESSAGES_LIMIT_EXCEEDED');
    expect(await read('sam-1', more.message.id)).toMatchObject({ savedAt: null });
    expect(await logPosition(ask.server())).toBe(before);
    expect(await save('sam-1', '311')).toMatchObject({ savedAt: expect.any(Number) });
    await unsave('sam-1', '311');
    expect(await save('sam-1', more.message.id)).toMatchObject({ savedAt: expect.any(Number) });
    await ask.run('sam-1', 'deleteConversation', { receiverType: 'USER', receiverId: 'sam_2' }, 'conversationId');
    expect(await save('sam-1', '311')).toMatchObject({ savedAt: expect.any(Number) }); // the other can't be given up now
  });

  describe.each(['saveMessage', 'unsaveMessage'])('%s is refused', (mutation) => {
    test.each([
      ['to who is not in the conversation', 'ada', '309', 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['to who is banned from the group', 'olga', '202', 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['of a message deleted for oneself', 'ada', '305', 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['of a message that is not there', 'ada', '99999', 'ERR_MESSAGE_ID_NOT_FOUND'],
      ['to an API key', 'KEY', '202', 'AUTH_ERR_NO_ACCESS'],
      ['to nobody', 'NOBODY', '202', 'AUTH_ERR_NO_ACCESS'],
    ])('%s', async (_what, as, messageId, code) => {
      const before = await logPosition(ask.server());
      expect(await ask.refusal(as, mutation, { messageId })).toBe(code);
      expect(await logPosition(ask.server())).toBe(before);
    });
  });

  test.each(['saveMessage', 'unsaveMessage'])('%s does nothing with a deleted message', async (mutation) => {
    expect(await ask.refusal('bob', mutation, { messageId: '106' })).toBe('ERR_MESSAGE_ACTION_NOT_ALLOWED');
  });
});

import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { block, text, user } from '../support/lines.ts';

const LINES = [
  ...['ann', 'ben', 'cat'].map((uid) => user(uid, uid)),
  text(1, 'ben', { user: 'ann' }, 'Before'),
  text(2, 'ann', { user: 'ben' }, 'Before too'),
  text(3, 'ben', { user: 'cat' }, 'Elsewhere'),
  block({ uid: 'ann', blockedUid: 'ben', blockedAt: 1 }),
];

eachDialect((dialect) => {
  const ask = useServer(dialect, LINES);

  describe('between two of whom one has blocked the other', () => {
    test.each([
      ['ben', 'editMessage', { messageId: '1', text: 'After' }, 'ERR_BLOCKED_SENDER'],
      ['ben', 'addReaction', { messageId: '2', reaction: '👍' }, 'ERR_BLOCKED_SENDER'],
      ['ben', 'pinMessage', { messageId: '2' }, 'ERR_BLOCKED_SENDER'],
      ['ann', 'editMessage', { messageId: '2', text: 'After' }, 'ERR_BLOCKED_RECEIVER'],
      ['ann', 'addReaction', { messageId: '1', reaction: '👍' }, 'ERR_BLOCKED_RECEIVER'],
    ] as const)('nothing new reaches the other through an old message: %s, %s', async (as, mutation, input, code) => {
      expect(await ask.refusal(as, mutation, input)).toBe(code);
    });

    test('one takes back what one said, and keeps for oneself what was said', async () => {
      await ask.run('ann', 'saveMessage', { messageId: '1' }, 'message { id }');
      const { message } = await ask.run('ben', 'deleteMessage', { messageId: '1' }, 'message { deletedAt }');
      expect(message.deletedAt).toEqual(expect.any(Number));
    });

    test('what they say to others goes on', async () => {
      await ask.run('ben', 'editMessage', { messageId: '3', text: 'Elsewhere still' }, 'message { id }');
    });
  });
});

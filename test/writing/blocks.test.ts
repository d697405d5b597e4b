import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { user } from '../support/lines.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { WORLD } from '../support/world.ts';

const RESULTS = 'results { uid code user { uid } }';
const done = (uid: string) => ({ uid, code: null, user: { uid } });
const refused = (uid: string, code: string) => ({ uid, code, user: null });

eachDialect((dialect) => {
  const ask = useServer(dialect, [...WORLD, ...['pat', 'quin', 'ray', 'sue', 'tia'].map((uid) => user(uid, uid))]);
  const run = async (as: string, mutation: string, ...uids: string[]) =>
    (await ask.run(as, mutation, { uids }, RESULTS)).results;
  const blocked = async (as: string) =>
    (await ask.data(as, '{ blockedUsers { nodes { uid } } }')).blockedUsers.nodes.map(
      ({ uid }: { uid: string }) => uid,
    );
  const sending = async (as: string, to: string) => {
    const input = { receiverType: 'USER', receiverId: to, text: 'Hello' };
    const document = 'mutation ($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id } } }';
    return (await ask.codes(as, document, { input }))[0] ?? 'sent';
  };
  const toldSince = async (position: number) =>
    (await loggedSince(ask.server(), position)).map(({ kind, by, user: about, topics }) => [
      kind,
      by,
      about,
      ...topics,
    ]);

  describe('blocking somebody', () => {
    test('ends what the two write to each other, until it is taken back', async () => {
      expect(await sending('pat', 'quin')).toBe('sent');
      expect(await run('pat', 'blockUsers', 'quin')).toEqual([done('quin')]);
      expect(await blocked('pat')).toEqual(['quin']);
      expect(await sending('pat', 'quin')).toBe('ERR_BLOCKED_RECEIVER');
      expect(await sending('quin', 'pat')).toBe('ERR_BLOCKED_SENDER');
      expect(await run('pat', 'unblockUsers', 'quin')).toEqual([done('quin')]);
      expect(await blocked('pat')).toEqual([]);
      expect(await sending('quin', 'pat')).toBe('sent');
    });

    test('is told to who does it alone, and once', async () => {
      const before = await logPosition(ask.server());
      await run('ray', 'blockUsers', 'sue', 'sue');
      await run('ray', 'blockUsers', 'sue');
      await run('ray', 'unblockUsers', 'sue');
      await run('ray', 'unblockUsers', 'sue');
      expect(await toldSince(before)).toEqual([
        ['USER_BLOCKED', 'ray', 'sue', 'user:ray'],
        ['USER_UNBLOCKED', 'ray', 'sue', 'user:ray'],
      ]);
    });

    test('goes uid by uid: who can’t be blocked does not stand in the way of others', async () => {
      expect(await run('tia', 'blockUsers', 'nobody', 'tia', 'sue', 'dot', 'eve', 'A B', 'ray')).toEqual([
        refused('nobody', 'ERR_UID_NOT_FOUND'),
        refused('tia', 'ERR_CANNOT_BLOCK_SELF'),
        done('sue'),
        refused('dot', 'ERR_UID_NOT_FOUND'),
        refused('eve', 'ERR_UID_NOT_FOUND'),
        refused('A B', 'ERR_UID_NOT_FOUND'),
        done('ray'),
      ]);
      expect(await blocked('tia')).toEqual(['ray', 'sue']);
      expect(await run('tia', 'unblockUsers', 'nobody', 'tia', 'ray', 'dot')).toEqual([
        refused('nobody', 'ERR_UID_NOT_FOUND'),
        done('tia'),
        done('ray'),
        refused('dot', 'ERR_UID_NOT_FOUND'),
      ]);
      expect(await blocked('tia')).toEqual(['sue']);
    });

    test('by both holds until both take it back', async () => {
      await run('li', 'blockUsers', 'smile');
      await run('smile', 'blockUsers', 'li');
      await run('li', 'unblockUsers', 'smile');
      expect(await sending('li', 'smile')).toBe('ERR_BLOCKED_SENDER');
      await run('smile', 'unblockUsers', 'li');
      expect(await sending('li', 'smile')).toBe('sent');
    });
  });

  test('somebody who was deactivated meanwhile can still be unblocked', async () => {
    await run('emile', 'blockUsers', 'zhanna');
    await ask.run('KEY', 'deactivateUsers', { uids: ['zhanna'] }, 'results { code }');
    expect(await blocked('emile')).toEqual(['zhanna']);
    expect(await run('emile', 'unblockUsers', 'zhanna')).toEqual([done('zhanna')]);
    expect(await blocked('emile')).toEqual([]);
  });

  test.each(['blockUsers', 'unblockUsers'])('%s is for users, and for a hundred at once', async (mutation) => {
    const before = await logPosition(ask.server());
    expect(await ask.refusal('KEY', mutation, { uids: ['mal'] })).toBe('AUTH_ERR_NO_ACCESS');
    expect(await ask.refusal('NOBODY', mutation, { uids: ['mal'] })).toBe('AUTH_ERR_NO_ACCESS');
    const uids = Array.from({ length: 101 }, (_, n) => `nobody-${n}`);
    expect(await ask.refusal('olga', mutation, { uids })).toBe('ERR_LIMIT_EXCEEDED');
    expect(await run('olga', mutation, ...uids.slice(1))).toHaveLength(100);
    expect(await run('olga', mutation)).toEqual([]);
    expect(await logPosition(ask.server())).toBe(before);
  });
});

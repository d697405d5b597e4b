import { describe, expect, test } from 'vitest';
import { checkAll } from '../../src/transfer/check-service.ts';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { loggedSince, logPosition } from '../support/log.ts';
import { WORLD } from '../support/world.ts';

const PLAZA = { receiverType: 'GROUP', receiverId: 'plaza' };
const FIELDS = 'message { id updatedAt reactions { reaction count reactedByMe users { nodes { uid } } } }';

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const react = async (as: string, messageId: string, reaction: string) =>
    (await ask.run(as, 'addReaction', { messageId, reaction }, FIELDS)).message;
  const takeBack = async (as: string, messageId: string, reaction: string) =>
    (await ask.run(as, 'removeReaction', { messageId, reaction }, FIELDS)).message;
  const read = async (as: string, id: string) =>
    (await ask.data(as, `query ($id: ID!) { ${FIELDS.replace('message', 'message(id: $id)')} }`, { id })).message;
  const send = async () =>
    (await ask.run('ada', 'sendTextMessage', { ...PLAZA, text: 'React' }, 'message { id }')).message.id as string;

  describe('a reaction', () => {
    test('is counted, shown to all, and in the log for those whom it concerns', async () => {
      const id = await send();
      const position = await logPosition(ask.server());
      await react('bob', id, '👍');
      const given = await react('cyd', id, '👍');
      expect(given).toEqual({
        id,
        updatedAt: expect.any(Number),
        reactions: [
          { reaction: '👍', count: 2, reactedByMe: true, users: { nodes: [{ uid: 'bob' }, { uid: 'cyd' }] } },
        ],
      });
      expect(await read('mal', id)).toMatchObject({ reactions: [{ count: 2, reactedByMe: false }] });
      const told = { messageId: Number(id), details: { reaction: '👍' }, topics: ['group:plaza'] };
      expect(await loggedSince(ask.server(), position)).toMatchObject([
        { kind: 'REACTION_ADDED', by: 'bob', ...told },
        { kind: 'REACTION_ADDED', by: 'cyd', ...told },
      ]);
    });

    test('taken back is gone, and those whom it concerns are told', async () => {
      const id = await send();
      await react('bob', id, '👍');
      await react('bob', id, '🎉');
      const position = await logPosition(ask.server());
      expect(await takeBack('bob', id, '👍')).toMatchObject({ reactions: [{ reaction: '🎉', count: 1 }] });
      expect(await takeBack('bob', id, '🎉')).toMatchObject({ reactions: [] });
      expect(await loggedSince(ask.server(), position)).toMatchObject([
        {
          kind: 'REACTION_REMOVED',
          by: 'bob',
          messageId: Number(id),
          details: { reaction: '👍' },
          topics: ['group:plaza'],
        },
        { kind: 'REACTION_REMOVED', details: { reaction: '🎉' } },
      ]);
      const filter = { hasReactions: true, sentAfter: 1_700_001_000, search: 'react' };
      const document = 'query ($filter: MessageFilter!) { searchMessages(filter: $filter) { nodes { id } } }';
      expect((await ask.data('bob', document, { filter })).searchMessages.nodes).not.toContainEqual({ id });
    });

    test('given twice, and taken back by who has not given it, is as it was, and nobody is told', async () => {
      const id = await send();
      const given = await react('bob', id, 'ok');
      const before = await logPosition(ask.server());
      expect(await react('bob', id, 'ok')).toEqual(given);
      expect(await takeBack('bob', id, 'OK')).toEqual(given);
      await takeBack('cyd', id, 'ok');
      expect(await read('bob', id)).toEqual(given);
      expect(await logPosition(ask.server())).toBe(before);
    });

    test('can be given to one’s own message, an action and a call', async () => {
      for (const id of [await send(), '201', '210'])
        expect((await react('ada', id, '❤️')).reactions).toMatchObject([{ reaction: '❤️', count: 1 }]);
    });

    test('given in one document with another shows both', async () => {
      const id = await send();
      const one = (alias: string, reaction: string) =>
        `${alias}: addReaction(input: {messageId: $id, reaction: "${reaction}"}) { message { reactions { reaction } } }`;
      const data = await ask.data('bob', `mutation ($id: ID!) { ${one('a', '1')} ${one('b', '2')} }`, { id });
      expect(data.a.message.reactions).toEqual([{ reaction: '1' }]);
      expect(data.b.message.reactions).toEqual([{ reaction: '1' }, { reaction: '2' }]);
    });
  });

  test('a message has at most 100 different reactions, each given by as many as like', async () => {
    const id = await send();
    const [first] = await ask.server().db.read.db.select().from(ask.server().db.read.t.users).limit(1);
    await ask.server().db.write('test', async (tx) => {
      const rows = Array.from({ length: 99 }, (_, n) => ({ reaction: `r${n}`, userId: first?.id ?? 0 }));
      await tx.insertMany(
        tx.t.reactions,
        rows.map((row) => ({ ...row, messageId: Number(id), at: 1 })),
      );
      await tx.updateMany(tx.t.messages, ['id'], [{ id: Number(id), reactionCount: 99 }]);
    });
    await react('bob', id, 'r5');
    await react('bob', id, 'the last');
    expect(await ask.refusal('bob', 'addReaction', { messageId: id, reaction: 'too many' })).toBe('ERR_LIMIT_EXCEEDED');
    await react('cyd', id, 'the last');
    await takeBack('bob', id, 'the last');
    await takeBack('cyd', id, 'the last');
    await react('cyd', id, 'room again');
    expect((await read('cyd', id)).reactions).toHaveLength(100);
  });

  test('a reaction may have 64 characters', async () => {
    const id = await send();
    const reaction = '🙂'.repeat(64);
    expect(await react('bob', id, reaction)).toMatchObject({ reactions: [{ reaction }] });
  });

  test.each([
    ['a longer one', 'bob', '202', '🙂'.repeat(65), 'ERR_LIMIT_EXCEEDED'],
    ['an empty one', 'bob', '202', '', 'ERR_BAD_REQUEST'],
    ['white space', 'bob', '202', ' ', 'ERR_BAD_REQUEST'],
    ['what nothing keeps', 'bob', '202', 'a\u0000', 'ERR_BAD_REQUEST'],
    ['one to a deleted message', 'ada', '106', 'x', 'ERR_MESSAGE_ACTION_NOT_ALLOWED'],
    ['one to a message that is not there', 'ada', '99999', 'x', 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['one to a message that one may not read', 'ada', '309', 'x', 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['one to a message deleted for oneself', 'ada', '305', 'x', 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['one in a group that one is banned from', 'olga', '202', 'x', 'ERR_MESSAGE_ID_NOT_FOUND'],
    ['one of an API key', 'KEY', '202', 'x', 'AUTH_ERR_NO_ACCESS'],
    ['one of nobody', 'NOBODY', '202', 'x', 'AUTH_ERR_NO_ACCESS'],
  ])('%s is refused, and nothing is kept', async (_what, as, messageId, reaction, code) => {
    const before = [await logPosition(ask.server()), await read('KEY', messageId)];
    expect(await ask.refusal(as, 'addReaction', { messageId, reaction })).toBe(code);
    expect([await logPosition(ask.server()), await read('KEY', messageId)]).toEqual(before);
  });

  test('what can’t be read has no reactions to take back', async () => {
    const taken = { messageId: '309', reaction: 'x' };
    expect(await ask.refusal('ada', 'removeReaction', taken)).toBe('ERR_MESSAGE_ID_NOT_FOUND');
    expect(await ask.refusal('KEY', 'removeReaction', taken)).toBe('AUTH_ERR_NO_ACCESS');
    const ofDeleted = { messageId: '106', reaction: 'x' };
    expect(await ask.refusal('bob', 'removeReaction', ofDeleted)).toBe('ERR_MESSAGE_ACTION_NOT_ALLOWED');
  });

  test('after all of this everything adds up', async () => {
    expect(await checkAll(ask.server().db)).toEqual([]);
  });
});

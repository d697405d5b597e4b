import { describe, expect, test } from 'vitest';
import type { Occurrence } from '../../src/events/passing.ts';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { logPosition } from '../support/log.ts';
import { WORLD } from '../support/world.ts';

const BOB = { receiverType: 'USER', receiverId: 'bob' };
const PLAZA = { receiverType: 'GROUP', receiverId: 'plaza' };

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  /** What passes by while something is done. */
  const passedBy = async (run: () => Promise<unknown>) => {
    const passed: Occurrence[] = [];
    const stop = ask.server().services.passing.listen((occurrence) => passed.push(occurrence));
    await run();
    stop();
    return passed;
  };
  const send = (as: string, input: object) => ask.run(as, 'sendTransientMessage', input, 'receiverId');
  const idOf = async (uid: string) => {
    const { db } = ask.server();
    return (await db.read.db.select().from(db.read.t.users)).find((user) => user.uid === uid)?.id;
  };
  /** How many rows there are of all that a message could leave behind. */
  const rows = async () => {
    const { db, t } = ask.server().db.read;
    const tables = [t.messages, t.conversations, t.participants, t.marks, t.events] as (typeof t.messages)[];
    return Promise.all(tables.map(async (table) => (await db.select().from(table)).length));
  };

  describe('a transient message', () => {
    test('to a user reaches the other, and is kept nowhere', async () => {
      const before = await rows();
      const data = { typing: [1, null, '🙂'] };
      const passed = await passedBy(async () => {
        expect(await send('ada', { ...BOB, data })).toEqual({ receiverId: 'bob' });
        await send('smile', { receiverType: 'USER', receiverId: 'li', data: 0 }); // who never wrote to each other
      });
      const [from, smile] = [await idOf('ada'), await idOf('smile')];
      expect(passed).toEqual([
        {
          kind: 'TRANSIENT_MESSAGE',
          at: expect.any(Number),
          fromId: from,
          except: from,
          topics: ['user:bob'],
          receiver: { receiverType: 'user', receiverId: 'bob' },
          data,
        },
        expect.objectContaining({ fromId: smile, topics: ['user:li'], data: 0 }),
      ]);
      expect(await rows()).toEqual(before);
    });

    test('to a group reaches its other members', async () => {
      const [passed] = await passedBy(() => send('cyd', { ...PLAZA, data: 'x'.repeat(65_534) }));
      const from = await idOf('cyd');
      const receiver = { receiverType: 'group', receiverId: 'plaza' };
      expect(passed).toMatchObject({ fromId: from, except: from, topics: ['group:plaza'], receiver });
    });

    test('reaches nobody who has stopped listening', async () => {
      const passed = await passedBy(async () => {});
      await send('ada', { ...BOB, data: 1 });
      expect(passed).toEqual([]);
    });
  });

  const deep = JSON.parse(`${'['.repeat(33)}${']'.repeat(33)}`);
  test.each([
    ['too much', 'ada', { data: 'x'.repeat(65_535) }, 'ERR_LIMIT_EXCEEDED'],
    ['too deep', 'ada', { data: deep }, 'ERR_LIMIT_EXCEEDED'],
    ['null', 'ada', { data: null }, 'ERR_BAD_REQUEST'],
    ['to nobody', 'ada', { receiverId: 'nobody' }, 'ERR_UID_NOT_FOUND'],
    ['to somebody deactivated', 'ada', { receiverId: 'dot' }, 'ERR_UID_NOT_FOUND'],
    ['to who was blocked', 'ada', { receiverId: 'mal' }, 'ERR_BLOCKED_RECEIVER'],
    ['to who has blocked', 'mal', { receiverId: 'ada' }, 'ERR_BLOCKED_SENDER'],
    ['to a group that is not there', 'ada', { ...PLAZA, receiverId: 'nowhere' }, 'ERR_GUID_NOT_FOUND'],
    ['to a private group of others', 'cyd', { ...PLAZA, receiverId: 'cellar' }, 'ERR_GUID_NOT_FOUND'],
    ['to a group that one is no member of', 'cyd', { ...PLAZA, receiverId: 'agora' }, 'ERR_GROUP_NOT_JOINED'],
    ['to a group that one is banned from', 'olga', PLAZA, 'ERR_GROUP_NOT_JOINED'],
    ['of an API key', 'KEY', {}, 'AUTH_ERR_NO_ACCESS'],
    ['of nobody', 'NOBODY', {}, 'AUTH_ERR_NO_ACCESS'],
  ])('%s is refused, and reaches nobody', async (_what, as, input, code) => {
    const before = await logPosition(ask.server());
    const passed = await passedBy(async () => {
      expect(await ask.refusal(as, 'sendTransientMessage', { ...BOB, data: 1, ...input })).toBe(code);
    });
    expect(passed).toEqual([]);
    expect(await logPosition(ask.server())).toBe(before);
  });
});

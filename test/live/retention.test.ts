import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createRetention } from '../../src/events/retention-service.ts';
import { askerOf } from '../support/ask.ts';
import { cursorNow } from '../support/cursor.ts';
import { runSql } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { clientFor, hear } from '../support/listener.ts';
import { logPosition } from '../support/log.ts';
import { serverForTest, type TestServer } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const DAY = 86_400;
const EVENTS = `subscription ($after: String) { events(after: $after) { kind cursor
  ... on MessageSentEvent { messageId } ... on ResyncRequiredEvent { reason } } }`;

/** Makes all that has happened so far so many days older, as if the server had stood there for so long. */
const age = ({ database }: TestServer, days: number) => runSql(database, `update events set at = at - ${days * DAY}`);

const positions = async ({ db }: TestServer): Promise<number[]> => {
  const { events } = db.read.t;
  const rows = await db.read.db.select({ position: events.position }).from(events).orderBy(events.position);
  return rows.map(({ position }) => position);
};

eachDialect((dialect) => {
  async function start(env: Record<string, string> = {}) {
    const server = await serverForTest({ dialect, lines: WORLD, env });
    const ask = askerOf(() => server);
    const cursor = () => cursorNow(ask, 'ada');
    const sweep = async () => {
      await cursor(); // nothing goes that is not settled
      await server.services.retention.sweep();
    };
    const send = async (text: string) => {
      const to = { receiverType: 'USER', receiverId: 'ada' };
      return (await ask.run('bob', 'sendTextMessage', { ...to, text }, 'message { id }')).message.id as string;
    };
    const resume = async (after: string) => hear(clientFor(server, { as: 'ada' }), EVENTS, { after });
    return { server, ask, cursor, sweep, send, resume };
  }

  describe('the log', () => {
    test('forgets what is older than PARLEY_LOG_DAYS, and says so to who comes back from before', async () => {
      const { server, cursor, sweep, send, resume } = await start({ PARLEY_LOG_DAYS: '3' });
      const first = await cursor();
      await send('Old');
      const second = await cursor();
      await send('Also old');
      await age(server, 4);
      await send('New');
      await sweep();
      expect(await positions(server)).toEqual([await logPosition(server)]);
      for (const after of [first, second]) {
        const { events } = await (await resume(after)).next();
        expect(events).toMatchObject({ kind: 'RESYNC_REQUIRED', reason: 'The cursor is older than what is kept.' });
      }
    });

    test('is resumed from the last place that it has forgotten: nothing is missing after it', async () => {
      const { server, cursor, sweep, send, resume } = await start();
      await send('Old');
      const after = await cursor();
      await age(server, 31);
      const kept = await send('New');
      await sweep();
      const heard = await resume(after);
      expect((await heard.next()).events).toMatchObject({ kind: 'MESSAGE_SENT', messageId: kept });
    });

    test('keeps what is younger, the last event whatever its age, and every topic of what it keeps', async () => {
      const { server, cursor, sweep, send, resume } = await start();
      await send('One');
      await age(server, 29);
      await sweep();
      expect(await positions(server)).toHaveLength(1);
      await age(server, 40);
      await sweep();
      expect(await positions(server)).toHaveLength(1);
      const after = await cursor();
      const heard = await resume(after);
      const next = await send('Two');
      expect((await heard.next()).events).toMatchObject({ kind: 'MESSAGE_SENT', messageId: next });
      const { eventTopics } = server.db.read.t;
      const topics = await server.db.read.db.select().from(eventTopics);
      expect(new Set(topics.map(({ position }) => position))).toEqual(new Set(await positions(server)));
    });

    test('stops at the first event that is kept, so that what is left has no hole', async () => {
      const { server, sweep, send } = await start();
      await send('Young');
      await send('Old by a wrong clock');
      await runSql(
        server.database,
        `update events set at = at - ${31 * DAY} where position = (select max(position) from events)`,
      );
      await send('Younger');
      const before = await positions(server);
      await sweep();
      expect(await positions(server)).toEqual(before);
    });

    test('goes in many small writes, and others write between', async () => {
      const { server, ask, sweep } = await start();
      const at = Math.floor(Date.now() / 1000) - 31 * DAY;
      await server.db.write('test', async (tx) => {
        const many = await tx.reserve(tx.t.events, 2_000);
        await tx.insertMany(
          tx.t.events,
          many.map((position) => ({ position, at, kind: 'USER_UPDATED', userId: 1 })),
        );
        await tx.insertMany(
          tx.t.eventTopics,
          many.map((position) => ({ topic: 'user:nobody', position })),
        );
      });
      const swept = sweep();
      await ask.run('ada', 'updateMe', { statusMessage: 'between' }, 'user { uid }');
      await swept;
      await sweep(); // what was the last event then is no longer
      expect(await positions(server)).toEqual([await logPosition(server)]);
    });

    test('is swept at the start of the server, and no longer once that stops', async () => {
      const { server, cursor, send } = await start();
      await send('Old');
      await age(server, 31);
      await send('New');
      await cursor();
      const errors: unknown[] = [];
      const retention = createRetention({ db: server.db, days: 30, report: (error) => errors.push(error) });
      retention.start();
      while ((await positions(server)).length > 1) await wait(5);
      await retention.close();
      await age(server, 31);
      await send('Newer');
      await retention.sweep();
      expect(await positions(server)).toHaveLength(2);
      expect(errors).toEqual([]);
    });
  });
});

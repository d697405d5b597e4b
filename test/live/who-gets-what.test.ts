import type { Client } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { comparePlaces, decodeCursor } from '../../src/events/cursor.ts';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { type Heard, hear, openClient } from '../support/listener.ts';
import { EVERY_EVENT, toGroup, toUser } from './every-event.ts';
import { answered, DEVICES, LINES, STEPS } from './steps.ts';

eachDialect((dialect) => {
  const ask = useServer(dialect, LINES);
  let clients: Client[];
  let heard: Heard[];
  let newest: { xid: number; position: number };

  beforeAll(async () => {
    clients = DEVICES.map((as) => openClient(ask.server(), { as }));
    heard = await Promise.all(clients.map((client) => hear(client, EVERY_EVENT)));
    const read = (as: string, from: object) => ask.run(as, 'markAsRead', from, '__typename');
    await Promise.all(['ada', 'bob', 'cyd', 'mal'].map((as) => read(as, toGroup('plaza'))));
    await Promise.all([read('ada', toUser('bob')), read('bob', toUser('ada'))]);
    newest = { xid: 0, position: 0 };
  });

  afterAll(() => Promise.all(clients.map((client) => client.dispose())));

  /** What each device has heard until now, in order, its cursors as they must be. */
  async function untilNow(): Promise<[uid: string, events: object[]][]> {
    const rung = await ask.run('ada', 'sendTextMessage', { ...toGroup('bell'), text: 'Ding' }, 'message { id }');
    const before = newest;
    return Promise.all(
      heard.map(async (device, n) => {
        const events: object[] = [];
        let from = before;
        for (;;) {
          const { events: event } = await device.next();
          const place = decodeCursor(event.cursor);
          if (!place) throw new Error(`no cursor: ${event.cursor}`);
          const passing = /TYPING|TRANSIENT|PRESENCE/.test(event.kind);
          if (!passing) expect(comparePlaces(place, from)).toBeGreaterThan(0);
          from = place;
          if (event.messageId === rung.message.id) {
            newest = place;
            return [DEVICES[n] as string, events] as [string, object[]];
          }
          if (event.kind !== 'PRESENCE_CHANGED') events.push(event);
        }
      }),
    );
  }

  test.for(STEPS)('%s: those hear of it whom it concerns, and nobody else', async ([, as, mutation, input, tells]) => {
    await untilNow();
    const start = Math.floor(Date.now() / 1000);
    answered(
      await ask.run(
        as,
        mutation,
        input(),
        mutation.startsWith('send') && !mutation.includes('Transient') ? 'message { id }' : '__typename',
      ),
    );
    const byUid = new Map(
      Object.entries(tells()).flatMap(([uids, events]) => uids.split(' ').map((uid) => [uid, events])),
    );
    const devices = await untilNow();
    expect(devices).toEqual(DEVICES.map((uid) => [uid, byUid.get(uid) ?? []]));
    for (const [, events] of devices as [string, { at: number }[]][]) {
      for (const { at } of events) expect(at).toBeGreaterThanOrEqual(start);
    }
  });
});

import { beforeAll, describe, expect, test } from 'vitest';
import { askerOf } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { clientFor } from '../support/listener.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { toUser } from './every-event.ts';
import { CHANGES, Mirror, SNAPSHOT } from './mirror.ts';
import { answered, LINES, STEPS } from './steps.ts';

const VIEWERS = ['ada', 'bob', 'cyd', 'mal'];

eachDialect((dialect) => {
  let server: TestServer;
  let mirrors: { readonly uid: string; readonly mirror: Mirror; cursor: string }[];
  const ask = askerOf(() => server);
  const note = async (as: string): Promise<string> =>
    (await ask.run(as, 'sendTextMessage', { ...toUser(as), text: 'Note' }, 'message { id }')).message.id;

  beforeAll(async () => {
    server = await startTestServer({ dialect, lines: LINES, env: { PARLEY_MAX_COST: '1000000' } });
    await Promise.all(VIEWERS.map(note)); // there are conversations with themselves from the start
    mirrors = await Promise.all(
      VIEWERS.map(async (uid) => {
        const { cursor, ...snapshot } = await ask.data(uid, SNAPSHOT);
        return { uid, mirror: new Mirror(snapshot), cursor };
      }),
    );
    return () => server.stop();
  });

  describe('a snapshot, kept up to date by the events since its cursor alone, is what a new one is', () => {
    test.for(STEPS)('after %s', async ([, as, mutation, input, tells]) => {
      const fields = /^send(Text|Media|Custom)/.test(mutation) ? 'message { id }' : '__typename';
      answered(await ask.run(as, mutation, input(), fields));
      tells(); // and with it, which message the next steps are about
      for (const viewer of mirrors) {
        const { uid, mirror } = viewer;
        const end = await note(uid);
        const variables = { after: viewer.cursor };
        for await (const { data } of clientFor(server, { as: uid }).iterate({ query: CHANGES, variables })) {
          const { events } = data as { events: { cursor: string; messageId?: string } };
          mirror.apply(events);
          viewer.cursor = events.cursor;
          if (events.messageId === end) break;
        }
        expect(mirror.shown()).toEqual(new Mirror(await ask.data(uid, SNAPSHOT)).shown());
      }
    });
  });
});

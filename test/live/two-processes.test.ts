import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { askerOf, useServer } from '../support/ask.ts';
import { createClient } from '../support/client.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { clientFor, hear, paramsOf } from '../support/listener.ts';
import { runParley, startParley } from '../support/parley.ts';
import { openSocket } from '../support/raw-socket.ts';
import { WORLD } from '../support/world.ts';
import { toUser } from './every-event.ts';

const EVENTS = 'subscription { events(kinds: [MESSAGE_SENT]) { ... on MessageSentEvent { messageId } } }';

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);

  /** Questions to another server on the same database. */
  async function startAnother() {
    const { database, apiKey } = ask.server();
    const env = { PARLEY_DATABASE: database, PARLEY_API_KEY: apiKey, PORT: '0', LOG_LEVEL: 'error' };
    const [url] = await startParley(['serve'], { env }).printed(/http:\/\/[^\s/]+/);
    return askerOf(() => ({ ...ask.server(), url, query: createClient(url, apiKey) }));
  }

  describe.runIf(dialect === 'postgres')('two servers on one database', () => {
    test('close each other’s sockets within a second: of a revoked token, and of who was deactivated', async () => {
      const another = await startAnother();
      const { authToken: token } = await ask.run('KEY', 'createAuthToken', { uid: 'ada' }, 'authToken');
      for (const [who, mutation, input] of [
        [{ token }, 'revokeAuthTokens', { uid: 'ada' }],
        [{ as: 'cyd' }, 'deactivateUsers', { uids: ['cyd'] }],
      ] as const) {
        const socket = await openSocket(ask.server());
        socket.send({ type: 'connection_init', payload: paramsOf(ask.server(), who) });
        expect(await socket.next()).toEqual({ type: 'connection_ack' });
        await another.run('KEY', mutation, input, '__typename');
        expect(await Promise.race([socket.closed, wait(1_000)])).toMatchObject({ code: 4403 });
      }
    });

    test('have all come back, to fetch anew, where history is imported beside them', async () => {
      const { database } = ask.server();
      const events = `subscription ($after: String) { events(after: $after) { kind } }`;
      const { cursor } = await ask.data('bob', '{ cursor }');
      const socket = await openSocket(ask.server());
      socket.send({ type: 'connection_init', payload: paramsOf(ask.server(), { as: 'bob' }) });
      expect(await socket.next()).toEqual({ type: 'connection_ack' });
      socket.send({ id: 'live', type: 'subscribe', payload: { query: events } });
      const line = { kind: 'user', value: { uid: 'late', name: 'Late' } };
      const { code } = await runParley(['import', '-'], {
        env: { PARLEY_DATABASE: database },
        stdin: `${JSON.stringify(line)}\n`,
      });
      expect(code).toBe(0);
      expect(await Promise.race([socket.closed, wait(1_000)])).toMatchObject({ code: 1013 });
      const again = await hear(clientFor(ask.server(), { as: 'bob' }), events, { after: cursor });
      expect((await again.next()).events.kind).toBe('RESYNC_REQUIRED');
    });

    test('tell each other’s subscribers within a second', async () => {
      const another = await startAnother();
      const heard = await hear(clientFor(ask.server(), { as: 'bob' }), EVENTS);
      const { message } = await another.run(
        'ada',
        'sendTextMessage',
        { ...toUser('bob'), text: 'Hi' },
        'message { id }',
      );
      expect(await Promise.race([heard.next(), wait(1_000)])).toEqual({ events: { messageId: message.id } });
    });
  });
});

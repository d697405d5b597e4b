import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { openStream } from '../support/event-stream.ts';
import { paramsOf } from '../support/listener.ts';
import { openSocket } from '../support/raw-socket.ts';
import { WORLD } from '../support/world.ts';
import { toGroup, toUser } from './every-event.ts';
import { breakReads, holdUp, limitLocks, lockTable } from './other-programs.ts';

const TEXTS = `subscription ($after: String) { events(after: $after, kinds: [MESSAGE_SENT]) {
  cursor ... on MessageSentEvent { message { ... on TextMessage { text } } } } }`;
const TRANSIENT = 'subscription { events(kinds: [TRANSIENT_MESSAGE]) { ... on TransientMessageEvent { data } } }';

eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const run = (as: string, mutation: string, input: object) => ask.run(as, mutation, input, '__typename');

  /** A socket that listens; a question on it is answered after what was asked before has begun. */
  async function listen(as: string, query: string, variables = {}) {
    const socket = await openSocket(ask.server());
    socket.send({ type: 'connection_init', payload: paramsOf(ask.server(), { as }) });
    expect(await socket.next()).toEqual({ type: 'connection_ack' });
    socket.send({ id: 'live', type: 'subscribe', payload: { query, variables } });
    socket.send({ id: 'asked', type: 'subscribe', payload: { query: '{ __typename }' } });
    return socket;
  }

  describe.runIf(dialect === 'postgres')('where PostgreSQL is lost while an event is read', () => {
    test('a socket is closed with 1013, and comes back to the very event', async () => {
      const { cursor } = await ask.data('bob', '{ cursor }');
      const socket = await listen('bob', TEXTS);
      while ((await socket.next()).type !== 'complete');
      const letGo = await holdUp(ask.server().database);
      await run('ada', 'sendTextMessage', { ...toUser('bob'), text: 'Not to be lost' });
      const goOn = await breakReads(ask.server().database, 'messages');
      await letGo();
      await goOn();
      expect(await socket.closed).toMatchObject({ code: 1013, reason: expect.stringContaining('last cursor') });
      expect(socket.waiting).toEqual([]);
      const again = await listen('bob', TEXTS, { after: cursor });
      const isEvent = ({ id, type }: { id: string; type: string }) => id === 'live' && type === 'next';
      let heard = await again.next();
      while (!isEvent(heard)) heard = await again.next();
      expect(heard.payload.data.events.message).toEqual({ text: 'Not to be lost' });
    });

    test('so it is where the operator has set a limit to how long locks are waited for', async () => {
      const { database } = ask.server();
      await limitLocks(database);
      await expect.poll(() => ask.codes('bob', '{ me { uid } }')).toEqual([]); // over connections that know of it
      const socket = await listen('bob', TEXTS);
      while ((await socket.next()).type !== 'complete');
      const letGo = await holdUp(database);
      await run('ada', 'sendTextMessage', { ...toUser('bob'), text: 'Not to be lost' });
      const goOn = await lockTable(database, 'messages');
      await letGo();
      expect(await socket.closed).toMatchObject({ code: 1013 });
      await goOn();
      expect(socket.waiting).toEqual([]);
    });

    test('an event stream breaks off without `complete`', async () => {
      const stream = await openStream(ask.server(), { as: 'bob' }, TEXTS);
      const letGo = await holdUp(ask.server().database);
      await run('ada', 'sendTextMessage', { ...toUser('bob'), text: 'Not to be lost either' });
      const goOn = await breakReads(ask.server().database, 'messages');
      await letGo();
      await goOn();
      await expect(stream.next()).rejects.toThrow();
    });

    test('whose rights can’t be read hears nothing more', async () => {
      await run('ada', 'createGroup', { guid: 'hut', name: 'Hut', type: 'PUBLIC', members: [{ uid: 'cyd' }] });
      const socket = await listen('cyd', TRANSIENT);
      while ((await socket.next()).type !== 'complete');
      const letGo = await holdUp(ask.server().database);
      await run('ada', 'kickGroupMember', { guid: 'hut', uid: 'cyd' });
      const goOn = await breakReads(ask.server().database, 'memberships');
      await letGo();
      await goOn();
      expect(await socket.closed).toMatchObject({ code: 1013 });
      await run('ada', 'sendTransientMessage', { ...toGroup('hut'), data: 'among us' });
      expect(socket.waiting).toEqual([]);
    });
  });
});

import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { clientFor, hear, paramsOf } from '../support/listener.ts';
import { openSocket } from '../support/raw-socket.ts';
import { WORLD } from '../support/world.ts';
import { EVERY_EVENT, toGroup, toUser } from './every-event.ts';
import { holdUp } from './other-programs.ts';

const RECEIVED = 'subscription ($with: ReceiverInput!) { messageReceived(conversation: $with) { id } }';
const TYPING = 'subscription ($with: ReceiverInput!) { typing(conversation: $with) { kind } }';

/** On PostgreSQL an event is told once no transaction of the whole server can come before it. */
eachDialect((dialect) => {
  const ask = useServer(dialect, WORLD);
  const run = (as: string, mutation: string, input: object) => ask.run(as, mutation, input, '__typename');
  const listen = (as: string, query: string, variables?: Record<string, unknown>) =>
    hear(clientFor(ask.server(), { as }), query, variables);

  describe.runIf(dialect === 'postgres')('while the log waits for another’s transaction', () => {
    test('who was kicked hears no more of what passes by in the group; its members do', async () => {
      await run('ada', 'createGroup', {
        guid: 'den',
        name: 'Den',
        type: 'PUBLIC',
        members: [{ uid: 'bob' }, { uid: 'cyd' }],
      });
      const kinds = ['TRANSIENT_MESSAGE', 'TYPING_STARTED'];
      const [kicked, typing, member] = await Promise.all([
        listen('cyd', EVERY_EVENT, { kinds }),
        listen('cyd', TYPING, { with: toGroup('den') }),
        listen('ada', EVERY_EVENT, { kinds }),
      ]);
      const letGo = await holdUp(ask.server().database);
      await run('ada', 'kickGroupMember', { guid: 'den', uid: 'cyd' });
      await run('bob', 'startTyping', toGroup('den'));
      await run('bob', 'sendTransientMessage', { ...toGroup('den'), data: 'among us' });
      await run('bob', 'sendTransientMessage', { ...toUser('cyd'), data: 'goodbye' });
      expect((await kicked.next()).events).toMatchObject({ kind: 'TRANSIENT_MESSAGE', data: 'goodbye' });
      expect((await member.next()).events).toMatchObject({ kind: 'TYPING_STARTED' });
      expect((await member.next()).events).toMatchObject({ kind: 'TRANSIENT_MESSAGE', data: 'among us' });
      await letGo();
      expect(await typing.ended).toMatchObject([{ extensions: { code: 'ERR_GROUP_NOT_JOINED' } }]);
      expect(typing.waiting).toEqual([]);
    });

    test.for([
      ['deactivated', 'deactivateUsers', { uids: ['smile'] }],
      ['deleted', 'deleteUser', { uid: 'mal' }],
    ] as const)('who is %s loses their socket within a second', async ([, mutation, input]) => {
      const as = 'uid' in input ? input.uid : input.uids[0];
      const socket = await openSocket(ask.server());
      socket.send({ type: 'connection_init', payload: paramsOf(ask.server(), { as }) });
      expect(await socket.next()).toEqual({ type: 'connection_ack' });
      await holdUp(ask.server().database);
      await run('KEY', mutation, input);
      expect(await Promise.race([socket.closed, wait(1_000)])).toMatchObject({ code: 4403 });
    });

    test('who has joined, or come back, can listen to the group, and hears all that is sent from then on', async () => {
      await run('ada', 'createGroup', { guid: 'pub', name: 'Pub', type: 'PUBLIC', members: [{ uid: 'cyd' }] });
      const letGo = await holdUp(ask.server().database);
      await run('li', 'joinGroup', { guid: 'pub' });
      await run('cyd', 'leaveGroup', { guid: 'pub' });
      await run('cyd', 'joinGroup', { guid: 'pub' });
      const heard = await Promise.all([
        listen('li', RECEIVED, { with: toGroup('pub') }),
        listen('cyd', RECEIVED, { with: toGroup('pub') }),
        listen('li', RECEIVED, { with: toGroup('pub') }),
      ]);
      const { message } = await ask.run('ada', 'sendTextMessage', { ...toGroup('pub'), text: 'Hi' }, 'message { id }');
      await letGo();
      for (const one of heard) {
        const ids: string[] = [];
        while (ids.at(-1) !== message.id) ids.push((await one.next()).messageReceived.id);
      }
    });
  });
});

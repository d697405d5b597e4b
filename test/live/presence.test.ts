import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'graphql-ws';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Asker, askerOf } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { clientFor, hear, openClient } from '../support/listener.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { WORLD } from '../support/world.ts';
import { EVERY_EVENT, toGroup, told } from './every-event.ts';

const GRACE_MS = 300;
const PRESENCE = 'subscription ($uids: [ID!]!) { presence(uids: $uids) { uid status } }';

eachDialect((dialect) => {
  let server: TestServer;

  /** Looks out for these users. */
  const lookOut = (who: object, uids: readonly string[]) => hear(clientFor(server, who), PRESENCE, { uids });

  let ask: Asker;

  beforeAll(async () => {
    server = await startTestServer({ dialect, lines: WORLD, graceMs: GRACE_MS });
    ask = askerOf(() => server);
    return () => server.stop();
  });

  const statusOf = async (uid: string): Promise<string> =>
    (await ask.data('KEY', `{ user(uid: "${uid}") { status } }`)).user.status;
  const onlineCount = async (): Promise<number> => (await ask.data('KEY', '{ onlineUserCount }')).onlineUserCount;
  const until = async (holds: () => Promise<boolean>) => {
    while (!(await holds())) await wait(5);
  };
  /** A device of the user, online once this resolves. */
  async function connect(as: string): Promise<Client> {
    const client = openClient(server, { as }, { lazy: false, onNonLazyError: () => {} });
    await new Promise<void>((resolve) => client.on('connected', () => resolve()));
    return client;
  }

  beforeEach(() => until(async () => (await onlineCount()) === 0));

  describe('a user', () => {
    test('is online from the first socket on, whether it listens or not, until the last has been gone for a while', async () => {
      expect(await statusOf('ada')).toBe('OFFLINE');
      const [first, second] = [await connect('ada'), await connect('ada')];
      expect(await statusOf('ada')).toBe('ONLINE');
      await first.dispose();
      await wait(GRACE_MS * 1.5);
      expect(await statusOf('ada')).toBe('ONLINE');
      const left = Date.now();
      await second.dispose();
      expect(await statusOf('ada')).toBe('ONLINE');
      await until(async () => (await statusOf('ada')) === 'OFFLINE');
      expect(Date.now() - left).toBeGreaterThanOrEqual(GRACE_MS - 5);
    });

    test('counts once in onlineUserCount, and is found by status, in lists of users and of members', async () => {
      const clients = [await connect('ada'), await connect('ada'), await connect('cyd'), await connect('li')];
      const { onlineUserCount, users, group } = await ask.data(
        'ada',
        `{ onlineUserCount users(status: ONLINE) { nodes { uid } }
          group(guid: "plaza") { onlineMembersCount
            online: members(status: ONLINE) { nodes { uid status } } offline: members(status: OFFLINE) { nodes { uid } } } }`,
      );
      expect(onlineUserCount).toBe(3);
      expect(users.nodes.map(({ uid }: { uid: string }) => uid).sort()).toEqual(['ada', 'cyd', 'li']);
      expect(group.onlineMembersCount).toBe(2);
      expect(group.online.nodes).toEqual([
        { uid: 'ada', status: 'ONLINE' },
        { uid: 'cyd', status: 'ONLINE' },
      ]);
      expect(group.offline.nodes).toEqual([{ uid: 'bob' }, { uid: 'mal' }]);
      await Promise.all(clients.map((client) => client.dispose()));
    });

    test('is not online by asking over HTTP, by a socket on which nobody signs in, or by an API key’s own', async () => {
      const anonymous = await hear(clientFor(server, { anonymous: true }), '{ __typename }');
      const key = await hear(clientFor(server, {}), '{ __typename }');
      await ask.data('ada', '{ me { uid } }');
      expect(await onlineCount()).toBe(0);
      anonymous.stop();
      key.stop();
    });
  });

  describe('who listens', () => {
    test('hears that somebody has gone who was deleted for good', async () => {
      await ask.run('KEY', 'createUser', { uid: 'leaver', name: 'Leaver' }, '__typename');
      const heard = await lookOut({ as: 'ada' }, ['leaver']);
      await connect('leaver');
      expect(await heard.next()).toEqual({ presence: { uid: 'leaver', status: 'ONLINE' } });
      await ask.run('KEY', 'deleteUser', { uid: 'leaver', permanent: true }, '__typename');
      expect(await heard.next()).toMatchObject({ presence: { status: 'OFFLINE' } });
    });

    test('hears of those with whom they have a conversation of two, and of nobody else', async () => {
      const heard = await hear(clientFor(server, { as: 'ada' }), EVERY_EVENT, {
        kinds: ['PRESENCE_CHANGED', 'GROUP_UPDATED'],
      });
      const clients: Client[] = [];
      for (const uid of ['olga', 'cyd', 'li', 'bob', 'zhanna', 'ada']) {
        clients.push(await connect(uid));
      }
      expect((await heard.next()).events).toEqual(told.presence('cyd', 'ONLINE'));
      expect((await heard.next()).events).toEqual(told.presence('bob', 'ONLINE'));
      await Promise.all(clients.map((client) => client.dispose()));
      const gone = [(await heard.next()).events, (await heard.next()).events];
      expect(gone.map(({ user }) => user.uid).sort()).toEqual(['bob', 'cyd']);
      expect(gone.map(({ status }) => status)).toEqual(['OFFLINE', 'OFFLINE']);
      await ask.run('ada', 'updateGroup', { guid: 'agora', description: String(Date.now()) }, '__typename');
      expect((await heard.next()).events.kind).toBe('GROUP_UPDATED');
    });

    test('hears nothing of a second device, nor of one that comes back soon', async () => {
      const heard = await hear(clientFor(server, { as: 'bob' }), EVERY_EVENT, {
        kinds: ['PRESENCE_CHANGED', 'MESSAGE_SENT'],
      });
      const first = await connect('ada');
      expect((await heard.next()).events).toEqual(told.presence('ada', 'ONLINE'));
      const second = await connect('ada');
      await first.dispose();
      await second.dispose();
      const third = await connect('ada');
      await wait(GRACE_MS * 1.5);
      await ask.run('cyd', 'sendTextMessage', { ...toGroup('plaza'), text: 'Still there?' }, '__typename');
      expect((await heard.next()).events.kind).toBe('MESSAGE_SENT');
      await third.dispose();
      expect((await heard.next()).events).toEqual(told.presence('ada', 'OFFLINE'));
    });

    test('to `presence` hears of those whom they name, whoever they are', async () => {
      const heard = await lookOut({ as: 'ada' }, ['olga', 'li']);
      const clients = [await connect('cyd'), await connect('olga'), await connect('olga')];
      expect(await heard.next()).toEqual({ presence: { uid: 'olga', status: 'ONLINE' } });
      const li = await connect('li');
      expect(await heard.next()).toEqual({ presence: { uid: 'li', status: 'ONLINE' } });
      await Promise.all(clients.map((client) => client.dispose()));
      expect(await heard.next()).toEqual({ presence: { uid: 'olga', status: 'OFFLINE' } });
      await li.dispose();
      expect(await heard.next()).toEqual({ presence: { uid: 'li', status: 'OFFLINE' } });
      expect(heard.waiting).toEqual([]);
    });

    test('to `presence` of somebody who is not there is refused, and nobody who is not signed in may', async () => {
      const unknown = await hear(clientFor(server, { as: 'ada' }), PRESENCE, { uids: ['ada', 'nobody'] });
      expect(await unknown.ended).toMatchObject([{ extensions: { code: 'ERR_UID_NOT_FOUND' } }]);
      const stranger = await hear(clientFor(server, { anonymous: true }), PRESENCE, { uids: ['ada'] });
      expect(await stranger.ended).toMatchObject([{ extensions: { code: 'AUTH_ERR_NO_ACCESS' } }]);
    });

    test('to `presence` as an API key, on nobody’s behalf, hears too', async () => {
      const heard = await lookOut({}, ['li']);
      const li = await connect('li');
      expect(await heard.next()).toEqual({ presence: { uid: 'li', status: 'ONLINE' } });
      await li.dispose();
      expect(await heard.next()).toEqual({ presence: { uid: 'li', status: 'OFFLINE' } });
    });
  });

  test('who is deactivated goes offline with their sockets', async () => {
    const heard = await lookOut({ as: 'ada' }, ['sam_2']);
    await connect('sam_2');
    expect(await heard.next()).toEqual({ presence: { uid: 'sam_2', status: 'ONLINE' } });
    await ask.run('KEY', 'deactivateUsers', { uids: ['sam_2'] }, '__typename');
    expect(await heard.next()).toEqual({ presence: { uid: 'sam_2', status: 'OFFLINE' } });
  });
});

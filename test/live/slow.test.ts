import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { observe } from '../faults/observe.ts';
import { useServer } from '../support/ask.ts';
import { createClient } from '../support/client.ts';
import { openStream } from '../support/event-stream.ts';
import { openAs, operation, type RawSocket } from '../support/raw-socket.ts';
import { serverForTest } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const TEXT = 'x'.repeat(15_000);
const SENT = `subscription ($after: String) { events(after: $after, kinds: [MESSAGE_SENT]) {
  cursor ... on MessageSentEvent { messageId message { ... on TextMessage { text } } } } }`;

const RECEIVED = `subscription ($after: ID) {
  messageReceived(conversation: { receiverType: USER, receiverId: "bob" }, after: $after) { messageId: id ... on TextMessage { text } } }`;

describe('a client that', () => {
  const ask = useServer('sqlite', WORLD);
  const live = () => ask.server().services.live;
  const send = async () =>
    (await ask.run('bob', 'sendTextMessage', { receiverType: 'USER', receiverId: 'ada', text: TEXT }, 'message { id }'))
      .message.id as string;

  async function listening(variables?: object, id = 'e', document = SENT): Promise<RawSocket> {
    const raw = await openAs(ask.server(), 'ada');
    raw.send(operation(id, document, variables), operation('settled', '{ __typename }'));
    if (!variables) while ((await raw.next()).type !== 'complete');
    return raw;
  }

  const idOf = ({ payload: { data } }: { payload: { data: Record<string, { messageId: string }> } }) =>
    (data['events'] ?? data['messageReceived'])?.messageId as string;
  const gone = () => expect.poll(() => [live().hub.size(), live().sessions.size()], { timeout: 10_000 });

  /** Sends until the server has given up on somebody: what waits for them is in the kernel's buffers first. */
  async function sendUntil(isOver: () => boolean): Promise<string[]> {
    const ids: string[] = [];
    while (!isOver() && ids.length < 2_000) ids.push(await send());
    expect(isOver()).toBe(true);
    return ids;
  }

  test('reads no more is cut off, and nobody else has waited', async () => {
    const [other, slow] = [await listening(), await listening()];
    slow.socket.pause();
    const ids = await sendUntil(() => live().sessions.size() === 1);
    for (const id of ids) expect(idOf(await other.next())).toBe(id);
    await wait(5_500); // the server's patience with a close that is not answered
    slow.socket.resume();
    expect([1006, 4413]).toContain((await slow.closed).code); // what the kernel held may end with the close, or before
    expect(idOf(await (await Promise.all([send(), other.next()]))[1])).toBeTruthy();
  });

  test('reads on in time gets what waited, in order and under its own id, and then 4413', async () => {
    const slow = await listening();
    const others = { f: await listening(undefined, 'f'), longer: await listening(undefined, 'longer') };
    slow.socket.pause();
    const ids = await sendUntil(() => live().sessions.size() === 2);
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 4413, reason: 'Too slow: come back with your last cursor' });
    const heard = slow.waiting.map(idOf);
    expect(heard).toEqual(ids.slice(0, heard.length));
    expect(heard.length * TEXT.length).toBeGreaterThan(1024 * 1024);
    for (const [own, { socket, waiting }] of Object.entries({ e: slow, ...others })) {
      expect(new Set(waiting.map(({ id }) => id))).toEqual(new Set([own]));
      socket.terminate();
    }
    await gone().toEqual([0, 0]);
  });

  test.each([
    ['events', SENT],
    ['messageReceived', RECEIVED],
  ])(
    'catches up slowly on %s is not cut off, misses nothing, and holds up nobody, however much happens meanwhile',
    async (field, document) => {
      const before = await send();
      const { cursor } = await ask.data('ada', '{ cursor }');
      const ids: string[] = [];
      while (ids.length < 700) ids.push(await send()); // 10 MB: more than the kernel takes
      const slow = await listening({ after: field === 'events' ? cursor : before }, 'e', document);
      slow.socket.pause();
      await wait(300);
      while (ids.length < 850) ids.push(await send()); // more than is held for it
      expect(live().sessions.size()).toBe(1);
      const heard: string[] = [];
      slow.socket.on('message', (data) => {
        const message = JSON.parse(String(data));
        if (message.id === 'e') heard.push(idOf(message));
      });
      while (heard.length < ids.length) {
        slow.socket.resume();
        await wait(5);
        slow.socket.pause();
        await wait(5);
        while (ids.length < Math.min(heard.length + 30, 1_300)) ids.push(await send()); // and when it has nearly caught up
      }
      expect(heard).toEqual(ids);
      slow.socket.resume();
      const last = await send();
      await expect.poll(() => heard.at(-1)).toBe(last);
    },
  );

  test('catches up on much at once, as fast as its line is, is not cut off', async () => {
    const before = await send();
    const ids: string[] = [];
    while (ids.length < 200) ids.push(await send());
    const slow = await openAs(ask.server(), 'ada');
    slow.socket.pause();
    const resumes = 40;
    for (let n = 0; n < resumes; n += 1) slow.send(operation(`${n}`, RECEIVED, { after: before }));
    let heard = 0;
    slow.socket.on('message', () => {
      heard += 1;
    });
    const reading = setInterval(() => (slow.socket.isPaused ? slow.socket.resume() : slow.socket.pause()), 2);
    onTestFinished(() => clearInterval(reading));
    const missing = () => Promise.race([slow.closed, Promise.resolve(resumes * ids.length - heard)]);
    await expect.poll(missing, { timeout: 40_000 }).toBe(0);
  });

  describe('is slow to catch up', () => {
    const many = 700; // 10 MB: more than the kernel takes

    test('and is thrown out meanwhile, is told ids alone of what is left, and nothing of what was written since', async () => {
      const crowd = { guid: 'crowd', name: 'Crowd', type: 'PRIVATE', members: [{ uid: 'ada' }] };
      await ask.run('bob', 'createGroup', crowd, 'group { guid }');
      const { cursor } = await ask.data('ada', '{ cursor }');
      const sendThere = async (text: string) =>
        (
          await ask.run(
            'bob',
            'sendTextMessage',
            { receiverType: 'GROUP', receiverId: 'crowd', text },
            'message { id }',
          )
        ).message.id as string;
      const ids: string[] = [];
      while (ids.length < many) ids.push(await sendThere(TEXT));
      const slow = await openAs(ask.server(), 'ada');
      slow.socket.pause();
      slow.send(operation('e', SENT, { after: cursor }));
      await expect.poll(() => live().hub.listenersTo('group:crowd').length).toBe(1);
      await wait(300); // until the server waits for it
      const purged = await sendThere('Purged');
      await ask.run('KEY', 'deleteMessage', { messageId: purged, permanent: true }, '__typename');
      await ask.run('bob', 'kickGroupMember', { guid: 'crowd', uid: 'ada' }, '__typename');
      await ask.run('bob', 'editMessage', { messageId: ids.at(-1), text: 'Written since' }, '__typename');
      slow.socket.resume();
      const heard: { messageId: string; message: { text: string } | null }[] = [];
      while (heard.length <= many) heard.push((await slow.next()).payload.data.events);
      expect(heard.map(({ messageId }) => messageId)).toEqual([...ids, purged]);
      const shown = heard.flatMap(({ message }) => message?.text ?? []);
      expect(shown.length).toBeLessThan(many);
      expect(new Set(shown)).toEqual(new Set([TEXT]));
      slow.socket.terminate();
    });

    test('is told of no message that was purged meanwhile', async () => {
      const first = await send();
      const ids: string[] = [];
      while (ids.length < many) ids.push(await send());
      const slow = await openAs(ask.server(), 'ada');
      slow.socket.pause();
      slow.send(operation('e', RECEIVED, { after: first }));
      await expect.poll(() => live().hub.listenersTo('user:ada').length).toBe(1);
      await wait(300); // until the server waits for it
      for (const messageId of ids.slice(100)) {
        await ask.run('KEY', 'deleteMessage', { messageId, permanent: true }, '__typename');
      }
      const last = await send();
      slow.socket.resume();
      const heard: { messageId: string; text: string }[] = [];
      do heard.push((await slow.next()).payload.data.messageReceived);
      while (heard.at(-1)?.messageId !== last);
      expect(heard.map(({ messageId }) => messageId)).toEqual([...ids.slice(0, heard.length - 1), last]);
      expect(heard.length).toBeLessThan(many);
      expect(new Set(heard.map(({ text }) => text))).toEqual(new Set([TEXT]));
      slow.socket.terminate();
    });
  });

  test('stops catching up has little waiting for it', async () => {
    const server = await observe();
    onTestFinished(() => server.stop());
    const query = createClient(server.url, server.apiKey);
    const { cursor } = (await query('{ cursor }', {}, { as: 'ada' })).data;
    const mutation = 'mutation ($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id } } }';
    const input = { receiverType: 'USER', receiverId: 'ada', text: TEXT };
    for (let count = 0; count < 150; count += 1) await query(mutation, { input }, { as: 'bob' });
    const before = await server.held();
    const large = SENT.replace('... on TextMessage { text }', '... on TextMessage { a: text b: text c: text d: text }');
    const slow = await Promise.all(Array.from({ length: 10 }, () => openAs(server, 'ada')));
    for (const raw of slow) {
      raw.socket.pause();
      raw.send(operation('e', large, { after: cursor }));
    }
    await wait(500);
    const during = await server.held();
    expect(during.listeners).toBe(10);
    expect(during.buffers - before.buffers).toBeLessThan(20 * 1024 * 1024); // of 9 MB for each
    for (const { socket } of slow) socket.terminate();
    await expect.poll(async () => (await server.held()).listeners).toBe(0);
    expect((await server.held()).buffers).toBeLessThan(before.buffers + 512 * 1024);
  });

  test('asks and asks and reads no answer is cut off', async () => {
    const raw = await openAs(ask.server(), 'ada', { autoPong: false });
    raw.socket.pause();
    const large = `{ ${Array.from({ length: 30 }, (_, n) => `a${n}: user(uid: "ada") { uid name }`)} __schema { types { name description fields { name description } } } }`;
    for (let n = 0; live().sessions.size() > 0 && n < 3_000; n += 1) {
      raw.send(operation(`${n}`, large));
      await wait(6);
    }
    await gone().toEqual([0, 0]);
    raw.socket.resume();
    expect((await raw.closed).code).toBe(4413);
  });

  test('sends pings and reads no answer is cut off', async () => {
    const raw = await openAs(ask.server(), 'ada');
    raw.socket.pause();
    const ping = { type: 'ping', payload: { text: 'x'.repeat(100_000) } };
    for (let n = 0; live().sessions.size() > 0 && n < 1_000; n += 1) {
      raw.send(ping);
      await wait(6);
    }
    await gone().toEqual([0, 0]);
    raw.socket.resume();
    expect((await raw.closed).code).toBe(4413);
  });

  test('answers no ping is gone when the second is due, and its user too; who answers stays', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const server = await serverForTest({ lines: WORLD, graceMs: 50 });
    const { presence, live: own } = server.services;
    const [dead, well] = [await openAs(server, 'ada', { autoPong: false }), await openAs(server, 'bob')];
    expect(presence.online()).toHaveLength(2);
    for (const left of [2, 1]) {
      const pinged = once(well.socket, 'ping');
      vi.advanceTimersByTime(12_000);
      await pinged;
      await expect.poll(() => own.sessions.size()).toBe(left);
      await wait(50);
    }
    expect((await dead.closed).code).toBe(1006);
    await expect.poll(() => presence.online()).toHaveLength(1);
    vi.advanceTimersByTime(12_000);
    await wait(50);
    expect(well.socket.readyState).toBe(well.socket.OPEN);
  });

  test('reads an event stream no more is cut off, and comes back with its cursor', async () => {
    const stream = await openStream(ask.server(), { as: 'ada' }, SENT);
    await expect.poll(() => live().hub.size()).toBe(1);
    stream.response.pause();
    const ids = await sendUntil(() => live().hub.size() === 0);
    const heard: { messageId: string; cursor: string }[] = [];
    await expect(
      (async () => {
        for (;;) heard.push((await stream.next()).data.events);
      })(),
    ).rejects.toThrow();
    expect(heard.map(({ messageId }) => messageId)).toEqual(ids.slice(0, heard.length));
    const again = await openStream(ask.server(), { as: 'ada' }, SENT, { after: heard.at(-1)?.cursor });
    for (const id of ids.slice(heard.length)) expect((await again.next()).data.events.messageId).toBe(id);
    again.request.destroy();
    await gone().toEqual([0, 0]);
  });

  test('leaves an event stream that it does not read leaves nothing behind', async () => {
    const { cursor } = await ask.data('ada', '{ cursor }');
    for (let count = 0; count < 400; count += 1) await send();
    const streams = await Promise.all(
      Array.from({ length: 10 }, () => openStream(ask.server(), { as: 'ada' }, SENT, { after: cursor })),
    );
    for (const { response } of streams) response.pause();
    await wait(300);
    expect(live().hub.size()).toBe(10);
    for (const { request } of streams) request.destroy();
    await gone().toEqual([0, 0]);
  });

  test('has lost its token loses its event stream too, and is told so', async () => {
    const { authToken } = await ask.run('KEY', 'createAuthToken', { uid: 'ada' }, 'authToken');
    const stream = await openStream(ask.server(), { token: authToken }, SENT);
    await expect.poll(() => live().sessions.size()).toBe(1);
    await ask.run('KEY', 'revokeAuthTokens', { uid: 'ada' }, '__typename');
    expect(await stream.next()).toMatchObject({ errors: [{ extensions: { code: 'AUTH_ERR_AUTH_TOKEN_NOT_FOUND' } }] });
    expect(await stream.next()).toBeUndefined();
    await gone().toEqual([0, 0]);
  });
});

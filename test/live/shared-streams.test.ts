import { ServerResponse } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type EventStream, openStream } from '../support/event-stream.ts';
import { clientFor, hear } from '../support/listener.ts';
import { serverForTest, type TestServer } from '../support/server.ts';
import { WORLD } from '../support/world.ts';

const PLAZA = '(conversation: { receiverType: GROUP, receiverId: "plaza" })';
const SAME = `subscription { messageReceived${PLAZA} { ... on TextMessage { text sender { name } } } }`;
const SAME_OTHERWISE = `# in another hand\n${SAME.replaceAll(' ', '\n  ')}`;
const OTHER = SAME.replace('name', 'uid');
const PERSONAL = SAME.replace('name', 'name blockedByMe');

/** Watches from now on: executions that ask who sent a message, the texts made of results, and what leaves in responses. */
function watch({ services }: TestServer) {
  const executions = vi.spyOn(services.users, 'loaders');
  const writes = vi.spyOn(ServerResponse.prototype, 'write');
  const stringified = vi.spyOn(JSON, 'stringify');
  onTestFinished(() => void vi.restoreAllMocks());
  return {
    executions: () => executions.mock.calls.length,
    textsWith: (words: string) =>
      stringified.mock.results.filter(
        ({ value }) => /^{"data":{"messageReceived"/.test(value) && value.includes(words),
      ),
    chunksWith: (words: string) =>
      writes.mock.calls.map(([chunk]) => chunk).filter((chunk) => Buffer.from(chunk).includes(words)),
  };
}

/** Opens one stream each, and gives them once what happens is heard on all. */
async function streamsOf(server: TestServer, ...asked: (readonly [as: string, query: string])[]) {
  const streams = await Promise.all(asked.map(([as, query]) => openStream(server, { as }, query)));
  await hearing(server, streams.length);
  return streams;
}

/** Who is about to hear is counted to every topic. */
async function hearing({ services: { live } }: TestServer, count: number) {
  await expect.poll(() => [live.hub.size(), live.hub.listenersTo('of nobody').length]).toEqual([count, 0]);
}

async function say({ query }: TestServer, text: string) {
  const document = `mutation ($text: String!) {
    sendTextMessage(input: { receiverType: GROUP, receiverId: "plaza", text: $text }) { __typename }
  }`;
  expect((await query(document, { text }, { as: 'ada' })).errors).toEqual([]);
}

const nextOf = (streams: readonly EventStream[]) => Promise.all(streams.map((stream) => stream.next()));
const shown = (text: string, sender: object) => ({ data: { messageReceived: { text, sender } } });

test('event streams that select the same share one execution, one text and the bytes that are sent', async () => {
  const server = await serverForTest({ lines: WORLD });
  const { executions, textsWith, chunksWith } = watch(server);
  await say(server, 'To nobody');
  expect(executions()).toBe(0); // sending alone does not ask
  const who = ['ada', 'bob', 'cyd', 'bob', 'cyd'];
  const streams = await streamsOf(server, ...who.map((as, n) => [as, n % 2 === 0 ? SAME : SAME_OTHERWISE] as const));
  for (const [n, words] of ['One for all', 'All for one'].entries()) {
    await say(server, words);
    expect(await nextOf(streams)).toEqual(who.map(() => shown(words, { name: 'Ada Lovelace' })));
    expect(executions()).toBe(n + 1);
    expect(textsWith(words)).toHaveLength(1);
    expect(chunksWith(words)).toHaveLength(who.length);
    expect(new Set(chunksWith(words)).size).toBe(1);
  }
});

test('an event stream shares its execution with a socket', async () => {
  const server = await serverForTest({ lines: WORLD });
  const { executions, textsWith } = watch(server);
  const streams = await streamsOf(server, ['bob', SAME], ['cyd', SAME]);
  const socket = await hear(clientFor(server, { as: 'bob' }), SAME);
  await hearing(server, 3);
  await say(server, 'Both ways');
  const told = shown('Both ways', { name: 'Ada Lovelace' });
  expect(await nextOf(streams)).toEqual([told, told]);
  expect(await socket.next()).toEqual(told.data);
  expect(executions()).toBe(1);
  expect(textsWith('Both ways')).toHaveLength(1);
});

test('event streams that select something else, or what is personal to others, do not', async () => {
  const server = await serverForTest({ lines: WORLD });
  const { executions, textsWith } = watch(server);
  const streams = await streamsOf(
    server,
    ['bob', SAME],
    ['bob', OTHER],
    ['bob', PERSONAL],
    ['cyd', PERSONAL],
    ['cyd', PERSONAL],
  );
  await say(server, 'To each their own');
  const personally = { name: 'Ada Lovelace', blockedByMe: false };
  expect(await nextOf(streams)).toEqual(
    [{ name: 'Ada Lovelace' }, { uid: 'ada' }, personally, personally, personally].map((sender) =>
      shown('To each their own', sender),
    ),
  );
  expect(executions()).toBe(4);
  expect(textsWith('To each their own')).toHaveLength(4);
});

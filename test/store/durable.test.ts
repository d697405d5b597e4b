import { readFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/store/open.ts';
import { databaseForTest } from '../support/database.ts';
import { serveParley } from '../support/parley.ts';
import { seed } from '../support/seed.ts';
import { type Moment, momentsIn, tracingTo, withStrace } from '../support/system-calls.ts';
import { WORLD } from '../support/world.ts';

const KEY = 'the key of a test server';
const ONE_BY_ONE = 5;
const AT_ONCE = 64;

/** Has things asked of a server on SQLite; gives what it was seen to do, with its writes to the write-ahead log alone. */
async function watch(ask: (url: string) => Promise<void>): Promise<Moment[]> {
  const database = await databaseForTest('sqlite');
  const db = await openDatabase(database, 'write');
  await seed(db, WORLD);
  await db.close();
  const trace = `${database}.trace`;
  const parley = await serveParley({ PARLEY_DATABASE: database, PARLEY_API_KEY: KEY }, tracingTo(trace));
  await ask(parley.url);
  parley.child.kill('SIGTERM');
  expect(await parley.exited).toBe(0);
  const moments = momentsIn(await readFile(trace, 'utf8'));
  return moments.filter((moment) => 'socket' in moment || moment.file === `${database}-wal`);
}

/** People whose connections stay open. */
function createPeople(url: string) {
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${KEY}`, 'x-act-as': 'ada' };

  function ask(method: string, path: string, body?: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const asking = request(`${url}${path}`, { method, headers, agent }, (response: IncomingMessage) =>
        resolve(textOf(response)),
      );
      asking.once('error', reject).end(body);
    });
  }

  return {
    /** Opens as many connections. */
    connect: (count: number) => Promise.all(Array.from({ length: count }, () => ask('GET', '/health'))),
    /** Sends a message, and resolves once it is acknowledged. */
    async send(text: string) {
      const query = `mutation ($text: String!) {
        sendTextMessage(input: { receiverType: GROUP, receiverId: "plaza", text: $text }) { message { id } }
      }`;
      const answer = await ask('POST', '/graphql', JSON.stringify({ query, variables: { text } }));
      expect(answer).toMatch(/"message":{"id":"\d+"}/);
    },
  };
}

interface Answered {
  /** How often what was written after the request came has reached the disk before the answer left. */
  readonly syncs: number;
  /** Whether anything that was written had not reached the disk by then. */
  readonly early: boolean;
}

function answersIn(moments: readonly Moment[]): Answered[] {
  const waiting = new Map<string, { written: boolean; syncs: number }>();
  let early = false;
  return moments.flatMap((moment): Answered[] => {
    if (moment.did === 'ask') waiting.set(moment.socket, { written: false, syncs: 0 });
    if (moment.did === 'write') {
      early = true;
      for (const one of waiting.values()) one.written = true;
    }
    if (moment.did === 'sync') {
      early = false;
      for (const one of waiting.values()) if (one.written) one.syncs += 1;
    }
    const one = moment.did === 'answer' && waiting.get(moment.socket);
    if (!one) return []; // nor is it one to a POST
    waiting.delete(moment.socket);
    return [{ syncs: one.syncs, early }];
  });
}

withStrace(() => {
  test('a send is answered once its message has reached the disk; those at once reach it together', async () => {
    const moments = await watch(async (url) => {
      const people = createPeople(url);
      await people.connect(AT_ONCE);
      for (let n = 0; n < ONE_BY_ONE; n += 1) await people.send(`One by one: ${n}`);
      await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => people.send(`At once: ${n}`)));
    });
    const answers = answersIn(moments);
    expect(answers).toHaveLength(ONE_BY_ONE + AT_ONCE);
    expect(answers.filter(({ syncs, early }) => syncs === 0 || early)).toEqual([]);
    const asks = [...moments.keys()].filter((n) => moments[n]?.did === 'ask');
    const syncs = moments.slice(asks[ONE_BY_ONE]).filter(({ did }) => did === 'sync').length;
    expect(syncs).toBeLessThan(AT_ONCE);
  });
});

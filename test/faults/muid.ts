import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { openDatabase } from '../../src/store/open.ts';
import { createDatabase, type DialectName, dialectsHere } from '../support/database.ts';
import { type Ask, createAsk, type Data, insist } from './asking.ts';
import { readTruth } from './log-truth.ts';
import { createRandom, type Random } from './random.ts';
import { createDifferences, type Differences, type Report } from './report.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';
import { foundTown, planTown } from './town.ts';

const SENDER = 'person-0';
const SOCKETS = 4;
const SEND = 'mutation ($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id text } } }';
const SEND_CUSTOM =
  'mutation ($input: SendCustomMessageInput!) { sendCustomMessage(input: $input) { message { id } } }';

export const SHORT = { rounds: 2, at_once: 100 };
export const LONG = { rounds: 100, at_once: 100 };

/**
 * F5: the same `muid` many times at once, over HTTP and sockets, to one server or two, killed meanwhile or not, with another text, and
 * again after a restart: one message, one id, one event. On PostgreSQL too, where TEST_POSTGRES names a server.
 */
export async function run(scale: typeof LONG, seed: number): Promise<Report> {
  const differences = createDifferences();
  const figures: Record<string, number | string> = { seed };
  for (const dialect of dialectsHere()) {
    Object.assign(figures, await tryDialect(dialect, scale, createRandom(seed), differences));
  }
  return { figures: { ...figures, differences: differences.count() }, differences: differences.found() };
}

async function tryDialect(dialect: DialectName, scale: typeof LONG, random: Random, differences: Differences) {
  const database = await createDatabase(dialect);
  const nodes: ServerProcess[] = [];
  try {
    await foundTown(database.name, planTown({ people: 3, guests: 0, groups: 1, full: 1 }));
    for (let n = 0; n < (dialect === 'sqlite' ? 1 : 2); n++) nodes.push(await createServerProcess(database.name));
    await Promise.all(nodes.map((node) => node.start()));
    const ids = new Map<string, string>();
    let answers = 0;
    for (let round = 0; round < scale.rounds; round++) {
      const muid = `${dialect} ${round}`;
      const to = random.pick([
        { receiverType: 'USER', receiverId: 'person-1' },
        { receiverType: 'GROUP', receiverId: 'group-0' },
      ]);
      const all = sendAtOnce(nodes, { ...to, muid }, scale.at_once, random);
      if (round % 2 === 1) await killOne(random.pick(nodes), random);
      const first = await all;
      answers += first.length;
      const again = await sendAtOnce(nodes, { ...to, muid }, 4, random);
      const given = new Set([...first, ...again].map(({ id, text, code }) => code ?? `${id} ${text}`));
      if (given.size !== 1) differences.add(`"${muid}" was answered with ${[...given].join(', ')}`);
      ids.set(muid, first[0]?.id ?? '');
      await sendOtherwise(nodes, { ...to, muid }, differences);
    }
    await nodes[0]?.kill();
    await nodes[0]?.start();
    for (const [muid, id] of ids) {
      const truthful = await mine(nodes[0] as ServerProcess, muid);
      if (truthful !== id) differences.add(`"${muid}" was ${id}, and is ${truthful} after a restart`);
    }
    await compare(database.name, ids, differences);
    for (const node of nodes) await node.stop();
    differences.add(
      ...nodes.flatMap(({ complaints }) => complaints.map((one) => `${dialect}: the server said: ${one}`)),
    );
    return {
      [`${dialect}: rounds`]: scale.rounds,
      [`${dialect}: answers`]: answers,
      [`${dialect}: servers`]: nodes.length,
    };
  } finally {
    for (const node of nodes) await node.kill();
    await database.drop();
  }
}

async function killOne(node: ServerProcess, random: Random) {
  await wait(random.whole(0, 60));
  await node.kill();
  await node.start();
}

interface Given {
  readonly id?: string;
  readonly text?: string;
  readonly code?: string;
}

/** Sends the same again and again at once, half of it with another text; what has no answer is sent again. */
function sendAtOnce(nodes: readonly ServerProcess[], input: object, times: number, random: Random): Promise<Given[]> {
  const ways = nodes.flatMap((node) => {
    const http = insist(createAsk(node), () => node.ready());
    return [http, ...Array.from({ length: SOCKETS }, () => overSocket(node))];
  });
  const sendings = Array.from({ length: times }, async (_, n): Promise<Given> => {
    const text = random.chance(0.5) ? 'The same' : `Another ${n}`;
    const { data, code } = await (ways[n % ways.length] as Ask)(SENDER, SEND, { input: { ...input, text } });
    return code ? { code } : data.sendTextMessage.message;
  });
  return Promise.all(sendings);
}

/** Asks on a socket of its own that all of its questions share; opens it again where it is lost. */
function overSocket(node: ServerProcess): Ask {
  const client = createClient({
    url: `${node.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${node.apiKey}`, 'x-act-as': SENDER },
    retryAttempts: 0,
  });
  const once = (query: string, variables: object = {}) =>
    new Promise<Data>((resolve, reject) => {
      let result: Data;
      client.subscribe(
        { query, variables: variables as Record<string, unknown> },
        {
          next: (one) => {
            result = one;
          },
          error: (error) => (Array.isArray(error) ? resolve({ errors: error }) : reject(new TypeError('lost'))),
          complete: () => (result ? resolve(result) : reject(new TypeError('lost'))),
        },
      );
    });
  const ask: Ask = async (_as, query, variables) => {
    const { data, errors } = await once(query, variables);
    return errors ? { data, code: errors[0].extensions?.code ?? errors[0].message } : { data };
  };
  return insist(ask, async () => {
    await wait(5);
    await node.ready();
  });
}

/** What is not the same: to another, of another type, by another sender. */
async function sendOtherwise(
  nodes: readonly ServerProcess[],
  input: { readonly muid: string },
  differences: Differences,
): Promise<void> {
  const node = nodes.at(-1) as ServerProcess;
  const ask = insist(createAsk(node), () => node.ready());
  const elsewhere = { ...input, receiverType: 'USER', receiverId: 'person-2', text: 'The same' };
  const refused = [
    await ask(SENDER, SEND, { input: elsewhere }),
    await ask(SENDER, SEND_CUSTOM, { input: { ...input, customData: {} } }),
  ];
  for (const { code, data } of refused) {
    if (code !== 'ERR_BAD_REQUEST') differences.add(`"${input.muid}" elsewhere: ${code} ${JSON.stringify(data)}`);
  }
  const others = await ask('person-2', SEND, {
    input: { ...input, receiverType: 'USER', receiverId: 'person-1', text: 'Mine' },
  });
  if (others.data?.sendTextMessage.message.text !== 'Mine')
    differences.add(`"${input.muid}" is not for another to use`);
}

/** The id that a `muid` is answered with, whatever the text. */
async function mine(node: ServerProcess, muid: string): Promise<string> {
  const ask = createAsk(node);
  for (const [receiverType, receiverId] of [
    ['USER', 'person-1'],
    ['GROUP', 'group-0'],
  ]) {
    const { data } = await ask(SENDER, SEND, { input: { receiverType, receiverId, muid, text: 'After a restart' } });
    if (data) return data.sendTextMessage.message.id;
  }
  return 'nothing';
}

async function compare(database: string, ids: ReadonlyMap<string, string>, differences: Differences): Promise<void> {
  const db = await openDatabase(database, 'read');
  try {
    const { messages, log } = await readTruth(db);
    for (const [muid, id] of ids) {
      const stored = messages.filter((one) => one.muid === muid && one.sender === SENDER).map((one) => String(one.id));
      const told = log.filter(({ kind, messageId }) => kind === 'MESSAGE_SENT' && String(messageId) === id);
      if (stored.join() !== id)
        differences.add(`"${muid}" was answered with ${id}, and is stored as [${stored.join()}]`);
      if (told.length !== 1) differences.add(`"${muid}" has ${told.length} events`);
    }
    const sent = messages.filter(({ sender }) => sender === SENDER);
    if (sent.length !== ids.size) differences.add(`${ids.size} messages were sent, ${sent.length} are stored`);
  } finally {
    await db.close();
  }
}

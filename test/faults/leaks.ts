import { once } from 'node:events';
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import WebSocket from 'ws';
import { type Held, type Observed, observe } from './observe.ts';
import type { Report } from './report.ts';

const AT_ONCE = 40;
const PEOPLE = ['ada', 'bob', 'cyd'];
const GROWTH_MAX = 1.05;

const EVENTS = `subscription ($after: String, $kinds: [EventKind!]) { events(after: $after, kinds: $kinds) {
  cursor ... on MessageSentEvent { message { ... on TextMessage { text } } } } }`;
const PRESENCE = 'subscription ($uids: [ID!]!) { presence(uids: $uids) { uid status } }';
const MESSAGES = 'subscription { messageReceived(receiverType: GROUP, receiverId: "plaza") { id } }';
const KINDS = ['MESSAGE_SENT', 'MESSAGE_EDITED', 'REACTION_ADDED', 'MESSAGES_READ', 'TYPING_STARTED', 'CALL_UPDATED'];

interface Round {
  readonly server: Observed;
  readonly n: number;
  /** A place in the log with events behind it. */
  readonly cursor: string;
}

const pick = <T>(all: readonly T[], n: number): T => all[n % all.length] as T;

/** Ways to come and go; each could leave something behind. */
const WAYS: Record<string, (round: Round) => Promise<void>> = {
  'goes after listening': async (round) => {
    const socket = await signedIn(round);
    say(socket, subscribe('1', EVENTS, { kinds: some(round.n) }), subscribe('2', MESSAGES), ask('3'));
    await answered(socket, '3');
    await left(socket);
  },
  'breaks off while it catches up': async (round) => {
    const socket = await signedIn(round);
    say(socket, subscribe('1', EVENTS, { after: round.cursor }), subscribe('2', EVENTS, { after: round.cursor }));
    await wait(round.n % 8);
    socket.terminate();
    await once(socket, 'close');
  },
  'reads nothing while it catches up': async (round) => {
    const socket = await signedIn(round);
    socket.pause();
    say(socket, subscribe('1', EVENTS, { after: round.cursor }));
    await wait(round.n % 30);
    socket.terminate();
  },
  'completes at once': async (round) => {
    const socket = await signedIn(round);
    say(
      socket,
      subscribe('1', PRESENCE, { uids: uids(round.n) }),
      complete('1'),
      subscribe('1', EVENTS),
      complete('1'),
    );
    say(socket, ask('2'));
    await answered(socket, '2');
    await left(socket);
  },
  'completes what it has heard of': async (round) => {
    const socket = await signedIn(round);
    say(socket, subscribe('1', EVENTS, { after: round.cursor }));
    await answered(socket, '1');
    say(socket, complete('1'), subscribe('2', PRESENCE, { uids: uids(round.n) }), ask('3'));
    await answered(socket, '3');
    await left(socket);
  },
  'is refused on each operation': async (round) => {
    const socket = await signedIn(round);
    say(socket, ask('1', '{ users('), ask('2', '{ nothing }'), subscribe('3', PRESENCE, { uids: ['nobody'] }));
    await answered(socket, '3');
    await left(socket);
  },
  'uses an id twice': async (round) => {
    const socket = await signedIn(round);
    say(socket, subscribe('1', EVENTS), subscribe('1', EVENTS));
    await once(socket, 'close');
  },
  'is gone while it signs in': async (round) => {
    const socket = await opened(round);
    say(socket, hello(round));
    if (round.n % 2) await wait(1);
    socket.terminate();
  },
  'is not let in': async (round) => {
    const socket = await opened(round);
    say(socket, { type: 'connection_init', payload: { authorization: 'Bearer nothing that is known' } });
    await once(socket, 'close');
  },
  'says nothing': async (round) => left(await opened(round)),
  'is refused the upgrade': async ({ server, n }) => {
    const socket = new WebSocket(`${addressOf(server)}/nowhere`, 'graphql-transport-ws', from(n));
    await once(socket, 'error');
  },
  'leaves an event stream': async (round) => {
    const asking = await asked(round, { query: EVENTS, variables: { kinds: some(round.n) } });
    asking.destroy();
  },
  'leaves an event stream that it does not read': async (round) => {
    const asking = await asked(round, { query: EVENTS, variables: { after: round.cursor } });
    await wait(round.n % 20);
    asking.destroy();
  },
};

interface Scale {
  /** Connects before the first look: caches are full then. */
  readonly warmUp: number;
  readonly connects: number;
}

export const SHORT: Scale = { warmUp: 1_500, connects: 1_500 };
export const LONG: Scale = { warmUp: 10_000, connects: 100_000 };

/** F16: comes and goes in every way, many times, and compares what the server holds with what it held before. */
export async function run({ warmUp, connects }: Scale): Promise<Report> {
  const server = await observe();
  try {
    const cursor = await prepare(server);
    await comeAndGo(server, warmUp, cursor);
    const before = await settled(server);
    const start = performance.now();
    await comeAndGo(server, connects, cursor);
    const seconds = (performance.now() - start) / 1000;
    const after = await settled(server);
    return {
      figures: { connects, seconds: Math.round(seconds), ...shown('before', before), ...shown('after', after) },
      differences: differences(before, after),
    };
  } finally {
    await server.stop();
  }
}

/** Events to catch up with: some megabytes of them. */
async function prepare(server: Observed): Promise<string> {
  const cursor = (await query(server, '{ cursor }')).data.cursor as string;
  const send = 'mutation ($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id } } }';
  for (let n = 0; n < 60; n += 1) {
    const input = { receiverType: 'USER', receiverId: 'bob', text: 'x'.repeat(10_000) };
    const { errors } = await query(server, send, { input });
    if (errors) throw new Error(JSON.stringify(errors));
  }
  return cursor;
}

async function comeAndGo(server: Observed, count: number, cursor: string) {
  const ways = Object.entries(WAYS);
  let n = 0;
  const walk = async () => {
    for (let mine = n++; mine < count; mine = n++) {
      const [name, way] = pick(ways, mine);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer: who ${name}`)), 30_000);
      });
      await Promise.race([way({ server, n: mine, cursor }), late]).finally(() => clearTimeout(timer));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, walk));
}

/** What is held once all who went are gone, and nobody is online any more. */
async function settled(server: Observed): Promise<Held> {
  let held = await server.held();
  for (let tries = 0; tries < 50 && held.sockets + held.listeners + held.sessions + held.online > 0; tries += 1) {
    await wait(200);
    held = await server.held();
  }
  return held;
}

function differences(before: Held, after: Held): string[] {
  const found: string[] = [];
  for (const name of ['sockets', 'listeners', 'sessions', 'online'] as const) {
    if (after[name] > 0) found.push(`${after[name]} ${name} are left`);
  }
  for (const name of ['timers', 'resources', 'heap'] as const) {
    if (after[name] > before[name] * GROWTH_MAX) found.push(`${name}: ${before[name]} before, ${after[name]} after`);
  }
  if (after.buffers > before.buffers + 1_000_000)
    found.push(`buffers: ${before.buffers} before, ${after.buffers} after`);
  return found;
}

const shown = (when: string, held: Held) =>
  Object.fromEntries(Object.entries(held).map(([name, value]) => [`${name} ${when}`, value]));

const some = (n: number) => KINDS.filter((_kind, bit) => (n >> bit) & 1 || bit === n % KINDS.length);
const uids = (n: number) => Array.from({ length: 1 + (n % 7) }, (_, k) => pick(PEOPLE, n * (k + 1)));
const subscribe = (id: string, text: string, variables: object = {}) => ({
  id,
  type: 'subscribe',
  payload: { query: text, variables },
});
const ask = (id: string, text = '{ __typename }') => subscribe(id, text);
const complete = (id: string) => ({ id, type: 'complete' });
const hello = ({ server, n }: Round) => ({
  type: 'connection_init',
  payload: { authorization: `Bearer ${server.apiKey}`, 'x-act-as': pick(PEOPLE, n) },
});
const addressOf = ({ url }: Observed) => url.replace('http', 'ws');
/** So many connections need more than the ports of one address. */
const from = (n: number) => ({ localAddress: `127.0.${1 + (n % 50)}.1`, handshakeTimeout: 30_000 });

function say(socket: WebSocket, ...messages: object[]) {
  for (const message of messages) socket.send(JSON.stringify(message));
}

async function opened({ server, n }: Round): Promise<WebSocket> {
  const socket = new WebSocket(`${addressOf(server)}/graphql`, 'graphql-transport-ws', from(n));
  await once(socket, 'open');
  socket.on('error', () => {});
  return socket;
}

async function signedIn(round: Round): Promise<WebSocket> {
  const socket = await opened(round);
  say(socket, hello(round));
  await once(socket, 'message');
  return socket;
}

function answered(socket: WebSocket, id: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (data: WebSocket.RawData) => {
      if (!String(data).includes(`"id":"${id}"`)) return;
      socket.off('message', look);
      resolve();
    };
    socket.on('message', look);
  });
}

async function left(socket: WebSocket) {
  socket.close();
  await once(socket, 'close');
}

async function asked({ server, n }: Round, operation: object) {
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    authorization: `Bearer ${server.apiKey}`,
    'x-act-as': pick(PEOPLE, n),
  };
  const { localAddress } = from(n);
  const asking = request(`${server.url}/graphql`, { method: 'POST', headers, agent: false, localAddress });
  asking.on('error', () => {});
  asking.end(JSON.stringify(operation));
  await once(asking, 'response');
  return asking;
}

async function query(server: Observed, text: string, variables = {}) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${server.apiKey}`, 'x-act-as': 'ada' };
  const asking = request(`${server.url}/graphql`, { method: 'POST', headers, agent: false }); // leaves no connection
  asking.end(JSON.stringify({ query: text, variables }));
  const [response] = await once(asking, 'response');
  // biome-ignore lint/suspicious/noExplicitAny: fails where it is something else
  return (await json(response)) as any;
}

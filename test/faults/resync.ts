import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { type DialectName, dialectsHere, runSql } from '../support/database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { WORLD } from '../support/world.ts';
import { createRandom, type Random } from './random.ts';
import { createDifferences, type Differences, type Report } from './report.ts';

const UID = 'ada';
const DAY = 86_400;
const EVENTS = 'subscription ($after: String) { events(after: $after) { kind cursor } }';
const SEND = 'mutation ($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id } } }';

export const SHORT = { each: 20, events: 30 };
export const LONG = { each: 2_000, events: 300 };

/** What a cursor must be answered with: what comes after it, the word that it can't be resumed, or an error. */
type Expected = 'resumed' | 'resync' | 'error';

interface Case {
  readonly what: string;
  readonly cursor: string;
  readonly expected: Expected;
  /** The cursor of the event that comes next. */
  readonly next?: string | undefined;
}

/**
 * F3: cursors that can't be resumed, because what they stand before is no longer kept, because they are of another log, or of one as
 * it was before history was imported, of the future, or no cursors at all. Each is answered so, first; none is passed over in silence.
 */
export async function run(scale: typeof LONG, seed: number): Promise<Report> {
  const differences = createDifferences();
  const figures: Record<string, number | string> = { seed };
  for (const dialect of dialectsHere()) {
    const counts = await tryDialect(dialect, scale, createRandom(seed), differences);
    for (const [what, count] of counts) figures[`${dialect}: ${what}`] = count;
  }
  return { figures: { ...figures, differences: differences.count() }, differences: differences.found() };
}

async function tryDialect(dialect: DialectName, scale: typeof LONG, random: Random, differences: Differences) {
  const counts = new Map<string, number>();
  const server = await startTestServer({ dialect, lines: WORLD, env: { PARLEY_MAX_MESSAGES: '1000000' } });
  const other = await startTestServer({ dialect, lines: WORLD });
  const client = openClient(server);
  const ask = async (cases: readonly Case[]) => {
    for (const [n, one] of cases.entries()) {
      const first = n % 10 === 0 ? await firstOfStream(server, one.cursor) : await firstOfSocket(client, one.cursor);
      counts.set(one.what, (counts.get(one.what) ?? 0) + 1);
      const wrong = judge(one, first);
      if (wrong) differences.add(`${dialect}: ${one.what}, "${one.cursor}": ${wrong}`);
    }
  };
  try {
    const cursors = await happen(server, scale.events);
    const others = await happen(other, scale.events);
    const known = cursors.slice(0, -1).map((cursor, n) => ({ cursor, next: cursors[n + 1] }));
    const some = <T>(list: readonly T[]) => Array.from({ length: scale.each }, () => random.pick(list));
    await ask(some(known).map((one) => ({ ...one, what: 'a cursor of the log', expected: 'resumed' as const })));
    await ask(some(others).map((cursor) => ({ cursor, what: 'of another log', expected: 'resync' as const })));
    await ask(
      some(cursors.slice(1)).map((cursor) => ({
        cursor: later(cursor, random),
        what: 'of the future',
        expected: 'resync' as const,
      })),
    );
    await ask(some(cursors).map((cursor) => garbage(cursor, cursors, random)));

    const floor = Math.floor(cursors.length / 2);
    const position = Number(parts(cursors[floor] as string)?.[2]);
    await runSql(server.database, `update events set at = at - ${31 * DAY} where position <= ${position}`);
    await server.services.retention.sweep();
    await ask(
      some(known.slice(floor)).map((one) => ({ ...one, what: 'of what is kept', expected: 'resumed' as const })),
    );
    await ask(
      some(known.slice(0, floor)).map(({ cursor }) => ({
        cursor,
        what: 'of what is no longer kept',
        expected: 'resync' as const,
      })),
    );

    await server.seed([
      {
        kind: 'message',
        value: {
          id: 900_000,
          sender: 'bob',
          receiver: UID,
          receiverType: 'user',
          category: 'message',
          type: 'text',
          text: 'Imported',
          sentAt: 2_000_000_000,
        },
      },
    ]);
    await ask(some(cursors).map((cursor) => ({ cursor, what: 'of before an import', expected: 'resync' as const })));
    return counts;
  } finally {
    await client.dispose();
    await server.stop();
    await other.stop();
  }
}

/** Lets things happen; gives the cursors of all that the user hears of, and the one before. */
async function happen(server: TestServer, events: number): Promise<string[]> {
  const { data } = await server.query('{ cursor }', {}, { as: UID });
  for (let n = 0; n < events; n++) {
    const to = { receiverType: 'USER', receiverId: UID };
    await server.query(SEND, { input: { ...to, text: `Text ${n}` } }, { as: n % 3 === 0 ? 'cyd' : 'bob' });
  }
  const client = openClient(server);
  const cursors: string[] = [data.cursor];
  await new Promise<void>((resolve, reject) => {
    client.subscribe<{ events: { cursor: string } }>(
      { query: EVENTS, variables: { after: data.cursor } },
      {
        next({ data: heard }) {
          cursors.push(heard?.events.cursor ?? '');
          if (cursors.length > events) resolve();
        },
        error: reject,
        complete: reject,
      },
    );
  });
  await client.dispose();
  return cursors;
}

const parts = (cursor: string): string[] | undefined => {
  const text = Buffer.from(cursor, 'base64url').toString();
  const found = /^([^:]+):(\d+):(\d+)$/.exec(text);
  return found && Buffer.from(text).toString('base64url') === cursor ? found.slice(1) : undefined;
};

const made = (epoch: string, xid: number, position: number) =>
  Buffer.from(`${epoch}:${xid}:${position}`).toString('base64url');

/** A cursor of the same log, of what has not happened yet. */
function later(cursor: string, random: Random): string {
  const [epoch = '', xid = '', position = ''] = parts(cursor) ?? [];
  const more = 10 ** random.whole(4, 12);
  const byTransaction = Number(xid) > 0 || random.chance(0.5); // on PostgreSQL the transaction's number comes first
  return byTransaction ? made(epoch, Number(xid) + more, Number(position)) : made(epoch, 0, Number(position) + more);
}

/** Something that may look like a cursor. */
function garbage(cursor: string, cursors: readonly string[], random: Random): Case {
  const bytes = Buffer.from(cursor, 'base64url');
  const at = random.whole(0, bytes.length - 1);
  const [epoch = '', xid = '', position = ''] = parts(cursor) ?? [];
  const ways: (() => string)[] = [
    () => '',
    () => ' ',
    () => `${cursor}=`,
    () => ` ${cursor}`,
    () => `${cursor}\n`,
    () => cursor.slice(0, random.whole(1, cursor.length - 1)),
    () => `${cursor}${random.pick(['A', 'MQ', '-_', '00'])}`,
    () =>
      Buffer.from([
        ...bytes.subarray(0, at),
        (bytes[at] ?? 0) ^ (1 << random.whole(0, 7)),
        ...bytes.subarray(at + 1),
      ]).toString('base64url'),
    () => Buffer.from(Array.from({ length: random.whole(1, 60) }, () => random.whole(0, 255))).toString('base64url'),
    () => String.fromCodePoint(...Array.from({ length: random.whole(1, 30) }, () => random.whole(1, 0xd7ff))),
    () => made(epoch, -1, Number(position)),
    () => Buffer.from(`${epoch}:${xid}:0${position}`).toString('base64url'),
    () => Buffer.from(`${epoch}:${xid}:${'9'.repeat(random.whole(16, 400))}`).toString('base64url'),
    () => Buffer.from(`${epoch}:${xid}:${position}.5`).toString('base64url'),
    () => Buffer.from(`:${xid}:${position}`).toString('base64url'),
    () => position,
    () => '0'.repeat(random.whole(1, 10_000)),
    () => "' or 1=1 --",
  ];
  const text = random.pick(ways)();
  const found = parts(text);
  if (!found) return { what: 'no cursor', cursor: text, expected: 'error' };
  const [made0, x, p] = found as [string, string, string];
  const sound = String(Number(p)) === p && String(Number(x)) === x && p.length <= 15 && x.length <= 15;
  if (!sound) return { what: 'no cursor', cursor: text, expected: 'error' };
  if (made0 !== epoch) return { what: 'of another log', cursor: text, expected: 'resync' };
  const place = [Number(x), Number(p)] as const;
  const after = cursors.findIndex((one) => isBefore(place, one));
  if (after < 0) return { what: 'of the future', cursor: text, expected: 'resync' };
  return { what: 'a cursor of the log', cursor: text, expected: 'resumed', next: cursors[after] };
}

/** Whether a place comes before a cursor's. */
function isBefore([xid, position]: readonly [number, number], cursor: string): boolean {
  const [, x, p] = parts(cursor) ?? [];
  return xid < Number(x) || (xid === Number(x) && position < Number(p));
}

type First = { readonly kind: string; readonly cursor: string } | { readonly code: string };

function judge({ expected, next }: Case, first: First): string | undefined {
  if ('code' in first) {
    return expected === 'error' && first.code === 'ERR_INVALID_CURSOR' ? undefined : `answered with ${first.code}`;
  }
  if (expected === 'error') return `taken, and ${first.kind} came first`;
  if (expected === 'resync') return first.kind === 'RESYNC_REQUIRED' ? undefined : `${first.kind} came first`;
  return first.cursor === next ? undefined : `${first.kind} ${first.cursor} came first, and not ${next}`;
}

const openClient = ({ url, apiKey }: TestServer) =>
  createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${apiKey}`, 'x-act-as': UID },
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => {},
  });

/** What comes first after a cursor, on a socket. */
function firstOfSocket(client: ReturnType<typeof openClient>, after: string): Promise<First> {
  return new Promise((resolve, reject) => {
    const stop = client.subscribe<{ events: { kind: string; cursor: string } }>(
      { query: EVENTS, variables: { after } },
      {
        next({ data, errors }) {
          resolve(data?.events ?? { code: String(errors?.[0]?.extensions?.['code']) });
          setImmediate(() => stop());
        },
        error: (error) =>
          Array.isArray(error) ? resolve({ code: String(error[0]?.extensions?.['code']) }) : reject(error as Error),
        complete: () => {},
      },
    );
  });
}

/** The same, on a stream of server-sent events. */
async function firstOfStream({ url, apiKey }: TestServer, after: string): Promise<First> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiKey}`,
      'x-act-as': UID,
      'content-type': 'application/json',
      accept: 'text/event-stream',
    },
    body: JSON.stringify({ query: EVENTS, variables: { after } }),
  });
  let text = '';
  for await (const piece of response.body ?? []) {
    text += Buffer.from(piece).toString();
    const line = /^data: (.+)$/m.exec(text)?.[1];
    if (!line) continue;
    const { data, errors } = JSON.parse(line);
    return data?.events ?? { code: String(errors?.[0]?.extensions?.code) };
  }
  return { code: `nothing but ${text}` };
}

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signIn } from './data.ts';
import type { Data, Viewer } from './history.ts';
import { type Ask, type Load, startLoad } from './load.ts';
import { makeHistory } from './made-history.ts';
import { WORDS } from './made-lines.ts';
import { type Figure, median } from './measure.ts';
import type { Options } from './options.ts';
import { QUESTIONS } from './peers/questions.ts';
import { type Server, startParley } from './server.ts';
import { timeStarts } from './starting.ts';

const CONNECTIONS = 32;
const FULL = { small: 200_000, large: 5_000_000, rounds: 5, seconds: 1.5 };
const SMOKE = { small: 4_000, large: 8_000, rounds: 1, seconds: 0.1 };

const SEARCH = `query Search($search: String!) { searchMessages(first: 20, filter: { search: $search }) { nodes {
  id sentAt sender { uid name } ... on TextMessage { text }
} } }`;
const SEND = `mutation Send($input: SendTextMessageInput!) {
  sendTextMessage(input: $input) { message { id sentAt sender { uid } } }
}`;

/** What is asked, and in which order: sends last, as they make the databases grow. */
const bodiesFor = ({ guid }: Viewer): Record<string, string> => {
  const input = { receiverType: 'GROUP', receiverId: guid, text: 'The quick brown fox jumps over the lazy dog' };
  const body = (query: string, variables?: object) => JSON.stringify({ query, variables });
  return {
    'conversation list': body(QUESTIONS.list),
    'newest page': body(QUESTIONS.page, { guid }),
    'unread, over all conversations': body('{ unreadMessageCount }'),
    'unread in a group': body(
      'query Unread($guid: ID!) { group(guid: $guid) { conversation { unreadMessageCount } } }',
      { guid },
    ),
    'newest hits of a common word': body(SEARCH, { search: WORDS.common }),
    'newest hits of a rarer word': body(SEARCH, { search: WORDS.rarer }),
    'a send': body(SEND, { input }),
  };
};

/**
 * What the same people ask of a short and of a long history, over HTTP; how long a server with the long one takes to start, and the
 * memory that it holds after all of it.
 */
export async function run(options: Options): Promise<Figure[]> {
  const { rounds, ...sizes } = options.smoke ? SMOKE : { ...FULL, large: options.messages ?? FULL.large };
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-scale-'));
  const load = startLoad();
  const servers: Contender[] = [];
  try {
    const data: Data[] = [];
    for (const messages of [sizes.small, sizes.large]) {
      const made = await makeHistory({ ...options, messages });
      const file = join(folder, `${messages}.db`);
      cpSync(made.file, file); // sends are not to stay
      data.push({ ...made, file });
    }
    const starts = await timeStarts(data.at(-1)?.file ?? '', rounds);
    for (const one of data) {
      const viewers = await signIn(one);
      servers.push({ server: await startParley(one.file), asks: asksOf(viewers) });
    }
    const figures: Figure[] = [];
    const [small, large] = servers as [Contender, Contender];
    const growth = `${sizes.large.toLocaleString('en')} messages : ${sizes.small.toLocaleString('en')}`;
    for (const question of small.asks.keys()) {
      const taken = await race(load, [small, large], question, rounds, sizes.seconds);
      figures.push({
        what: `${question}: ${growth}`,
        value: Number((median(taken[0].map(({ rate }) => rate)) / median(taken[1].map(({ rate }) => rate))).toFixed(2)),
        unit: '×',
        promised: 'at most 1.3',
        byProcessorTime: Number(
          (median(taken[1].map(({ cpu }) => cpu)) / median(taken[0].map(({ cpu }) => cpu))).toFixed(2),
        ),
      });
    }
    const messages = `${sizes.large.toLocaleString('en')} messages`;
    return [
      ...figures,
      {
        what: `start to ready with ${messages}`,
        value: Math.round(median(starts)),
        unit: 'ms',
        promised: 'under 1000',
      },
      {
        what: `memory after it all with ${messages}`,
        value: Math.round(large.server.memory()),
        unit: 'MB',
        promised: 'under 400',
      },
    ];
  } finally {
    load.stop();
    for (const { server } of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Contender {
  readonly server: Server;
  /** What all viewers ask, by question. */
  readonly asks: ReadonlyMap<string, readonly Ask[]>;
}

function asksOf(viewers: readonly (Viewer & { readonly token: string })[]): Contender['asks'] {
  const all = viewers.flatMap((viewer) =>
    Object.entries(bodiesFor(viewer)).map(([question, body]) => ({ question, token: viewer.token, body })),
  );
  return Map.groupBy(all, ({ question }) => question);
}

interface Round {
  readonly rate: number;
  readonly cpu: number;
}

/** Loads both in turn; the first round warms them up, and does not count. */
async function race(
  load: Load,
  contenders: readonly [Contender, Contender],
  question: string,
  rounds: number,
  seconds: number,
): Promise<readonly [Round[], Round[]]> {
  const taken: [Round[], Round[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    for (const n of round % 2 ? ([0, 1] as const) : ([1, 0] as const)) {
      const { server, asks } = contenders[n];
      const before = server.cpu();
      const order = { port: server.port, connections: CONNECTIONS, asks: asks.get(question) ?? [], seconds };
      const { rate, answers } = await load.run(order);
      if (round > 0) taken[n].push({ rate, cpu: (server.cpu() - before) / answers });
    }
  }
  return taken;
}

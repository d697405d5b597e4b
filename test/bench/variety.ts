import { dataFor, signIn } from './data.ts';
import { type Latencies, type LoadResult, startLoad } from './load.ts';
import { type Figure, median } from './measure.ts';
import { newDocuments } from './new-documents.ts';
import type { Options } from './options.ts';
import { QUESTIONS } from './peers/questions.ts';
import { startParley } from './server.ts';

const CONNECTIONS = 8;
const REQUESTS = { full: 20_000, smoke: 400 };
const PORTIONS = 8;
const KNOWN = 20;

/**
 * A stream of ever new documents, which no cache can help: what memory the server holds as it goes on, and how long somebody waits
 * meanwhile who asks a plain question on a connection of their own; beside them, the same with documents that are known.
 */
export async function run(options: Options): Promise<Figure[]> {
  const data = await dataFor(options);
  const [{ token, guid } = { token: '', guid: '' }] = await signIn(data);
  const server = await startParley(data.file);
  const load = startLoad();
  const ask = (body: string) => ({ token, body });
  const beside = ask(JSON.stringify({ query: QUESTIONS.me }));
  const send = (bodies: readonly string[], times: number) =>
    load.run({ port: server.port, connections: CONNECTIONS, asks: bodies.map(ask), times, beside });
  try {
    const times = (options.smoke ? REQUESTS.smoke : REQUESTS.full) / PORTIONS;
    const bodies = newDocuments(times * PORTIONS, guid).map((query) => JSON.stringify({ query }));
    const known = bodies.slice(0, KNOWN);
    await send(known, times); // warms up
    const [ofKnown, ofNew, held]: [LoadResult[], LoadResult[], number[]] = [[], [], []];
    for (let portion = 0; portion < PORTIONS; portion++) {
      ofKnown.push(await send(known, times));
      held.push(server.memory());
      const fresh = bodies.slice(portion * times, (portion + 1) * times).flatMap(someTwice);
      ofNew.push(await send(fresh, fresh.length));
    }
    held.push(server.memory());
    const rate = (results: readonly LoadResult[]) => Math.round(median(results.map((one) => one.rate)));
    const wait = (results: readonly LoadResult[], which: keyof Latencies) =>
      median(results.map((one) => one.beside?.[which] ?? Number.NaN));
    return [
      figure('known documents', rate(ofKnown), '/s'),
      figure('ever new documents', rate(ofNew), '/s'),
      figure('me beside known documents, p99', wait(ofKnown, 'p99'), 'ms'),
      figure('me beside ever new documents, p99', wait(ofNew, 'p99'), 'ms'),
      figure('me beside ever new documents, longest', Math.max(...ofNew.map(({ beside }) => beside?.max ?? 0)), 'ms'),
      figure('memory before', held[0] ?? Number.NaN, 'MB'),
      figure(`memory after ${(times * PORTIONS) / 2} new documents`, held[PORTIONS / 2] ?? Number.NaN, 'MB'),
      figure(`memory after ${times * PORTIONS} new documents`, held[PORTIONS] ?? Number.NaN, 'MB'),
    ];
  } finally {
    load.stop();
    await server.stop();
  }
}

const figure = (what: string, value: number, unit: string): Figure => ({
  what: `variety: ${what}`,
  value: Number(value.toFixed(1)),
  unit,
  promised: '',
});

/** Every third one is sent again at once, as what is seen twice may be kept. */
const someTwice = (body: string, n: number) => (n % 3 === 0 ? [body, body] : [body]);

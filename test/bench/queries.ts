import assert from 'node:assert/strict';
import { dataFor, signIn } from './data.ts';
import { type Ask, type Load, startLoad } from './load.ts';
import { type Figure, median } from './measure.ts';
import type { Options } from './options.ts';
import { QUESTIONS, type Question } from './peers/questions.ts';
import { installPeers, PEERS, startPeer } from './peers.ts';
import { type Server, startParley } from './server.ts';

const CONNECTIONS = 32;
const SIGHTS = 3; // of each question, by each server and for each viewer, before the first round
const FULL = { rounds: 7, seconds: 1.2, warmUp: 2 };
const SMOKE = { rounds: 1, seconds: 0.1, warmUp: 0.1 };

const NAMES = ['parley', ...PEERS] as const;
type Name = (typeof NAMES)[number];

const TITLES: Record<Question, string> = {
  list: 'conversation list of 20',
  page: 'page of 50 messages',
  me: 'me',
};

/** What Parley is to reach of each: the least ratio of its rate to theirs. */
const PROMISED: Record<Question, Partial<Record<Name, number>>> = {
  list: { 'hand-written': 0.85, apollo: 4.5, mercurius: 1.3 },
  page: { 'hand-written': 0.85, apollo: 4.5, mercurius: 1.3 },
  me: { 'hand-written': 0.8, apollo: 3, mercurius: 0.95 },
};

/**
 * Queries over HTTP at 32 connections: Parley as it is shipped against a handler written by hand for these questions and three GraphQL
 * servers, all over one database file, all with the same bytes for an answer, loaded one at a time in turn.
 */
export async function run(options: Options): Promise<Figure[]> {
  installPeers();
  const data = await dataFor(options);
  const viewers = await signIn(data);
  const asks = (question: Question) =>
    viewers.map(({ token, guid }) => {
      const variables = question === 'page' ? { guid } : undefined;
      return { token, body: JSON.stringify({ query: QUESTIONS[question], variables }) };
    });
  const servers = new Map<Name, Server>();
  const load = startLoad();
  try {
    servers.set('parley', await startParley(data.file));
    for (const peer of PEERS) servers.set(peer, await startPeer(peer, data.file));
    const race = new Race(servers, load, options.smoke ? SMOKE : FULL);
    const questions = Object.keys(QUESTIONS) as Question[];
    for (const question of questions) await race.compare(question, asks(question));
    for (const question of questions) await race.warmUp(question);
    const figures: Figure[] = [];
    for (const question of questions) figures.push(...figuresOf(question, await race.run(question)));
    return figures;
  } finally {
    load.stop();
    for (const server of servers.values()) await server.stop();
  }
}

/** What a round gave: answers a second, and µs of the server's processor time for each. */
interface Round {
  readonly rate: number;
  readonly cpu: number;
}

class Race {
  readonly #servers: ReadonlyMap<Name, Server>;
  readonly #load: Load;
  readonly #length: typeof FULL;
  /** What is asked of each server, with what it answers. */
  readonly #asks = new Map<string, Ask[]>();

  constructor(servers: ReadonlyMap<Name, Server>, load: Load, length: typeof FULL) {
    [this.#servers, this.#load, this.#length] = [servers, load, length];
  }

  /** Asks everybody often enough that what compiles has compiled. Throws where a byte of JSON differs from Parley's. */
  async compare(question: Question, asks: readonly Ask[]): Promise<void> {
    for (const ask of asks) {
      let wanted: string | undefined;
      for (const [name, server] of this.#servers) {
        for (let n = 0; n < SIGHTS; n++) {
          const expected = await server.ask(ask);
          wanted ??= expected;
          // Apollo ends its bodies with a line feed, which is no part of the JSON.
          assert.equal(expected.trimEnd(), wanted, `${TITLES[question]}: ${name} answers otherwise than Parley`);
          if (n === 0) this.#asksOf(name, question).push({ ...ask, expected });
        }
      }
      const { data } = JSON.parse(wanted ?? '');
      const nodes = data.conversations?.nodes ?? data.group?.conversation.messages.nodes;
      if (question !== 'me')
        assert.equal(nodes.length, question === 'list' ? 20 : 50, `${TITLES[question]}: ${wanted}`);
    }
  }

  async warmUp(question: Question): Promise<void> {
    for (const name of NAMES) await this.#ask(name, question, this.#length.warmUp);
  }

  /** Loads one server after the other, each round in another order. */
  async run(question: Question): Promise<ReadonlyMap<Name, Round[]>> {
    const rounds = new Map(NAMES.map((name) => [name, [] as Round[]]));
    for (let round = 0; round < this.#length.rounds; round++) {
      const order = NAMES.map((_, n) => NAMES[(n + round) % NAMES.length] as Name);
      for (const name of order) rounds.get(name)?.push(await this.#ask(name, question, this.#length.seconds));
    }
    return rounds;
  }

  #asksOf(name: Name, question: Question): Ask[] {
    const key = `${name} ${question}`;
    const asks = this.#asks.get(key) ?? [];
    this.#asks.set(key, asks);
    return asks;
  }

  async #ask(name: Name, question: Question, seconds: number): Promise<Round> {
    const server = this.#servers.get(name) as Server;
    const before = server.cpu();
    const order = { port: server.port, connections: CONNECTIONS, asks: this.#asksOf(name, question), seconds };
    const { rate, answers } = await this.#load.run(order);
    return { rate, cpu: (server.cpu() - before) / answers };
  }
}

function figuresOf(question: Question, rounds: ReadonlyMap<Name, Round[]>): Figure[] {
  const of = (name: Name, what: keyof Round) => median((rounds.get(name) ?? []).map((round) => round[what]));
  const title = TITLES[question];
  return [
    ...NAMES.map((name) => ({
      what: `${title}: ${name}`,
      value: Math.round(of(name, 'rate')),
      unit: '/s',
      promised: '',
      byProcessorTime: Math.round(of(name, 'cpu')),
    })),
    ...PEERS.map((peer) => {
      const promised = PROMISED[question][peer];
      return {
        what: `${title}: Parley : ${peer}`,
        value: Number((of('parley', 'rate') / of(peer, 'rate')).toFixed(2)),
        unit: '×',
        promised: promised ? `at least ${promised}` : '',
        byProcessorTime: Number((of(peer, 'cpu') / of('parley', 'cpu')).toFixed(2)),
      };
    }),
  ];
}

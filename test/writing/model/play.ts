import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { checkAll } from '../../../src/transfer/check-service.ts';
import { type Asker, askerOf } from '../../support/ask.ts';
import type { DialectName } from '../../support/database.ts';
import { loggedSince, logPosition, toldTo } from '../../support/log.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { differences } from './differences.ts';
import { fetchAll } from './fetch.ts';
import { MUTATIONS } from './mutations.ts';
import type { Back, Operation, Step } from './operations.ts';
import { plain, type Times } from './plain.ts';
import { START_LINES, startWorld } from './start.ts';
import { type All, thingsOf, untold } from './told.ts';
import { allSeen } from './views.ts';
import { KEY, Refusal, type World } from './world.ts';

const STEPS_BETWEEN_COMPARISONS = 25;
/** Everything is fetched at once: more than anybody else may ask for. */
const NO_LIMITS = { PARLEY_MAX_COST: '1000000000', PARLEY_MAX_BODY_KB: '4096', PARLEY_MAX_TOKENS: '10000' };

/** Takes the steps on a new server and in memory, and fails where the two differ. */
export async function play(dialect: DialectName, steps: readonly Step[]): Promise<void> {
  const server = await startTestServer({ dialect, lines: START_LINES, env: NO_LIMITS });
  try {
    const game = createGame(server);
    for (const [n, step] of steps.entries()) {
      if ('together' in step) await game.takeTogether(step.together);
      else await game.take(step);
      if ((n + 1) % STEPS_BETWEEN_COMPARISONS === 0) await game.compare();
    }
    await game.compare();
    expect(await checkAll(server.db), 'parley check').toEqual([]);
  } finally {
    await server.stop();
  }
}

function createGame(server: TestServer) {
  const ask: Asker = askerOf(() => server);
  let world = startWorld();
  /** The server's ids of the messages, in order. */
  const ids: string[] = [];
  /** What each was shown at the last comparison, and where the log stood. */
  let before = new Map<string, ReturnType<typeof thingsOf>>();
  let position = 0;

  const placeOf = (id: string | number) => ids.indexOf(String(id)) + 1;

  /** The input with the messages that it means: as the model names them, and as the server does. */
  function inputOf({ input }: Operation, nameOf: (place: number) => string): object {
    const named = Object.entries(input).map(([key, value]) => {
      const age = (value as Partial<Back> | null)?.back;
      return [key, age === undefined ? value : nameOf(ids.length + 1 - age)];
    });
    return Object.fromEntries(named);
  }

  async function send(operation: Operation): Promise<unknown> {
    const { as, mutation } = operation;
    const input = inputOf(operation, (place) => ids[place - 1] ?? '999999999');
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${MUTATIONS[mutation].fields} } }`;
    const { data, errors } = await ask.answer(as, document, { input });
    const [error] = errors;
    if (!error) return data[mutation];
    const code = error.extensions['code'];
    return { code: String(code).startsWith('GRAPHQL_') ? error.message : code };
  }

  /** Learns the ids of new messages from answers. */
  function learn(answers: readonly unknown[]): void {
    const fresh = answers.flatMap(messagesIn).filter((id) => !ids.includes(String(id)));
    ids.push(...[...new Set(fresh.map(Number))].sort((a, b) => a - b).map(String));
  }

  /** What the model answers. */
  function answerOf(state: World, { as, mutation }: Operation, input: object): unknown {
    try {
      if (as !== KEY && state.people.get(as)?.state !== 'active') return { code: 'AUTH_ERR_NO_ACCESS' };
      return MUTATIONS[mutation].run(state, as, input);
    } catch (error) {
      if (error instanceof Refusal) return { code: error.code };
      throw error;
    }
  }

  /** All that everybody is shown. */
  async function fetchEverything(): Promise<ReadonlyMap<string, object>> {
    const uids = activeIn(world);
    return new Map(await Promise.all(uids.map(async (uid) => [uid, await fetchAll(ask, uid)] as const)));
  }

  const plainOf = (all: ReadonlyMap<string, object>, times: Times) =>
    new Map([...all].map(([uid, shown]) => [uid, plain(shown, placeOf, times) as All]));

  /** "What a viewer fetched before, plus the log since, equals what they fetch after." */
  async function expectTold(all: ReadonlyMap<string, object>): Promise<void> {
    const after = new Map([...plainOf(all, 'kept')].map(([uid, shown]) => [uid, thingsOf(uid, shown)]));
    const log = await loggedSince(server, position);
    for (const [uid, things] of after) {
      const then = before.get(uid);
      if (!then) continue;
      const told = (await toldTo(server, uid, log)).map((event) => ({
        ...event,
        message: placeOf(event.messageId ?? 0),
        upTo: placeOf((event.details as { upTo?: number } | null)?.upTo ?? 0),
      }));
      const events = told.map(({ kind, by, user, message }) => [kind, by, user, message].join(' '));
      expect(untold(uid, then, things, told), `${uid} was told: ${events.join(', ')}`).toEqual([]);
    }
    before = after;
    position = await logPosition(server);
  }

  return {
    /** Takes one step, and compares its answer. */
    async take(operation: Operation): Promise<void> {
      const expected = answerOf(world, operation, inputOf(operation, String));
      const answer = await send(operation);
      learn([answer]);
      expect(differences(plain(answer, placeOf), expected), JSON.stringify(operation)).toEqual([]);
      expect(ids.length, `messages after ${JSON.stringify(operation)}`).toBe(world.messages.length);
    },

    /** Takes steps at once: some order of them must explain the codes, the messages and all that is to be seen after. */
    async takeTogether(operations: readonly Operation[]): Promise<void> {
      const inputs = operations.map((operation) => inputOf(operation, String));
      const answers = await Promise.all(operations.map(send));
      learn(answers);
      const outcomes = answers.map((answer) => outcomeOf(plain(answer, placeOf)));
      const orders = ordersOf(operations.map((_, n) => n)).map((order) => {
        const after = structuredClone(world);
        const said = new Map(
          order.map((n) => [n, outcomeOf(answerOf(after, operations[n] as Operation, inputs[n] as object))]),
        );
        return { after, said: operations.map((_, n) => said.get(n)) };
      });
      const explaining = orders.filter(({ said }) => isDeepStrictEqual(said, outcomes)).map(({ after }) => after);
      if (explaining.length === 0) {
        expect(outcomes, JSON.stringify(operations)).toEqual(orders.map(({ said }) => said));
      }
      const all = plainOf(await fetchEverything(), 'noted');
      world = explaining.find((after) => isDeepStrictEqual(all, viewsOf(after))) ?? (explaining[0] as World);
      expect(differences(all, viewsOf(world)), JSON.stringify(operations)).toEqual([]);
    },

    /** Compares all that everybody is shown with the model, and with what the log has told them since the last time. */
    async compare(): Promise<void> {
      const all = await fetchEverything();
      expect(differences(plainOf(all, 'noted'), viewsOf(world)), 'what is shown').toEqual([]);
      await expectTold(all);
    },
  };
}

const activeIn = ({ people }: World) => [...people].filter(([, { state }]) => state === 'active').map(([uid]) => uid);

const viewsOf = (world: World) => new Map(activeIn(world).map((uid) => [uid, allSeen(world, uid) as object]));

interface Payload {
  readonly code?: string;
  readonly message?: { readonly id: unknown } | null;
  readonly action?: { readonly id: unknown } | null;
  readonly members?: readonly Payload[];
}

/** The ids of the messages that an answer holds. */
function messagesIn(answer: unknown): unknown[] {
  const { message, action, members = [] } = answer as Payload;
  return [...[message, action].flatMap((one) => (one ? [one.id] : [])), ...members.flatMap(messagesIn)];
}

/** What an answer says that nothing done at the same time can change. */
const outcomeOf = (answer: unknown) => (answer as Payload).code ?? messagesIn(answer);

const ordersOf = (all: readonly number[]): number[][] =>
  all.length === 0
    ? [[]]
    : all.flatMap((one) => ordersOf(all.filter((other) => other !== one)).map((rest) => [one, ...rest]));

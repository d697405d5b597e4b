import { setImmediate as nextTurn } from 'node:timers/promises';
import { type SQL, sql } from 'drizzle-orm';
import fc from 'fast-check';
import { LRUCache } from 'lru-cache';
import { afterEach, expect, test, vi } from 'vitest';
import { fingerprint } from '../../src/auth/credential.ts';
import { authStore } from '../../src/auth/store.ts';
import type { Database, Handle } from '../../src/store/handle.ts';
import { openDatabase } from '../../src/store/open.ts';
import { type Asker, askerOf } from '../support/ask.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { ALL_MUTATIONS, arbitrarySteps, type Back, type Operation, type Step } from '../writing/model/operations.ts';
import { START_LINES, UIDS } from '../writing/model/start.ts';
import { comparison } from './comparison.ts';

const { CACHES_SEED = '1', CACHES_RUNS = '12', CACHES_PATH } = process.env;
const STEPS_MAX = 120;
const MINUTE = 60_000;

afterEach(() => vi.restoreAllMocks());

/** What is in the way of a snapshot that is held meanwhile, of a disk that takes nothing, or of nothing. */
type Taken =
  | Step
  | { readonly held: Step }
  | { readonly undone: Step }
  | { readonly sign: 'in' | 'out'; readonly uid: string }
  | { readonly purge: Back }
  | { readonly delete: string; readonly permanent: boolean };

const uid = fc.constantFrom(...UIDS);
const steps: fc.Arbitrary<Taken[]> = fc.noBias(
  arbitrarySteps(ALL_MUTATIONS, STEPS_MAX).chain((all) =>
    fc.tuple(
      ...all.map((step) =>
        fc.oneof<fc.MaybeWeightedArbitrary<Taken>[]>(
          { weight: 80, arbitrary: fc.constant(step) },
          { weight: 4, arbitrary: fc.constant({ held: step }) },
          { weight: 4, arbitrary: fc.constant({ undone: step }) },
          { weight: 4, arbitrary: fc.record({ sign: fc.constantFrom('in', 'in', 'out' as const), uid }) },
          { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }).map((back) => ({ purge: { back } })) },
          { weight: 1, arbitrary: fc.record({ delete: uid, permanent: fc.boolean() }) },
        ),
      ),
    ),
  ),
);

test('what is read through the caches is what the file holds, at every moment', { timeout: 3 * MINUTE }, async () => {
  keepRowsAsTheyAre();
  await fc.assert(fc.asyncProperty(steps, play), {
    seed: Number(CACHES_SEED),
    numRuns: Number(CACHES_RUNS),
    interruptAfterTimeLimit: 2 * MINUTE,
    ...(CACHES_PATH && { path: CACHES_PATH, endOnFailure: true }),
  });
});

/** What is kept is everybody's: who changes it fails. */
function keepRowsAsTheyAre() {
  const { set } = LRUCache.prototype;
  vi.spyOn(LRUCache.prototype, 'set').mockImplementation(function (
    this: LRUCache<object, object>,
    key,
    value,
    ...rest
  ) {
    const { mine, id } = Object(value);
    freeze(mine ?? (id === undefined ? undefined : value));
    return set.call(this, key, value, ...rest) as typeof this;
  });
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}

async function play(taken: readonly Taken[]): Promise<void> {
  const server = await startTestServer({ lines: START_LINES });
  const plain = await openDatabase(server.database, 'read');
  try {
    const game = createGame(server, plain);
    for (const step of taken) await game.take(step);
    await game.compareTokens();
  } finally {
    await plain.close();
    await server.stop();
  }
}

/** A job after which its transaction, and all that others did in it, can only be undone. */
function leaveUncommittable({ db, t }: Handle): void {
  const { run } = db as unknown as { run(statement: SQL): void };
  run.call(db, sql`pragma defer_foreign_keys = on`);
  run.call(db, sql`insert into ${t.messageTags} (tag, message_id) values ('of none', 999999999)`);
}

function createGame(server: TestServer, plain: Database) {
  const ask: Asker = askerOf(() => server);
  const compareFor = comparison(server, plain);
  const ids: string[] = [];
  const tokens: string[] = [];
  let turn = 0;

  async function send({ as, mutation, input }: Operation): Promise<void> {
    const named = Object.entries(input).map(([key, value]) => {
      const age = (value as { back?: number } | null)?.back;
      return [key, age === undefined ? value : (ids.at(-age) ?? '999999999')];
    });
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const fields = /^send/.test(mutation) ? 'message { id }' : '__typename';
    const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${fields} } }`;
    const { data } = await ask.answer(as, document, { input: Object.fromEntries(named) });
    const id = data?.[mutation]?.message?.id;
    if (id && !ids.includes(id)) ids.push(id);
  }

  async function sign(way: 'in' | 'out', who: string): Promise<void> {
    const mutation = way === 'in' ? 'createAuthToken' : 'revokeAuthTokens';
    const fields = way === 'in' ? 'authToken' : 'count';
    const { data } = await ask.answer('KEY', `mutation { ${mutation}(input: { uid: "${who}" }) { ${fields} } }`);
    if (data?.[mutation]?.authToken) tokens.push(data[mutation].authToken);
  }

  const compare = () => compareFor(UIDS[turn++ % UIDS.length] as string);

  /** Goes on comparing while something is done. */
  async function comparing(doing: Promise<unknown>): Promise<void> {
    let done = false;
    const ended = doing.finally(() => (done = true));
    try {
      while (!done) {
        compare();
        await nextTurn();
      }
    } finally {
      await ended;
    }
    compare();
  }

  function doing(step: Step): Promise<unknown> {
    return 'together' in step ? Promise.all(step.together.map(send)) : send(step);
  }

  /** Both connections look at the moment before the step until it is done. */
  async function hold(step: Step): Promise<void> {
    await server.db.snapshot(() =>
      plain.snapshot(async () => {
        compare();
        await comparing(doing(step));
      }),
    );
    compare();
  }

  /** Does the step while no transaction can be committed. */
  async function undo(step: Step): Promise<void> {
    let done = false;
    const ended = doing(step).finally(() => (done = true));
    while (!done) await expect(server.db.write('test', leaveUncommittable)).rejects.toThrow('FOREIGN KEY');
    await ended;
    compare();
  }

  return {
    async take(step: Taken): Promise<void> {
      if ('held' in step) await hold(step.held);
      else if ('undone' in step) await undo(step.undone);
      else if ('sign' in step) await comparing(sign(step.sign, step.uid));
      else if ('purge' in step) {
        await comparing(
          send({ as: 'KEY', mutation: 'deleteMessage', input: { messageId: step.purge, permanent: true } }),
        );
      } else if ('delete' in step) {
        const { delete: uid, permanent } = step;
        const document =
          'mutation ($uid: ID!, $permanent: Boolean) { deleteUser(input: {uid: $uid, permanent: $permanent}) { uid } }';
        await comparing(ask.answer('KEY', document, { uid, permanent }));
      } else await comparing(doing(step));
      if (turn % 7 === 0) await this.compareTokens();
    },

    /** Whoever signs in is whom the file names. */
    async compareTokens(): Promise<void> {
      for (const token of tokens) {
        const { data } = await server.query('{ me { uid } }', {}, { token });
        const found = await authStore(plain.read).tokenByHash(fingerprint(token));
        const holds = found && found.deactivatedAt === null && found.deletedAt === null;
        expect(data?.me?.uid).toBe(holds ? found.uid : undefined);
      }
    },
  };
}

import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { now } from '../../src/clock.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { CALLS_WORLD, PEOPLE } from './calls-world.ts';
import { createTown, type Deed } from './town.ts';

/** What a failure prints repeats it: CALLS_SEED is its seed, CALLS_PATH its path. CALLS_RUNS plays more games, or fewer. */
const { CALLS_SEED = '5', CALLS_RUNS, CALLS_PATH } = process.env;
const RUNS = { sqlite: 40, postgres: 8 };
const MINUTE = 60_000;

const person = fc.constantFrom(...PEOPLE);
const nth = fc.nat({ max: 3 });

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      who: person,
      to: fc.oneof(person, fc.constant('hall')),
      timeout: fc.constantFrom(5, 45, 300),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom('accept' as const, 'accept' as const, 'reject' as const, 'cancel' as const, 'end' as const),
      who: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('caller', 'receiver') }, { weight: 3, arbitrary: person }),
      nth,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('connect' as const, 'disconnect' as const), who: person }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'join' as const), who: person }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('block' as const, 'unblock' as const), who: person, to: person }),
  },
);

/** Somebody who calls two others, and answers what rings for them, all at the same moment. */
const rush: fc.Arbitrary<Deed[]> = fc.tuple(person, person, person).map(([who, one, other]) => [
  { do: 'call', who, to: one, timeout: 45 },
  { do: 'call', who, to: other, timeout: 45 },
  { do: 'accept', who, nth: 0 },
  { do: 'accept', who, nth: 1 },
]);

/** What happens: some deeds at the same moment, time that passes, or a stop of the server for a while. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.array(deed, { minLength: 1, maxLength: 4 }) },
  { weight: 2, arbitrary: rush },
  { weight: 2, arbitrary: fc.record({ pass: fc.constantFrom(1, 6, 20, 31, 46) }) },
  { weight: 1, arbitrary: fc.record({ down: fc.constantFrom(1, 31, 400) }) },
);

eachDialect((dialect) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ dialect, lines: CALLS_WORLD });
  });
  afterAll(() => server.stop());

  test('whatever is done, calls move as the tables say, each has an end, and nobody free is busy', {
    timeout: 2 * MINUTE,
  }, async () => {
    let time = now();
    const game = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const town = await createTown(server, time);
      try {
        for (const one of steps) {
          if (Array.isArray(one)) await town.atOnce(one);
          else if ('pass' in one) await town.pass(one.pass);
          else await town.restart(one.down);
          await town.check();
        }
        await town.finish();
      } finally {
        time = await town.leave();
      }
    });
    await fc.assert(game, {
      seed: Number(CALLS_SEED),
      numRuns: Number(CALLS_RUNS ?? RUNS[dialect]),
      interruptAfterTimeLimit: MINUTE,
      ...(CALLS_PATH && { path: CALLS_PATH, endOnFailure: true }),
    });
  });
});

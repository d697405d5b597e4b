import fc from 'fast-check';
import { test } from 'vitest';
import { eachDialect } from '../support/each-dialect.ts';
import { ALL_MUTATIONS, arbitrarySteps } from './model/operations.ts';
import { play } from './model/play.ts';

/**
 * What a failure prints repeats it: MODEL_SEED is its seed, MODEL_PATH its path. MODEL_RUNS plays more games, or fewer. A failing game
 * is made as short as it can be within the minute.
 */
const { MODEL_SEED = '1', MODEL_RUNS, MODEL_PATH } = process.env;
const RUNS = { sqlite: 24, postgres: 6 };
const STEPS_MAX = 200;
const MINUTE = 60_000;

eachDialect((dialect) => {
  test('whatever is done, Parley answers, shows and tells what the model does', { timeout: 2 * MINUTE }, async () => {
    const game = fc.asyncProperty(arbitrarySteps(ALL_MUTATIONS, STEPS_MAX), (steps) => play(dialect, steps));
    await fc.assert(game, {
      seed: Number(MODEL_SEED),
      numRuns: Number(MODEL_RUNS ?? RUNS[dialect]),
      interruptAfterTimeLimit: MINUTE,
      ...(MODEL_PATH && { path: MODEL_PATH, endOnFailure: true }),
    });
  });
});

import { expect, test } from 'vitest';
import { run, SHORT } from '../faults/leaks.ts';

test('who comes and goes, in whatever way, leaves nothing behind', { timeout: 120_000 }, async () => {
  const { figures, differences } = await run(SHORT);
  expect(differences, JSON.stringify(figures)).toEqual([]);
});

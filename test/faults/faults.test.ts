import { expect, test } from 'vitest';
import * as kills from './kills.ts';
import * as muid from './muid.ts';
import * as resync from './resync.ts';
import * as storm from './storm.ts';

// The short forms of the programs; the long ones are `npm run fault -- <name> --long`.
const LONG_ENOUGH = { timeout: 120_000 };

test('a server that is killed under load loses nothing, and who listens misses nothing', LONG_ENOUGH, async () => {
  const { differences } = await kills.run(kills.SHORT, 1);
  expect(differences).toEqual([]);
});

test(
  'who is cut off again and again hears everything once, in order, and one read of the log is enough',
  LONG_ENOUGH,
  async () => {
    const { differences } = await storm.run(storm.SHORT, 1);
    expect(differences).toEqual([]);
  },
);

test('whatever a client gives as a cursor, it is resumed, told to begin anew, or refused', LONG_ENOUGH, async () => {
  const { differences } = await resync.run(resync.SHORT, 1);
  expect(differences).toEqual([]);
});

test('one muid sent many times at once, to two servers, killed meanwhile, is one message', LONG_ENOUGH, async () => {
  const { differences } = await muid.run(muid.SHORT, 1);
  expect(differences).toEqual([]);
});

import { expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { askerOf } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { planOf, READS_ALL, type Statement, watch } from '../support/plans.ts';
import { serverForTest } from '../support/server.ts';
import { CALLS_WORLD, HALL, toUser } from './calls-world.ts';

eachDialect((dialect) => {
  test('no call costs more for the calls that there were before', async () => {
    const statements: Statement[] = [];
    watch(statements, /^(select|update)/i);
    const server = await serverForTest({ dialect, lines: CALLS_WORLD, callClock: systemClock });
    const ask = askerOf(() => server);
    for (const to of [toUser('ben'), HALL]) {
      const begun = await ask.run('ann', 'initiateCall', { ...to, callType: 'AUDIO' }, 'call { sessionId }');
      const { sessionId } = begun.call;
      await ask.data('ben', '{ activeCall { id } }');
      await ask.run('ben', 'acceptCall', { sessionId }, 'call { id }');
      await ask.run('ann', 'sendCallSignal', { sessionId, to: 'ben', signal: 1 }, 'sessionId');
      await ask.run('ann', 'endCall', { sessionId }, 'call { id }');
      if (to === HALL) await ask.run('ben', 'endCall', { sessionId }, 'call { id }');
    }
    vi.restoreAllMocks();
    const about = new Map(statements.filter(({ text }) => /"call/.test(text)).map((one) => [one.text, one.values]));
    expect(about.size).toBeGreaterThan(8);
    for (const [text, values] of about) {
      const steps = await planOf(server, text, values);
      expect(
        steps.filter((step) => READS_ALL.test(step)),
        text,
      ).toEqual([]);
    }
  });
});

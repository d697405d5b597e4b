import { onTestFinished, vi } from 'vitest';

/**
 * Stops the clock until the test ends, for one that compares answers whole: from a second to the next, whoever asks was last active
 * later, and a file's address may be a new one. Timers go on.
 */
export function holdClock(): void {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
}

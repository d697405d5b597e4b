import { existsSync } from 'node:fs';
import { type BrowserContext, chromium } from 'playwright-core';
import { describe, onTestFinished, test } from 'vitest';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Runs a suite where there is a Chromium; in CI there must be one. */
export function withBrowser(suite: () => void): void {
  if (existsSync(CHROMIUM)) describe('in Chromium', suite);
  else if (process.env['CI']) test('in Chromium', refuse);
  else describe.skip(`in Chromium: left out, as there is none at ${CHROMIUM}; CHROMIUM names another`, suite);
}

function refuse() {
  throw new Error(`in CI there must be a Chromium at ${CHROMIUM}, or where CHROMIUM says`);
}

/** A browser as it is on its first day, closed when the running test ends; `args` are switches of Chromium. */
export async function openBrowser(args: readonly string[] = []): Promise<BrowserContext> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking', ...args],
  });
  onTestFinished(() => browser.close());
  return browser.newContext({ viewport: { width: 1400, height: 900 } });
}

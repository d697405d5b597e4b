import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { CALLS_WORLD } from '../calls/calls-world.ts';
import { askerOf } from '../support/ask.ts';
import { openBrowser, withBrowser } from '../support/browser.ts';
import { serverForTest } from '../support/server.ts';

/** Media devices that need no hardware and no permission, and addresses of this machine as they are. */
const FAKE_MEDIA = [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--allow-loopback-in-peer-connection',
];

async function openPages(...uids: string[]) {
  const site = await servePage();
  const server = await serverForTest({ lines: CALLS_WORLD, callClock: systemClock, env: { PARLEY_ORIGINS: site } });
  const ask = askerOf(() => server);
  const browser = await openBrowser(FAKE_MEDIA);
  const pages = await Promise.all(
    uids.map(async (uid) => {
      const { authToken } = await ask.run('KEY', 'createAuthToken', { uid }, 'authToken');
      return openPage(browser, `${site}/?server=${server.url}#${authToken}`);
    }),
  );
  return { ask, pages };
}

/** Serves the page, as the site of an application would; gives the site's origin. */
async function servePage(): Promise<string> {
  const body = await readFile('test/e2e/call.html');
  const site = createServer((_req, res) => void res.setHeader('content-type', 'text/html').end(body));
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  onTestFinished(() => void site.close().closeAllConnections());
  return `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
}

async function openPage(browser: BrowserContext, url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  await shows(page, 'ready');
  return page;
}

const shows = (page: Page, state: string) => page.locator('#state', { hasText: new RegExp(`^${state}$`) }).waitFor();

/** How many packets of sound and of picture have come in. */
const received = (page: Page) =>
  page.evaluate(async () => {
    const { connection } = window as unknown as { connection: { getStats(): Promise<Map<string, Stat>> } };
    interface Stat {
      type: string;
      kind: 'audio' | 'video';
      packetsReceived: number;
    }
    const stats = [...(await connection.getStats()).values()].filter(({ type }) => type === 'inbound-rtp');
    return {
      audio: 0,
      video: 0,
      ...Object.fromEntries(stats.map(({ kind, packetsReceived }) => [kind, packetsReceived])),
    };
  });

const connectionState = (page: Page) =>
  page.evaluate(() => (window as unknown as { connection: { connectionState: string } }).connection.connectionState);

async function hears(page: Page) {
  const before = await received(page);
  await expect
    .poll(
      async () => {
        const { audio, video } = await received(page);
        return audio > before.audio + 10 && video > before.video + 10;
      },
      { timeout: 20_000 },
    )
    .toBe(true);
}

withBrowser(() => {
  test('two browsers ring, answer, see and hear each other, and hang up, by Parley’s signals alone', {
    timeout: 60_000,
  }, async () => {
    const { ask, pages } = await openPages('fay', 'gus', 'gus');
    const [caller, receiver, otherDevice] = pages as [Page, Page, Page];
    await caller.fill('#uid', 'gus');
    await caller.click('#call');
    await shows(caller, 'calling gus');
    await Promise.all([shows(receiver, 'fay calls'), shows(otherDevice, 'fay calls')]);
    await receiver.click('#answer');
    await shows(otherDevice, 'answered on another device');
    await Promise.all([shows(caller, 'connected'), shows(receiver, 'connected')]);
    await Promise.all([hears(caller), hears(receiver)]);
    await receiver.click('#end');
    await Promise.all([shows(caller, 'ended'), shows(receiver, 'ended')]);
    expect(await Promise.all([caller, receiver].map(connectionState))).toEqual(['closed', 'closed']);
    expect(await ask.data('fay', '{ activeCall { id } }')).toEqual({ activeCall: null });
  });

  test('a page that closes its doors has left its call, and the other end shows it', { timeout: 90_000 }, async () => {
    const { pages } = await openPages('fay', 'gus');
    const [caller, receiver] = pages as [Page, Page];
    await caller.fill('#uid', 'gus');
    await caller.click('#call');
    await shows(receiver, 'fay calls');
    await receiver.click('#answer');
    await shows(caller, 'connected');
    const closed = performance.now();
    await receiver.close();
    await caller.locator('#state', { hasText: /^ended$/ }).waitFor({ timeout: 60_000 });
    expect((performance.now() - closed) / 1000).toBeGreaterThan(28);
    expect((performance.now() - closed) / 1000).toBeLessThan(40);
  });
});

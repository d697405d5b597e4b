import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openBrowser, withBrowser } from '../support/browser.ts';
import { databaseForTest } from '../support/database.ts';
import { serveParley } from '../support/parley.ts';

async function openPlayground() {
  const parley = await serveParley({ PARLEY_DATABASE: await databaseForTest('sqlite') });
  const page = await (await openBrowser()).newPage();
  const elsewhere: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== parley.url) elsewhere.push(request.url());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${parley.url}/graphql`);
  await showsTab(page, 'Conversations');
  return { ...parley, page, elsewhere, complaints };
}

/** Runs the open tab; gives the answer that came, once the page shows it. */
async function run(page: Page): Promise<{ data: Record<string, never> }> {
  const [response] = await Promise.all([
    page.waitForResponse((one) => one.request().method() === 'POST' && !isIntrospection(one.request().postData())),
    page.getByRole('button', { name: 'Execute query' }).click(),
  ]);
  await page.locator('.result-window').getByText('"data"').waitFor();
  return JSON.parse(await response.text());
}

async function openTab(page: Page, name: string) {
  await page.getByRole('tab', { name }).click();
  await showsTab(page, name);
  // Once GraphiQL has read the document it notes it in the address; before, it would run the last tab's operation.
  await page.waitForURL((url) => operation(name).test(url.searchParams.get('query') ?? ''));
}

const operation = (name: string) => new RegExp(`(query|mutation|subscription)\\s${name}`); // the editor's spaces do not break

const showsTab = (page: Page, name: string) =>
  page.locator('.graphiql-query-editor').getByText(operation(name)).waitFor();

const isIntrospection = (body: string | null) => body?.includes('__schema') ?? false;
const tabs = (page: Page) => page.getByRole('tab').filter({ hasText: /\w/ }).allInnerTexts();

/** Another of the demo's users writes to the one who is signed in. */
async function sendText(url: string, key: string, text: string) {
  const query = `mutation ($text: String!) {
    sendTextMessage(input: { receiverType: USER, receiverId: "cometchat-uid-1", text: $text }) { message { id } } }`;
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${key}`,
    'x-act-as': 'cometchat-uid-4',
  };
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables: { text } }),
  });
  expect(await response.json()).toMatchObject({ data: { sendTextMessage: expect.anything() } });
}

withBrowser(() => {
  test('it opens signed in to the demo, and its first tab shows who asks and their conversations', async () => {
    const { page, elsewhere, complaints } = await openPlayground();
    expect(await run(page)).toMatchObject({ data: { me: { uid: 'cometchat-uid-1' } } });
    await page.locator('.result-window').getByText('cometchat-uid-1').waitFor();
    expect({ elsewhere, complaints }).toEqual({ elsewhere: [], complaints: [] });
  });

  test('its other tabs give a page of messages, and find some', async () => {
    const { page, complaints } = await openPlayground();
    await openTab(page, 'Messages');
    const messages = await run(page);
    expect(messages).toMatchObject({ data: { conversation: { messages: { nodes: expect.any(Array) } } } });
    await openTab(page, 'Search');
    const found = await run(page);
    expect(found).toMatchObject({ data: { searchMessages: { nodes: [expect.anything()] } } });
    expect(complaints).toEqual([]);
  });

  test('it sends a text, and reacts to one', async () => {
    const { page, complaints } = await openPlayground();
    await openTab(page, 'Send');
    const sent = await run(page);
    expect(sent).toMatchObject({
      data: { sendTextMessage: { message: { text: 'Hello, everybody!', status: 'SENT' } } },
    });
    await openTab(page, 'React');
    const reacted = await run(page);
    const reactions = expect.arrayContaining([{ reaction: '🦋', count: 1, reactedByMe: true }]);
    expect(reacted).toMatchObject({ data: { addReaction: { message: { id: '6', reactions } } } });
    expect(complaints).toEqual([]);
  });

  test('it shows what happens as it happens, until it is stopped', async () => {
    const { page, stdout, url, elsewhere, complaints } = await openPlayground();
    const [, key = ''] = /API key +(\S+)/.exec(stdout()) ?? [];
    const send = (text: string) => sendText(url, key, text);
    const shows = (text: string) => page.locator('.result-window').getByText(text);
    await openTab(page, 'Listen');
    const streams = page.waitForResponse((one) => one.headers()['content-type']?.includes('event-stream') ?? false);
    await page.getByRole('button', { name: 'Execute query' }).click();
    const stream = (await streams).request();
    await expect
      .poll(async () => {
        await send('Is it listening?');
        return shows('Is it listening?').count();
      })
      .toBeGreaterThan(0);
    for (const text of ['The first', 'The second']) {
      await send(text);
      await shows(text).waitFor();
    }
    const ended = page.waitForEvent('requestfailed', (request) => request === stream);
    await page.getByRole('button', { name: 'Stop query' }).click();
    await ended;
    await send('Too late');
    expect(await shows('Too late').count()).toBe(0);
    expect({ elsewhere, complaints }).toEqual({ elsewhere: [], complaints: [] });
  });

  test('after a reload it is still signed in, with the same tabs', async () => {
    const { page } = await openPlayground();
    await openTab(page, 'Search');
    await page.waitForFunction(() => localStorage.getItem('graphiql:tabState')?.includes('"activeTabIndex":2'));
    const before = await tabs(page);
    await page.reload();
    await showsTab(page, 'Search');
    expect(await tabs(page)).toEqual(before);
    await openTab(page, 'Conversations');
    expect(await run(page)).toMatchObject({ data: { me: { uid: 'cometchat-uid-1' } } });
  });

  test('the key is nowhere in the browser’s storage', async () => {
    const { page, stdout } = await openPlayground();
    await run(page);
    await page.waitForFunction(() => localStorage.getItem('graphiql:tabState') !== null);
    const key = /API key +(\S+)/.exec(stdout())?.[1] ?? 'none';
    const stored = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
    expect(stored).not.toContain(key);
  });
});

test('no page of another origin can read the playground, and none can frame it', async () => {
  const { url } = await serveParley({ PARLEY_DATABASE: await databaseForTest('sqlite') });
  const headers = { accept: 'text/html', origin: 'https://evil.example' };
  const page = await fetch(`${url}/graphql`, { headers });
  expect(page.headers.get('access-control-allow-origin')).toBeNull();
  expect(page.headers.get('cross-origin-resource-policy')).toBe('same-origin');
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(page.headers.get('cache-control')).toBe('no-store');
});

test('its files are compressed and kept by the browser for good', async () => {
  const { url } = await serveParley({ PARLEY_DATABASE: await databaseForTest('sqlite') });
  const page = await (await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })).text();
  const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => `${url}${path}`);
  expect(files.length).toBe(4);
  for (const file of files) {
    const { status, headers } = await fetch(file);
    expect([status, headers.get('content-encoding')]).toEqual([200, 'gzip']);
    expect(headers.get('cache-control')).toContain('immutable');
    expect(Number(headers.get('content-length'))).toBeLessThan(1_600_000);
  }
  const plain = await fetch(files[0] ?? '', { headers: { 'accept-encoding': 'identity' } });
  expect([plain.status, plain.headers.get('content-encoding')]).toEqual([200, null]);
});

test('in production it is there without any key', async () => {
  const key = 'the key of a test server';
  const { url } = await serveParley({ PARLEY_API_KEY: key, PARLEY_DATABASE: await databaseForTest('sqlite') });
  const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
  expect(page.headers.get('content-type')).toContain('text/html');
  const text = await page.text();
  expect(text).not.toContain(key);
  expect(text).not.toContain('Bearer');
});

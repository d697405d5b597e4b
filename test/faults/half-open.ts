import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { observe } from './observe.ts';
import type { Report } from './report.ts';

const CLIENT = fileURLToPath(new URL('./half-open-client.ts', import.meta.url));
const [SPACE, HERE, THERE] = ['parley-f12', 'parley-f12-a', 'parley-f12-b'];
const [ADDRESS, OTHER] = ['10.231.12.1', '10.231.12.2'];
const PING_MS = 12_000;
const TEXT = 'x'.repeat(10_000);
const SEND = 'mutation ($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id } } }';

interface Scale {
  readonly clients: number;
  /** Messages of 10 KB that are on the way to a dead client: with more than 1 MB it is cut off before it is found. */
  readonly messages: number;
}

export const SHORT: Scale = { clients: 5, messages: 50 };
export const LONG: Scale = { clients: 100, messages: 90 };

/** F12: the network to some clients dies without a word; two pings find it, their user is offline then, and what waited is freed. */
export async function run({ clients, messages }: Scale): Promise<Report> {
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });
  const server = await observe({ HOST: ADDRESS_ANY });
  const { port } = new URL(server.url);
  ip('netns', 'add', SPACE);
  try {
    ip('link', 'add', HERE, 'type', 'veth', 'peer', 'name', THERE, 'netns', SPACE);
    ip('addr', 'add', `${ADDRESS}/30`, 'dev', HERE);
    ip('link', 'set', HERE, 'up');
    ip('-n', SPACE, 'addr', 'add', `${OTHER}/30`, 'dev', THERE);
    ip('-n', SPACE, 'link', 'set', THERE, 'up');
    const client = spawn('ip', [
      'netns',
      'exec',
      SPACE,
      process.execPath,
      CLIENT,
      `ws://${ADDRESS}:${port}/graphql`,
      server.apiKey,
      String(clients),
    ]);
    client.stderr.pipe(process.stderr);
    process.once('exit', () => client.kill('SIGKILL'));
    await once(client.stdout, 'data');
    const before = await server.held();
    ip('-n', SPACE, 'link', 'set', THERE, 'down');
    const start = performance.now();
    for (let n = 0; n < messages; n += 1) await send(`http://127.0.0.1:${port}`, server.apiKey);
    const waiting = await server.held();
    let held = waiting;
    let foundMs = 0;
    while (held.online > 0 && performance.now() - start < 4 * PING_MS) {
      await wait(100);
      held = await server.held();
      if (held.sessions === 0) foundMs ||= performance.now() - start;
    }
    const offlineMs = performance.now() - start;
    await wait(6_000); // the patience with a close that is not answered, where one was cut off
    const after = await server.held();
    client.kill('SIGKILL');
    const differences: string[] = [];
    if (before.sessions !== clients) differences.push(`${before.sessions} sessions of ${clients} at the start`);
    if (after.sessions + after.listeners + after.sockets + after.online > 0)
      differences.push(`left: ${JSON.stringify(after)}`);
    if (foundMs === 0 || foundMs > 2 * PING_MS + 1_500) differences.push(`found after ${foundMs} ms`);
    if (after.buffers > before.buffers + 1_000_000)
      differences.push(`${after.buffers - before.buffers} bytes are kept`);
    return {
      figures: {
        clients,
        'found after, ms': Math.round(foundMs),
        'offline after, ms': Math.round(offlineMs),
        'bytes that waited': waiting.buffers - before.buffers,
        'bytes kept at the end': after.buffers - before.buffers,
      },
      differences,
    };
  } finally {
    await server.stop();
    ip('link', 'del', HERE); // the namespace would keep it while the kernel still knows of connections there
    ip('netns', 'del', SPACE);
  }
}

const ADDRESS_ANY = '0.0.0.0';

async function send(url: string, apiKey: string) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, 'x-act-as': 'bob' };
  const variables = { input: { receiverType: 'USER', receiverId: 'ada', text: TEXT } };
  const { host } = new URL(url);
  const response = await fetch(`http://${host}/graphql`, {
    method: 'POST',
    headers: { ...headers, connection: 'close' },
    body: JSON.stringify({ query: SEND, variables }),
  });
  await response.text();
}

import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { useServer } from '../support/ask.ts';
import { mediaOf } from '../support/media.ts';
import { MULTIPART, multipartBody, sendingParts } from '../support/multipart.ts';
import { WORLD } from '../support/world.ts';

const ask = useServer('sqlite', WORLD);
const TO_BOB = { receiverType: 'USER', receiverId: 'bob', type: 'FILE' };

/** What somebody does to the bytes of a request: cuts them, changes some, or leaves some out; and when they hang up. */
const damage = fc.record({
  cutAt: fc.option(fc.nat(), { nil: undefined }),
  change: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
  hangUp: fc.boolean(),
  chunk: fc.constantFrom(7, 1_000, 100_000),
});

/** Sends bytes as the body of a request, and waits for the end of the connection. */
async function post(body: Buffer, length: number, chunk: number, hangUp: boolean): Promise<void> {
  const { hostname, port } = new URL(ask.server().url);
  const socket = connect(Number(port), hostname);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {}).resume();
  const head = [
    'POST /graphql HTTP/1.1',
    'host: localhost',
    'connection: close',
    `authorization: Bearer ${ask.server().apiKey}`,
    'x-act-as: ada',
    `content-type: ${MULTIPART['content-type']}`,
    `content-length: ${length}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  for (let at = 0; at < body.length; at += chunk) socket.write(body.subarray(at, at + chunk));
  if (hangUp) socket.end();
  await closed;
}

test('a damaged request ends, leaves nothing of its own behind, and never the server', {
  timeout: 120_000,
}, async () => {
  const files = [
    { name: 'a.txt', content: 'Some notes' },
    { name: 'b.bin', content: Buffer.alloc(2_000, 1) },
  ];
  const whole = Buffer.concat(await Array.fromAsync(multipartBody(sendingParts(TO_BOB, files))));
  await fc.assert(
    fc.asyncProperty(damage, async ({ cutAt, change, hangUp, chunk }) => {
      const body = Buffer.from(whole);
      for (const [at, byte] of change) body[at % body.length] = byte;
      const sent = cutAt === undefined ? body : body.subarray(0, cutAt % body.length);
      const length = hangUp ? body.length : sent.length; // else it would be waited for
      await post(sent, length, chunk, hangUp);
      await expect.poll(() => mediaOf(ask.server()), { interval: 5 }).toMatchObject({ loose: 0 });
    }),
    { numRuns: 150 },
  );
  const { kept } = await mediaOf(ask.server());
  const { searchMessages } = await ask.data(
    'ada',
    '{ searchMessages(filter: {types: [FILE]}, first: 100) { nodes { ... on MediaMessage { attachments { url } } } } }',
  );
  expect(searchMessages.nodes.length).toBeGreaterThan(0);
  expect(kept % 2).toBe(0); // both files of each message, or none
});

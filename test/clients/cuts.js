import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { after } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startParley } from './parley.js';

const SENDER = 'cometchat-uid-2';
const LISTENER = 'cometchat-uid-1';
const CUTS = 4; // every other one is of the server itself
const BETWEEN = 15; // messages
const PATIENCE_MS = 30_000;

export const EVENTS = `subscription Follow($after: String) {
  events(after: $after) {
    __typename
    kind
    cursor
    ... on MessageSentEvent {
      messageId
      message {
        id
        ... on TextMessage {
          text
        }
      }
    }
  }
}`;

/**
 * Has a client listen from a snapshot's cursor on while somebody else sends, cuts it off again and again, by its connection and by
 * killing the server, and compares what it heard with what was sent. `listen` subscribes to EVENTS at an address.
 */
export async function cutOff(listen) {
  const parley = await startParley();
  const line = await openLine(parley.endpoint);
  const cursor = (await ask(parley.endpoint, parley.headers, '{ cursor }')).cursor;
  const heard = [];
  const stop = await listen({
    endpoint: line.endpoint,
    headers: parley.headers,
    after: cursor,
    hear: (event) => heard.push(event),
  });
  const sending = startSending(parley.endpoint, parley.headersOf(SENDER));
  for (let cut = 0; cut < CUTS; cut += 1) {
    await sending.more(BETWEEN);
    await until(
      () => texts(heard).length > cut * BETWEEN,
      () => `it heard nothing after cut ${cut}`,
    );
    if (cut % 2 === 0) line.cut();
    else {
      await parley.kill();
      await wait(300); // sends fail meanwhile, and are tried again
      await parley.restart();
    }
  }
  await sending.more(BETWEEN);
  const sent = await sending.stop();
  await until(
    () => texts(heard).length >= sent.length,
    () => `it heard ${texts(heard).length} of ${sent.length}`,
  );
  await wait(200); // for what should not come
  stop();
  assert.deepEqual(texts(heard), sent);
  assert.equal(new Set(heard.map((event) => event.cursor)).size, heard.length);
  assert.ok(line.opened() > CUTS, `it connected ${line.opened()} times, and was cut off ${CUTS} times`);
}

const texts = (events) =>
  events.filter(({ kind }) => kind === 'MESSAGE_SENT').map(({ messageId, message }) => [messageId, message.text]);

/** Sends one text after another; one whose answer does not come is sent again, as what it was. */
function startSending(endpoint, headers) {
  const sent = [];
  let going = true;
  const done = (async () => {
    while (going) {
      const text = `Text ${sent.length}`;
      const input = { receiverType: 'USER', receiverId: LISTENER, text, muid: text };
      const send = () => ask(endpoint, headers, SEND, { input });
      const { message } = (await again(send)).sendTextMessage;
      sent.push([message.id, text]);
      await wait(5);
    }
  })();
  return {
    async more(count) {
      const target = sent.length + count;
      await until(
        () => sent.length >= target,
        () => `${sent.length} of ${target} were sent`,
      );
    },
    async stop() {
      going = false;
      await done;
      return sent;
    },
  };
}

const SEND = 'mutation ($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id } } }';

async function again(attempt) {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // what fetch throws where the connection fails
      await wait(50);
    }
  }
}

async function ask(endpoint, headers, query, variables) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined);
  return data;
}

/** A line between client and server that can be cut. */
async function openLine(endpoint) {
  const sockets = new Set();
  let opened = 0;
  const server = createServer((near) => {
    opened += 1;
    const far = connect(Number(new URL(endpoint).port), '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  after(() => {
    server.close();
    cut();
  });
  return { endpoint: `http://127.0.0.1:${server.address().port}/graphql`, opened: () => opened, cut };
}

async function until(holds, complaint) {
  const end = Date.now() + PATIENCE_MS;
  while (!holds()) {
    if (Date.now() > end) throw new Error(complaint());
    await wait(10);
  }
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { cutOff, EVENTS } from './cuts.js';
import { startParley } from './parley.js';

test('graphql-ws’s client comes back by its cursor, misses nothing and hears nothing twice', () =>
  cutOff(({ endpoint, headers, after, hear }) => {
    const client = createClient({
      url: endpoint.replace('http', 'ws'),
      connectionParams: headers,
      retryAttempts: Infinity,
      retryWait: () => wait(20),
      shouldRetry: () => true,
    });
    const variables = { after };
    client.subscribe(
      { query: EVENTS, variables },
      {
        next({ data }) {
          hear(data.events);
          variables.after = data.events.cursor;
        },
        error: (error) => assert.fail(error),
        complete: () => {},
      },
    );
    return () => client.dispose();
  }));

test('graphql-ws’s client shows an error’s code, and its socket stays open', async () => {
  const { endpoint, headers } = await startParley();
  let opened = 0;
  const client = createClient({
    url: endpoint.replace('http', 'ws'),
    connectionParams: headers,
    lazyCloseTimeout: 10_000,
    retryAttempts: 0,
    on: { connected: () => (opened += 1) },
  });
  const broken = client.iterate({ query: '{ nothing' }).next();
  await assert.rejects(broken, ([error]) => error.extensions.code === 'GRAPHQL_PARSE_FAILED');
  const refused = await client.iterate({ query: EVENTS, variables: { after: 'no cursor' } }).next();
  assert.equal(refused.value.errors[0].extensions.code, 'ERR_INVALID_CURSOR');
  const { value } = await client.iterate({ query: '{ me { uid } }' }).next();
  assert.equal(value.data.me.uid, 'cometchat-uid-1');
  assert.equal(opened, 1);
  await client.dispose();
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'graphql-sse';
import { cutOff, EVENTS } from './cuts.js';
import { startParley } from './parley.js';

test('graphql-sse’s client comes back by its cursor, misses nothing and hears nothing twice', () =>
  cutOff(({ endpoint, headers, after, hear }) => {
    const client = createClient({ url: endpoint, headers, retryAttempts: Infinity, retry: () => wait(20) });
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

test('graphql-sse’s client reads, and shows an error’s code', async () => {
  const { endpoint: url, headers } = await startParley();
  const client = createClient({ url, headers, retryAttempts: 0 });
  const { value } = await client.iterate({ query: '{ me { uid } }' }).next();
  assert.equal(value.data.me.uid, 'cometchat-uid-1');
  const refused = await client.iterate({ query: EVENTS, variables: { after: 'no cursor' } }).next();
  assert.equal(refused.value.errors[0].extensions.code, 'ERR_INVALID_CURSOR');
  client.dispose();
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'graphql-sse';
import { cutOff, EVENTS } from './cuts.js';

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

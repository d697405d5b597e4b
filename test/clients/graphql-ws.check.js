import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { cutOff, EVENTS } from './cuts.js';

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

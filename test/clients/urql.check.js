import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, cacheExchange, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import { cutOff, EVENTS } from './cuts.js';
import { startParley } from './parley.js';
import { resuming } from './resuming.js';

const { endpoint: url, headers } = await startParley();

const OVERVIEW = gql`
  query Overview($first: Int!) {
    me {
      uid
    }
    unreadMessageCount
    conversations(first: $first) {
      totalCount
      nodes {
        id
        unreadMessageCount
        lastMessage {
          __typename
          id
          ... on TextMessage {
            text
          }
        }
      }
    }
  }
`;

for (const preferGetMethod of ['force', false]) {
  const method = preferGetMethod ? 'GET' : 'POST';
  const client = new Client({
    url,
    preferGetMethod,
    fetchOptions: { headers },
    exchanges: [cacheExchange, fetchExchange],
  });

  test(`urql signs in and reads by ${method}, the second time from its cache`, async () => {
    const { data, error } = await client.query(OVERVIEW, { first: 3 }).toPromise();
    assert.equal(error, undefined);
    assert.equal(data.me.uid, 'cometchat-uid-1');
    assert.ok(data.conversations.nodes.length > 0);
    const again = await client.query(OVERVIEW, { first: 3 }).toPromise();
    assert.deepEqual(again.data, data);
  });

  test(`urql shows an error’s code by ${method}`, async () => {
    const { error } = await client.query(OVERVIEW, { first: -1 }).toPromise();
    assert.equal(error?.graphQLErrors[0]?.extensions['code'], 'ERR_BAD_REQUEST');
  });
}

test('urql comes back by its cursor, misses nothing and hears nothing twice', () =>
  cutOff(({ endpoint, headers, after, hear }) => {
    const socket = createClient({
      url: endpoint.replace('http', 'ws'),
      connectionParams: headers,
      retryAttempts: Infinity,
      retryWait: () => wait(20),
      shouldRetry: () => true,
    });
    const forwardSubscription = (request) => ({
      subscribe: (sink) => ({ unsubscribe: resuming(socket).subscribe(request, sink) }),
    });
    const listener = new Client({
      url: endpoint,
      preferGetMethod: false,
      exchanges: [subscriptionExchange({ forwardSubscription })],
    });
    listener
      .subscription(EVENTS, { after })
      .subscribe(({ data, error }) => (error ? assert.fail(error) : hear(data.events)));
    return () => socket.dispose();
  }));

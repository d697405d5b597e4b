import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import { cutOff, EVENTS } from './cuts.js';
import { startParley } from './parley.js';
import { resuming } from './resuming.js';

const { endpoint: uri, headers } = await startParley();
const client = new ApolloClient({
  link: new HttpLink({ uri, headers }),
  cache: new InMemoryCache({
    possibleTypes: await loadPossibleTypes(),
    typePolicies: { Conversation: { fields: { messages: relayStylePagination() } } },
  }),
});

const OVERVIEW = gql`
  query Overview {
    me {
      uid
    }
    conversations {
      nodes {
        id
        messages(last: 2) {
          pageInfo {
            hasPreviousPage
          }
        }
      }
    }
  }
`;

const PAGE = gql`
  query Page($id: ID!, $before: String) {
    node(id: $id) {
      id
      ... on Conversation {
        messages(last: 2, before: $before) {
          edges {
            cursor
            node {
              ...Line
            }
          }
          pageInfo {
            startCursor
            endCursor
            hasPreviousPage
            hasNextPage
          }
        }
      }
    }
  }

  fragment Line on BaseMessage {
    id
    sentAt
    sender {
      id
      ...Person
    }
    ... on TextMessage {
      text
    }
  }

  fragment Person on Profile {
    name
  }
`;

test('Apollo Client signs in, and joins pages in its cache', async () => {
  const { data } = await client.query({ query: OVERVIEW, fetchPolicy: 'no-cache' });
  assert.equal(data.me.uid, 'cometchat-uid-1');
  const { id } = data.conversations.nodes.find(({ messages }) => messages.pageInfo.hasPreviousPage);
  const first = (await client.query({ query: PAGE, variables: { id } })).data.node.messages;
  assert.equal(first.edges.length, 2);
  assert.ok(first.edges[0].node.sender.name, 'a fragment on an interface was not read from the cache');
  const variables = { id, before: first.pageInfo.startCursor };
  await client.query({ query: PAGE, variables, fetchPolicy: 'network-only' });
  const joined = client.readQuery({ query: PAGE, variables: { id } }).node.messages;
  const ids = joined.edges.map(({ node }) => Number(node.id));
  assert.ok(ids.length > 2);
  assert.deepEqual(
    ids,
    ids.toSorted((a, b) => a - b),
  );
});

test('Apollo Client shows an error’s code', async () => {
  const query = gql`
    query Unknown {
      users(uids: ["nobody-has-this"]) {
        nodes {
          id
        }
      }
    }
  `;
  await assert.rejects(client.query({ query }), ({ errors }) => errors[0].extensions.code === 'ERR_UID_NOT_FOUND');
});

test('Apollo Client comes back by its cursor, misses nothing and hears nothing twice', () =>
  cutOff(({ endpoint, headers, after, hear }) => {
    const socket = createClient({
      url: endpoint.replace('http', 'ws'),
      connectionParams: headers,
      retryAttempts: Infinity,
      retryWait: () => wait(20),
      shouldRetry: () => true,
    });
    const listener = new ApolloClient({ link: new GraphQLWsLink(resuming(socket)), cache: new InMemoryCache() });
    listener.subscribe({ query: gql(EVENTS), variables: { after } }).subscribe({
      next: ({ data, error }) => (error ? assert.fail(error) : hear(data.events)),
      error: (error) => assert.fail(error),
    });
    return () => socket.dispose();
  }));

async function loadPossibleTypes() {
  const query = '{ __schema { types { name possibleTypes { name } } } }';
  const response = await fetch(uri, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data } = await response.json();
  const abstract = data.__schema.types.filter(({ possibleTypes }) => possibleTypes);
  return Object.fromEntries(abstract.map(({ name, possibleTypes }) => [name, possibleTypes.map((type) => type.name)]));
}

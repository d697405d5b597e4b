import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import relay from 'relay-runtime';
import { startParley } from './parley.js';

const { createOperationDescriptor, Environment, fetchQuery, getSingularSelector, Network, RecordSource, Store } = relay;
const require = createRequire(import.meta.url);
const overview = require('./__generated__/pagesQuery.graphql.js');
const morePages = require('./__generated__/pagesMessagesQuery.graphql.js');
const messages = require('./__generated__/pages_messages.graphql.js');

const { endpoint, headers } = await startParley();
const environment = new Environment({
  network: Network.create(async ({ text: query }, variables) => {
    const body = JSON.stringify({ query, variables });
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
    });
    return response.json();
  }),
  store: new Store(new RecordSource()),
});

// `npm test` has relay-compiler check every query, connection and refetchable fragment against the schema before this runs.
test('Relay joins the pages of a connection that it fetches by node', async () => {
  const { me, conversations } = await fetchQuery(environment, overview, {}).toPromise();
  assert.equal(me.uid, 'cometchat-uid-1');
  environment.retain(createOperationDescriptor(overview, {}));
  const conversation = conversations.edges.map(({ node }) => node).find((node) => pageOf(node).hasPreviousPage);
  assert.ok(conversation, 'the demo has no conversation of more than two messages');
  const before = pageOf(conversation);
  await fetchQuery(environment, morePages, { id: conversation.id, count: 2, cursor: before.startCursor }).toPromise();
  const after = pageOf(conversation);
  assert.equal(before.ids.length, 2);
  assert.ok(after.ids.length > 2);
  assert.deepEqual(
    after.ids,
    after.ids.toSorted((a, b) => a - b),
  );
});

function pageOf(conversation) {
  const selector = getSingularSelector(messages, conversation);
  const { edges, pageInfo } = environment.lookup(selector).data.messages;
  return { ...pageInfo, ids: edges.map(({ node }) => Number(node.id)) };
}

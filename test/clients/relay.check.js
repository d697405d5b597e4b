import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import relay from 'relay-runtime';
import { startParley } from './parley.js';
import { resuming } from './resuming.js';

const { commitMutation, fetchQuery, requestSubscription } = relay;
const { createOperationDescriptor, getSingularSelector } = relay;
const { Environment, Network, Observable, RecordSource, Store } = relay;
const require = createRequire(import.meta.url);
const overview = require('./__generated__/pagesQuery.graphql.js');
const morePages = require('./__generated__/pagesMessagesQuery.graphql.js');
const messages = require('./__generated__/pages_messages.graphql.js');
const send = require('./__generated__/liveSendMutation.graphql.js');
const react = require('./__generated__/liveReactMutation.graphql.js');
const live = require('./__generated__/liveSubscription.graphql.js');

const { endpoint, headers } = await startParley();
const socket = createClient({ url: endpoint.replace('http', 'ws'), connectionParams: headers });
const environment = new Environment({
  network: Network.create(
    async ({ text: query }, variables) => {
      const body = JSON.stringify({ query, variables });
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
      });
      return response.json();
    },
    ({ text: query }, variables) => Observable.create((sink) => resuming(socket).subscribe({ query, variables }, sink)),
  ),
  store: new Store(new RecordSource()),
});
after(() => socket.dispose());

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

test('Relay’s store has what a mutation gives, and what a subscription tells', { timeout: 30_000 }, async () => {
  const heard = [];
  const listening = requestSubscription(environment, {
    subscription: live,
    variables: {},
    onNext: ({ events }) => heard.push(events),
  });
  const receiver = { receiverType: 'USER', receiverId: 'cometchat-uid-2' };
  const { message } = (await mutate(send, { ...receiver, text: 'To whom it may concern' })).sendTextMessage;
  assert.equal(environment.getStore().getSource().get(message.id).text, 'To whom it may concern');
  while (heard.length === 0) {
    await mutate(send, { ...receiver, text: 'Is anybody there?' });
    await wait(50);
  }
  assert.equal(heard[0].__typename, 'MessageSentEvent');
  await mutate(react, { messageId: message.id, reaction: '👍' });
  while (!heard.some((event) => event.reaction === '👍')) await wait(10);
  listening.dispose();
});

const mutate = (mutation, input) =>
  new Promise((resolve, reject) => {
    commitMutation(environment, { mutation, variables: { input }, onCompleted: resolve, onError: reject });
  });

function pageOf(conversation) {
  const selector = getSingularSelector(messages, conversation);
  const { edges, pageInfo } = environment.lookup(selector).data.messages;
  return { ...pageInfo, ids: edges.map(({ node }) => Number(node.id)) };
}

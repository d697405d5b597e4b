// Clients that listen, in a network of their own, until it is taken from them. Arguments: the address, the API key, how many.
import { once } from 'node:events';
import WebSocket from 'ws';

const [url = '', apiKey = '', count = '1'] = process.argv.slice(2);
const query = 'subscription { events { cursor ... on MessageSentEvent { message { ... on TextMessage { text } } } } }';

for (let n = 0; n < Number(count); n += 1) {
  const socket = new WebSocket(url, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(
    JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${apiKey}`, 'x-act-as': 'ada' } }),
  );
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
  socket.send(JSON.stringify({ id: '2', type: 'subscribe', payload: { query: '{ __typename }' } }));
  await once(socket, 'message');
}
process.stdout.write('listening\n');

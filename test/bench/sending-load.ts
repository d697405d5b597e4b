// The clients of the benchmark of sends, in a process of their own: 64 connections, each somebody's, each sending as soon as it is
// answered, first to warm the server up. Usage: node test/bench/sending-load.ts <url> <seconds> <tokens, separated by commas>. Prints the result as JSON.
import autocannon from 'autocannon';

const [url = '', seconds = '', tokens = ''] = process.argv.slice(2);
const secrets = tokens.split(',');
const query =
  'mutation Send($input: SendTextMessageInput!) { sendTextMessage(input: $input) { message { id sentAt text sender { uid } } } }';
const input = {
  receiverType: 'GROUP',
  receiverId: 'crowd',
  text: 'The quick brown fox jumps over the lazy dog, and runs on',
};
let next = 0;
let wrong = 0;
const WARM_UP_S = 3; // a server that has just started compiles its code; none is asked to do its best then

const send = (duration: number) =>
  autocannon({
    url: `${url}/graphql`,
    method: 'POST',
    connections: secrets.length,
    duration,
    body: JSON.stringify({ query, variables: { input } }),
    setupClient(client) {
      client.setHeaders({
        'content-type': 'application/json',
        authorization: `Bearer ${secrets[next++ % secrets.length]}`,
      });
      client.on('body', (body) => {
        if (!body.toString().startsWith('{"data":{"sendTextMessage":{"message":{"id":"')) wrong += 1;
      });
    },
  });

await send(WARM_UP_S);
const result = await send(Number(seconds));
process.stdout.write(
  JSON.stringify({
    rate: result['2xx'] / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    wrong: wrong + result.non2xx + result.errors,
  }),
);

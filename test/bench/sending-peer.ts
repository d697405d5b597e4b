// The hand-written servers that sends are compared to: `node:http`, prepared statements, the same group commit; no GraphQL, no limits, no
// logs. `same` does what Parley does for a message, `lean` as little as can be. Usage: node test/bench/sending-peer.ts <same|lean> <database>
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { groupCommit } from '../../src/store/group-commit.ts';
import { openLean } from './sending-lean.ts';
import { openStatements, type Sent } from './sending-statements.ts';

const [kind = '', file = ''] = process.argv.slice(2);

/** Sends to the group of a guid what has a text, once it is on disk. */
type Send = (authorization: string | undefined, guid: string, text: string) => Promise<Sent>;

function same(): Send {
  const { client, words, find, send } = openStatements(file);
  const commit = groupCommit(client, words.tx, { finish: words.keep, undone: words.forget, committed() {} });
  return (authorization, guid, text) => {
    const { sender, group } = find(authorization, guid);
    return commit.write(() => send(sender, group, text));
  };
}

function lean(): Send {
  const { client, find, send } = openLean(file);
  const commit = groupCommit(client, {} as never, { finish() {}, undone() {}, committed() {} });
  return (authorization, guid, text) => {
    const { sender, group } = find(authorization, guid);
    return commit.write(() => send(sender, group, text));
  };
}

const send = kind === 'lean' ? lean() : same();
const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', async () => {
    const { input } = JSON.parse(Buffer.concat(chunks).toString()).variables;
    const message = await send(req.headers.authorization, input.receiverId, input.text);
    const body = JSON.stringify({ data: { sendTextMessage: { message } } });
    const length = Buffer.byteLength(body);
    res.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': length }).end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`ready: http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql\n`);
});

import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, handleProtocols } from 'graphql-ws';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { Services } from '../app.ts';
import type { Auth } from '../auth/service.ts';
import type { Logger } from '../log.ts';
import { CLOSE_CODES, reasonWithin } from './close-codes.ts';
import { requestIdOf } from './request-id.ts';
import { bodyOf, Refusal } from './respond.ts';
import type { Run } from './socket-operations.ts';
import { converse, type SocketLimits } from './socket-protocol.ts';
import { createSocketSession } from './socket-session.ts';
import { closeFor, type Wire } from './socket-sink.ts';

const PING_MS = 12_000; // who has not answered one when the next is due is gone
const CLOSE_GRACE_MS = 5_000; // for a client to read what waits and answer a close; then what waits is freed

/** `closeTimeout` is not in the types of `ws` yet. */
const OPTIONS: ServerOptions & { readonly closeTimeout: number } = {
  noServer: true,
  handleProtocols,
  perMessageDeflate: false, // with it ws queues while it deflates, and frames of ours would overtake its own
  allowSynchronousEvents: false, // one message a turn: who sends a packet full of them holds nobody up
  autoPong: false, // a flood of pings whose answers nobody reads is bounded like all else: see `pong`
  closeTimeout: CLOSE_GRACE_MS,
};

interface Options {
  readonly server: Server;
  readonly services: Services;
  readonly auth: Pick<Auth, 'look' | 'signIn'>;
  readonly run: Run;
  readonly limits: SocketLimits;
  /** The longest message, in bytes. */
  readonly maxBytes: number;
  readonly log: Logger;
  /** Throws a Refusal for a request that is not to be a socket. */
  readonly admit: (req: IncomingMessage) => void;
}

/** Answers GraphQL over WebSocket (graphql-transport-ws), on the upgrades of an HTTP server. */
export function createSockets({ server, services, auth, run, limits, maxBytes, log, admit }: Options) {
  const wss = new WebSocketServer({ ...OPTIONS, maxPayload: maxBytes });
  const silent = new WeakSet<WebSocket>(); // who has not answered the last ping
  const closing = new Map<WebSocket, Wire['close']>();

  function open(socket: WebSocket, req: IncomingMessage) {
    if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
      return socket.close(CLOSE_CODES.wrongProtocol, `The subprotocol is ${GRAPHQL_TRANSPORT_WS_PROTOCOL}`);
    }
    const requestId = requestIdOf(req);
    const end = () => {
      closing.delete(socket);
      session.end();
      conversation.end();
    };
    const close = (code: number, reason: string) => {
      socket.close(code, reason);
      end(); // now, and not when the client has answered
    };
    const session = createSocketSession({
      headers: { authorization: req.headers.authorization, actAs: textOf(req.headers['x-act-as']) },
      auth,
      services,
      refuse: ({ code, message }) => close(CLOSE_CODES.forbidden, reasonWithin(`${code}: ${message}`, code)),
      fail: (error) => closeFor(error, wire, log, requestId),
    });
    const wire: Wire = { socket, stream: req.socket, close };
    closing.set(socket, close);
    const conversation = converse({ wire, session, run, limits, requestId, log });
    socket.on('message', (data, isBinary) => {
      if (isBinary) close(CLOSE_CODES.badMessage, 'Messages are text');
      else conversation.take(data.toString());
    });
    socket.on('ping', conversation.pong);
    socket.on('pong', () => silent.delete(socket));
    socket.once('close', end);
    return socket.on('error', (error) => {
      log.debug({ requestId, err: error }, 'a socket failed'); // ws closes it
      end();
    });
  }

  const pings = setInterval(() => {
    for (const socket of wss.clients) {
      if (silent.has(socket)) socket.terminate();
      else if (socket.readyState === socket.OPEN) {
        silent.add(socket);
        socket.ping();
      }
    }
  }, PING_MS).unref();

  server.on('upgrade', (req, stream, head) => {
    stream.on('error', (error) => log.debug({ err: error }, 'a socket failed')); // nobody else listens until it is one
    try {
      admit(req);
    } catch (error) {
      if (!(error instanceof Refusal)) log.error({ err: error }, 'unexpected error');
      return refuseUpgrade(stream, error);
    }
    return wss.handleUpgrade(req, stream, head, open);
  });

  return {
    /** Tells every client to connect again, and waits for none. */
    close() {
      clearInterval(pings);
      for (const close of [...closing.values()]) close(CLOSE_CODES.stopping, 'Parley is stopping: connect again');
      wss.close();
    },
    /** Ends what clients have not closed by themselves. */
    terminate() {
      for (const socket of wss.clients) socket.terminate();
    },
  };
}

/** Answers an upgrade with the refusal, as a response of HTTP. */
function refuseUpgrade(stream: Duplex, error: unknown) {
  if (!(error instanceof Refusal)) return stream.destroy();
  const body = JSON.stringify(bodyOf(error));
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    'content-type: application/json; charset=utf-8',
  ];
  stream.once('finish', () => stream.destroy()); // a client that does not close its side would keep it for ever
  return stream.end(
    [...head, `content-length: ${Buffer.byteLength(body)}`, 'connection: close', '', body].join('\r\n'),
  );
}

const textOf = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header);

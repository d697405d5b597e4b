import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import { handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Services } from '../app.ts';
import type { Auth } from '../auth/service.ts';
import { ChatError } from '../errors.ts';
import { presentForSocket } from '../graphql/errors.ts';
import type { Logger } from '../log.ts';
import type { Handler } from './handler.ts';
import { createRate } from './rate.ts';
import { requestIdOf } from './request-id.ts';
import { bodyOf, Refusal } from './respond.ts';
import { createSocketSession, type SocketSession } from './socket-session.ts';
import { createSocketSink, isWritable, type Wire } from './socket-sink.ts';
import type { Subscription, Subscriptions } from './subscribe.ts';

const MESSAGE_BYTES_MAX = 256 * 1024;
const OPERATIONS_MAX = 100; // at once on one socket
const MESSAGES_MAX = 200; // a second from one socket
const INIT_MS_MAX = 3_000;
const PING_MS = 12_000; // who has not answered one when the next is due is gone
const BAD_REQUEST = 4400;
const TOO_MANY_REQUESTS = 4429;
const INTERNAL_ERROR = 4500;
const STOPPING = 1012; // "service restart" (IANA's registry of close codes): connect again

interface Options {
  readonly server: Server;
  readonly schema: GraphQLSchema;
  readonly handler: Handler;
  readonly services: Services;
  readonly signIn: Auth['signIn'];
  readonly startedIn: Subscriptions['startedIn'];
  readonly log: Logger;
  /** Throws a Refusal for a request that is not to be a socket. */
  readonly admit: (req: IncomingMessage) => void;
}

interface Extra extends Wire, Record<PropertyKey, unknown> {
  readonly session: SocketSession;
  readonly requestId: string;
}

/** Answers GraphQL over WebSocket (graphql-transport-ws), on the upgrades of an HTTP server. */
export function createSockets({ server, schema, handler, services, signIn, log, admit, startedIn }: Options) {
  const wss = new WebSocketServer({
    noServer: true,
    handleProtocols,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false, // with it ws queues while it deflates, and frames of ours would overtake its own
    allowSynchronousEvents: false, // else `complete 1` and `subscribe 1` in one packet end the new operation 1
  });
  const silent = new WeakSet<WebSocket>(); // who has not answered the last ping
  const ways = new WeakMap<object, ReturnType<Handler['getEnveloped']>>();

  const graphql = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: INIT_MS_MAX,
    onConnect: ({ connectionParams, extra }) => extra.session.begin(connectionParams ?? {}),
    async onSubscribe({ extra, subscriptions }, _id, params) {
      if (Object.keys(subscriptions).length > OPERATIONS_MAX)
        return [tooMuch(`${OPERATIONS_MAX} operations are under way`)];
      if (!isWritable(extra)) return [tooMuch('This socket reads too slowly')];
      try {
        const way = handler.getEnveloped({ requestId: extra.requestId, session: extra.session, params } as never);
        const document = way.parse(params.query);
        const errors = way.validate(schema, document) as GraphQLError[];
        if (errors.length > 0) return errors;
        const { operationName, variables: variableValues } = params;
        const args = { schema, document, operationName, variableValues, contextValue: await way.contextFactory() };
        ways.set(args, way);
        return args as ExecutionArgs;
      } catch (error) {
        return [asGraphQLError(error)]; // thrown here, it would close the whole socket
      }
    },
    execute: (args) => ways.get(args)?.execute(args) as never,
    subscribe: (args) => ways.get(args)?.subscribe(args) as never,
    onOperation({ extra }, id, _params, { contextValue }, result) {
      const subscription = startedIn(contextValue as object);
      if (subscription) return park(extra, id, subscription) as never;
      return Symbol.asyncIterator in result
        ? undefined
        : (presentForSocket(result as ExecutionResult, extra, log) as never);
    },
    onError: ({ extra }, _id, _params, errors) =>
      (presentForSocket({ errors: errors.map(causeFirst) }, extra, log).errors ?? []).map((error) => error.toJSON()),
    onPing: ({ extra }) => void isWritable(extra),
  });

  wss.on('connection', (socket, req) => {
    const rate = createRate(MESSAGES_MAX);
    const requestId = requestIdOf(req);
    const headers = { authorization: req.headers.authorization, actAs: textOf(req.headers['x-act-as']) };
    const session = createSocketSession({ socket, headers, signIn, services });
    const fail = (error: unknown) => {
      log.error({ requestId, err: error }, 'unexpected error');
      socket.close(INTERNAL_ERROR, 'Internal server error');
    };
    const closed = graphql.opened(
      {
        protocol: socket.protocol,
        send: (text) => {
          if (socket.readyState === socket.OPEN) socket.send(text);
        },
        close: (code, reason) => socket.close(code, reason),
        onMessage(take) {
          socket.on('message', (data, isBinary) => {
            if (isBinary) return socket.close(BAD_REQUEST, 'Messages are text');
            if (!rate.pass()) return socket.close(TOO_MANY_REQUESTS, `More than ${MESSAGES_MAX} messages a second`);
            return void take(data.toString()).catch(fail);
          });
        },
      },
      { socket, stream: req.socket, session, requestId },
    );
    socket.on('pong', () => silent.delete(socket));
    socket.on('error', (error) => log.debug({ requestId, err: error }, 'a socket failed')); // ws closes it
    socket.once('close', (code, reason) => {
      session.end();
      closed(code, reason.toString()).catch(fail);
    });
  });

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
    try {
      admit(req);
    } catch (error) {
      return refuseUpgrade(stream, error);
    }
    return wss.handleUpgrade(req, stream, head, (socket) => wss.emit('connection', socket, req));
  });

  return {
    /** Tells every client to connect again, and waits for none. */
    close() {
      clearInterval(pings);
      for (const socket of wss.clients) socket.close(STOPPING, 'Parley is stopping: connect again');
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
  return stream.end(
    [...head, `content-length: ${Buffer.byteLength(body)}`, 'connection: close', '', body].join('\r\n'),
  );
}

/**
 * Lets a subscription send by itself. What graphql-ws iterates instead yields nothing, and ends when the subscription does. It is no
 * async generator: `return` of one that waits would wait too.
 */
function park(wire: Wire, id: string, subscription: Subscription): AsyncIterableIterator<never> {
  const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<never>>();
  promise.catch(() => {});
  const stop = subscription.attach(
    createSocketSink(wire, id, (error) => (error ? reject(error) : resolve({ done: true, value: undefined }))),
  );
  const iterator: AsyncIterableIterator<never> = {
    next: () => promise,
    async return() {
      stop();
      resolve({ done: true, value: undefined });
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

const tooMuch = (what: string) => asGraphQLError(new ChatError('ERR_LIMIT_EXCEEDED', `${what}: no more at once.`));

const asGraphQLError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError ? error : new GraphQLError('Internal server error', { originalError: error as Error });

/** graphql-ws wraps what ends a subscription. */
const causeFirst = (error: GraphQLError): GraphQLError =>
  error.cause instanceof Error && !error.originalError ? asGraphQLError(error.cause) : error;

const textOf = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header);

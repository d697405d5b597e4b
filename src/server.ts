import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Services } from './app.ts';
import { createAuth } from './auth/service.ts';
import type { Config } from './config.ts';
import { createExecutor } from './graphql/execution/executor.ts';
import { limitsOf } from './graphql/limits/limits.ts';
import { isMultipart, readJson } from './http/body.ts';
import { allowOrigins, answerPreflight, requireOrigin } from './http/cors.ts';
import { createHandlers, type Handlers } from './http/handler.ts';
import { hostnameOf, requireOne, requireRead } from './http/headers.ts';
import { answerHealth, answerReady } from './http/health.ts';
import { isLoopback } from './http/loopback.ts';
import { answerMedia, MEDIA_PATH } from './http/media.ts';
import { asksForPage, PLAYGROUND_FILES, type Playground } from './http/playground.ts';
import { requestIdOf } from './http/request-id.ts';
import { Refusal, sendRefusal } from './http/respond.ts';
import { createOperations } from './http/socket-operations.ts';
import { createSockets } from './http/sockets.ts';
import { createStreams } from './http/streams.ts';
import { createSubscriptions } from './http/subscribe.ts';
import type { Logger } from './log.ts';
import { FILES_MAX } from './media/service.ts';
import { schema } from './schema.ts';
import type { Database } from './store/handle.ts';

const STOP_MS_MAX = 8_000; // of the 10 s that a stop may take, what requests get to finish
const REQUEST_MS_MAX = 3_600_000; // for large files on slow lines; bodies without files have less, see body.ts
const HEADERS_MS_MAX = 60_000;
const KEEP_ALIVE_MS = 65_000; // longer than load balancers keep a connection, so that none is closed under a request

const TIMEOUTS = {
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: HEADERS_MS_MAX,
  requestTimeout: REQUEST_MS_MAX,
};

/** Any other upgrade is only offered: HTTP clients of Java offer HTTP/2 with every request. It is answered as if it were not. */
const isSocket = ({ headers: { upgrade = '' } }: IncomingMessage): boolean => /^websocket$/i.test(upgrade);

export interface ServerOptions {
  readonly config: Config;
  readonly db: Database;
  readonly services: Services;
  /** The key that programs sign in with: `PARLEY_API_KEY`, or one made for this run. */
  readonly apiKey: string;
  readonly log: Logger;
  /** What a browser sees at /graphql. */
  readonly playground: Playground;
}

export interface RunningServer {
  /** Where it listens, such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Turns `/ready` off, stops accepting, lets what runs finish (8 s at the most), and closes every connection; the database stays open. */
  close(): Promise<void>;
}

/** Serves Parley over HTTP. Throws where the address can't be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, db, services, apiKey, log } = options;
  const state = { draining: false };
  const limits = limitsOf(config);
  const auth = createAuth({ db, users: services.users, activity: services.activity, config, apiKey });
  const execute = createExecutor(schema, limits.characters);
  const streams = createStreams({ services, auth, log });
  const subscriptions = createSubscriptions({ db, services, schema, execute, streams, log });
  const handlers = createHandlers({ schema, execute, services, ...auth, limits, subscriptions, log });
  const { yoga: handler } = handlers;
  const route = createRoutes(options, handlers, state);
  const server = createServer({ ...TIMEOUTS, shouldUpgradeCallback: isSocket }, (req, res) => {
    const [requestId, start] = [requestIdOf(req), performance.now()];
    dropAddress(req);
    res.setHeader('x-request-id', requestId);
    if (state.draining) res.setHeader('connection', 'close');
    res.once('close', () => {
      const ms = Math.round(performance.now() - start);
      log.debug({ requestId, method: req.method, path: pathOf(req), status: res.statusCode, ms }, 'request');
      if (state.draining) setImmediate(() => server.closeIdleConnections());
    });
    route(req, res, requestId).catch((error) => answerError(res, error, requestId, log));
  });
  const admit = (req: IncomingMessage) => {
    dropAddress(req);
    refuseStrangers(config, req);
    requireOrigin(req, config.PARLEY_ORIGINS);
    requireOne(req, 'authorization');
    requireOne(req, 'x-act-as');
    if (pathOf(req) !== '/graphql') throw new Refusal(404, 'ERR_BAD_REQUEST', 'WebSockets are for /graphql.');
    if (state.draining) throw new Refusal(503, 'ERR_BAD_REQUEST', 'Parley is stopping: connect again.');
  };
  const sockets = createSockets({
    server,
    services,
    auth,
    run: createOperations({ schema, handler, startedIn: subscriptions.startedIn }),
    limits: { operations: config.PARLEY_MAX_OPERATIONS, messages: config.PARLEY_MAX_MESSAGES },
    maxBytes: config.PARLEY_MAX_BODY_KB * 1024,
    log,
    admit,
  });
  await listen(server, config.PORT, config.HOST);
  return {
    url: urlOf(server),
    async close() {
      state.draining = true;
      sockets.close();
      streams.close();
      await closeServer(server, sockets.terminate);
      services.live.stop();
    },
  };
}

type Route = (req: IncomingMessage, res: ServerResponse, requestId: string) => Promise<unknown>;

function createRoutes(
  options: ServerOptions,
  { yoga, answer }: Handlers,
  state: { readonly draining: boolean },
): Route {
  const { config, db, services, playground } = options;
  const maxBytes = config.PARLEY_MAX_BODY_KB * 1024;
  const maxFileBytes = config.PARLEY_MAX_FILE_MB * 1024 * 1024;

  async function answerGraphQL(req: IncomingMessage, res: ServerResponse, requestId: string) {
    requireOne(req, 'authorization');
    requireOne(req, 'x-act-as');
    if (asksForPage(req)) return playground.answerPage(res);
    allowOrigins(req, res, config.PARLEY_ORIGINS);
    if (req.method === 'OPTIONS') return answerPreflight(res);
    if (req.method !== 'POST') return yoga(req, res, { requestId });
    if (!isMultipart(req)) return answer(req, res, await readJson(req, maxBytes), { requestId });
    const { readMultipart } = await import('./http/multipart.ts');
    const { operation, received, passBy } = await readMultipart(req, { maxBytes, maxFileBytes, maxFiles: FILES_MAX });
    res.once('close', passBy);
    return answer(req, res, operation, { requestId, received });
  }

  return async (req, res, requestId) => {
    refuseStrangers(config, req);
    const path = pathOf(req);
    if (path === '/graphql') return answerGraphQL(req, res, requestId);
    const isFile = path.startsWith(PLAYGROUND_FILES);
    const isMedia = path.startsWith(MEDIA_PATH);
    if (!isFile && !isMedia && path !== '/health' && path !== '/ready') {
      throw new Refusal(404, 'ERR_BAD_REQUEST', 'Nothing is here: there are /graphql, /media, /health and /ready.');
    }
    requireRead(req);
    if (isFile) return playground.answerFile(path, req, res);
    if (isMedia) return answerMedia(req, res, services.media, config.PARLEY_ORIGINS);
    return path === '/health' ? answerHealth(res) : answerReady(res, db, state.draining);
  };
}

/** In development Parley answers under names of this machine alone: other names lead pages of other sites here. */
function refuseStrangers({ development }: Config, req: IncomingMessage) {
  const hostname = hostnameOf(req);
  if (!development || isLoopback(hostname ?? '')) return;
  const message = 'Without PARLEY_API_KEY Parley answers to the names of this machine only, such as localhost.';
  throw new Refusal(421, 'ERR_BAD_REQUEST', message);
}

const pathOf = (req: IncomingMessage): string => (req.url ?? '').replace(/\?.*$/s, '');

/** Who asks through a proxy may name the whole address (RFC 9112, section 3.2.2), which means the same. */
function dropAddress(req: IncomingMessage) {
  req.url = req.url?.replace(/^http:\/\/[^/?]*/i, '') || '/';
}

function answerError(res: ServerResponse, error: unknown, requestId: string, log: Logger) {
  if (error instanceof Refusal && !res.headersSent) return sendRefusal(res, error);
  if (!(error instanceof Refusal)) log.error({ requestId, err: error }, 'unexpected error');
  if (res.headersSent) return res.destroy();
  return sendRefusal(res, new Refusal(500, 'INTERNAL_SERVER_ERROR', 'Internal server error'));
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function closeServer(server: Server, terminateSockets: () => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      terminateSockets();
      server.closeAllConnections();
    }, STOP_MS_MAX);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

import { GraphQLError, type GraphQLSchema } from 'graphql';
import { createYoga, isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Services } from '../app.ts';
import type { Auth, Credentials } from '../auth/service.ts';
import { andThen } from '../awaitable.ts';
import { asksForCursor } from '../events/graphql.ts';
import { type Context, createContext } from '../graphql/context.ts';
import { presentResult, type Request } from '../graphql/errors.ts';
import type { Execute } from '../graphql/execution/executor.ts';
import type { Limits } from '../graphql/limits/limits.ts';
import { useLimits } from '../graphql/limits/use-limits.ts';
import type { Logger } from '../log.ts';
import { createDocuments } from './documents.ts';
import { type Answer, createLane, type Outcome } from './lane.ts';
import type { SocketSession } from './socket-session.ts';
import type { Subscriptions } from './subscribe.ts';

interface Options {
  readonly schema: GraphQLSchema;
  readonly execute: Execute;
  readonly services: Services;
  readonly authenticate: Auth['authenticate'];
  readonly limits: Limits;
  readonly subscriptions: Pick<Subscriptions, 'subscribe' | 'useStreams'>;
  readonly log: Logger;
}

/** What is known of an operation before its context: its request, or the socket that it came on. */
interface Origin extends Request {
  readonly session?: SocketSession;
  /** How its execution ended, where that is done. */
  readonly outcome?: Outcome | undefined;
}

/**
 * Answers GraphQL over HTTP: `answer` a POST whose body is read, `yoga` whatever else there is: GET for queries, SSE where the client
 * asks for it.
 */
export function createHandlers({ schema, execute, services, authenticate, limits, subscriptions, log }: Options) {
  const documents = createDocuments();
  const contextFor = (credentials: Credentials) =>
    andThen(authenticate(credentials), (viewer) => createContext(services, viewer));
  const yoga = createYoga<Origin>({
    schema,
    context: ({ request, session }) => {
      if (session) return createContext(services, session.viewer, (authToken) => session.renew(authToken));
      const { headers } = request;
      const authorization = headers.get('authorization') ?? undefined;
      const actAs = headers.get('x-act-as') ?? undefined;
      return contextFor({ authorization, actAs });
    },
    plugins: [
      useLimits(limits, subscriptions.subscribe),
      subscriptions.useStreams,
      useCursorFirst(),
      useRequestErrors(),
      usePresentedErrors(log),
      useOutcome(),
      documents.useValid,
    ],
    parserAndValidationCache: documents.parserAndValidationCache,
    maskedErrors: { maskError: wrap },
    logging: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    maxRequestBodySize: false, // body.ts reads it, and bounds it
  });
  const passOn: Answer<Origin> = (req, res, operation, origin) =>
    yoga(Object.assign(req, { body: { query: undefined, ...operation } }), res, origin);
  return { yoga, answer: createLane({ schema, execute, limits, documents, contextFor, passOn }) };
}

export type Handlers = ReturnType<typeof createHandlers>;
export type Handler = Handlers['yoga'];

/** Any error as a GraphQLError that keeps it, and shows nothing of it if it should get out as it is. */
function wrap(error: unknown): Error {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError('Internal server error', { originalError: error as Error });
}

/** `Query.cursor` stands for a moment before all that the response holds, wherever in the document it is asked for. */
function useCursorFirst(): Plugin<Context> {
  return {
    async onExecute({ args: { document, contextValue } }) {
      if (asksForCursor(document)) await contextValue.loaders.log.cursor();
    },
  };
}

/** A query string whose `variables` are no JSON is the client's error. */
function useRequestErrors(): Plugin {
  return {
    onRequestParse({ requestParser, setRequestParser }) {
      if (!requestParser) return;
      setRequestParser((request) => {
        try {
          return requestParser(request);
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
          throw new GraphQLError('`variables` and `extensions` must be JSON objects.', {
            extensions: { code: 'ERR_BAD_REQUEST', http: { status: 400 } },
          });
        }
      });
    },
  };
}

/** Errors, whatever step they come from, as the client may see them. */
function usePresentedErrors(log: Logger): Plugin<object, Request> {
  return {
    onResultProcess({ result, setResult, serverContext }) {
      if (!isAsyncIterable(result) && !Array.isArray(result)) setResult(presentResult(result, serverContext, log));
    },
  };
}

/** What is executed already is answered, and not executed again. */
function useOutcome(): Plugin<object, Origin> {
  return {
    onParams({ context: { outcome }, setResult }) {
      if (outcome) setResult(outcome());
    },
  };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionArgs, type ExecutionResult, type GraphQLSchema, getOperationAST } from 'graphql';
import type { Credentials } from '../auth/service.ts';
import { type Awaitable, andThen } from '../awaitable.ts';
import { asksForCursor } from '../events/graphql.ts';
import type { Context } from '../graphql/context.ts';
import type { Request } from '../graphql/errors.ts';
import type { Execute } from '../graphql/execution/executor.ts';
import type { Limits } from '../graphql/limits/limits.ts';
import { refuse } from '../graphql/limits/refuse.ts';
import { executeWithin } from '../graphql/limits/time.ts';
import { isOutage } from '../store/outage.ts';
import type { Documents } from './documents.ts';
import { keepLast } from './keep-last.ts';

/** Answers an operation that came in a request's body, a JSON object. */
export type Answer<Origin extends Request = Request> = (
  req: IncomingMessage,
  res: ServerResponse,
  operation: object,
  origin: Origin,
) => unknown;

/** How an execution ended: gives its result, or throws what it threw. */
export type Outcome = () => ExecutionResult;

interface Options {
  readonly schema: GraphQLSchema;
  readonly execute: Execute;
  readonly limits: Limits;
  readonly documents: Documents;
  /** The context of a request; throws for credentials that are not accepted. */
  readonly contextFor: (credentials: Credentials) => Awaitable<Context>;
  /** Answers what the lane does not: all of it, or, where it is executed already, how that ended. */
  readonly passOn: Answer<Request & { readonly outcome?: Outcome | undefined }>;
}

const MEDIA_TYPES = ['application/json', 'application/graphql-response+json'];

/**
 * A short way around Yoga, whose pipeline takes ten times what `node:http` does, for the plain case: a POST of a query or mutation
 * whose document is known to be valid, within the limits, by somebody who may ask. What it answers, Yoga would answer in the same
 * bytes; everything else, and every answer with an error in it, is Yoga's.
 */
export function createLane({ schema, execute, limits, documents, contextFor, passOn }: Options): Answer {
  const executeInTime = executeWithin(limits.seconds, execute);

  /** What is to be executed; undefined where it is not for the lane. */
  function argsOf(operation: object): ExecutionArgs | undefined {
    const { query, variables, operationName, extensions, ...others } = operation as Record<string, unknown>;
    const isPlain = isObject(variables ?? {}) && isObject(extensions ?? {}) && Object.keys(others).length === 0;
    if (!isPlain || typeof query !== 'string' || typeof (operationName ?? '') !== 'string') return undefined;
    const document = documents.findValid(query);
    if (!document) return undefined;
    const args = { schema, document, variableValues: variables, operationName } as ExecutionArgs;
    const kind = getOperationAST(document, args.operationName)?.operation;
    return kind === 'query' || kind === 'mutation' ? args : undefined;
  }

  /** Executes it. Undefined where it may not be: Yoga says why. */
  async function outcomeOf(args: ExecutionArgs, credentials: Credentials): Promise<Outcome | undefined> {
    let contextValue: Context;
    try {
      const made = contextFor(credentials);
      contextValue = made instanceof Promise ? await made : made; // without a turn between, all is read of one moment
    } catch (error) {
      return isOutage(error) ? failing(error) : undefined;
    }
    if (refuse(args, limits)) return undefined;
    try {
      const cursor = asksForCursor(args.document) ? contextValue.loaders.log.cursor() : undefined;
      const result = await andThen(cursor, () => executeInTime({ ...args, contextValue }));
      return () => result;
    } catch (error) {
      return failing(error);
    }
  }

  return async (req, res, operation, origin) => {
    const type = isPlain(req) && mediaTypeFor(req.headers.accept);
    const args = type && argsOf(operation);
    if (!args) return passOn(req, res, operation, origin);
    const outcome = await outcomeOf(args, credentialsOf(req));
    const body = outcome && bodyOf(outcome);
    if (body === undefined) return passOn(req, res, operation, { ...origin, outcome });
    const headers = { 'Content-Type': `${type}; charset=utf-8`, 'content-length': Buffer.byteLength(body) };
    return res.writeHead(200, headers).end(body);
  };
}

function isPlain({ url, headers }: IncomingMessage): boolean {
  return url === '/graphql' && /^application\/json(;|$)/.test(headers['content-type'] ?? '');
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const credentialsOf = ({ headers }: IncomingMessage): Credentials => ({
  authorization: headers.authorization,
  actAs: headers['x-act-as'] as string | undefined,
});

/** The type in which Yoga answers with one result: of those that the client accepts the first one named. Undefined for none. */
const mediaTypeFor = keepLast(firstAccepted);

function firstAccepted(accept: string | undefined): string | undefined {
  for (const one of (accept || '*/*').replace(/\s/g, '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = one.split(';');
    const charset = parameters.find((parameter) => parameter.includes('charset=')) ?? 'charset=utf-8';
    const found = charset === 'charset=utf-8' && MEDIA_TYPES.find((type) => matches(name, type));
    if (found) return found;
  }
  return undefined;
}

function matches(accepted: string, type: string): boolean {
  const [acceptedParts, parts] = [accepted.split('/'), type.split('/')];
  return [0, 1].every((n) => acceptedParts[n] === '*' || acceptedParts[n] === parts[n]);
}

const failing =
  (error: unknown): Outcome =>
  () => {
    throw error;
  };

/** The body of a result without errors; undefined for all else. */
function bodyOf(outcome: Outcome): string | undefined {
  try {
    const result = outcome();
    return result.errors ? undefined : JSON.stringify(result);
  } catch {
    return undefined;
  }
}

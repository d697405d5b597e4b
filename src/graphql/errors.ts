import { type ExecutionResult, GraphQLError } from 'graphql';
import { ChatError, isErrorCode } from '../errors.ts';
import type { Logger } from '../log.ts';
import { isOutage } from '../store/outage.ts';

/** The request that errors are shown to. */
export interface Request {
  readonly requestId: string;
  /** Of a request with files: resolves once all of it has arrived. */
  readonly received?: Promise<void>;
}

// Only signing in refuses a whole request; where a field is refused the rest of the answer stands, with 200.
const UNAUTHORIZED = { status: 401, headers: { 'www-authenticate': 'Bearer' } };
const UNAVAILABLE = { status: 503, headers: { 'retry-after': '1' } };

const OUTAGE = 'What Parley keeps can not be read or written just now: try again.';

/** The result with its errors as the client may see them: refusals with their code, everything unexpected masked and logged. */
export function presentResult<R extends ExecutionResult>(result: R, request: Request, log: Logger): R {
  if (!result.errors?.length) return result;
  return { ...result, errors: result.errors.map((error) => present(error, request, log)) };
}

/** The same for a WebSocket, where no status and no headers leave. */
export function presentForSocket<R extends ExecutionResult>(result: R, request: Request, log: Logger): R {
  if (!result.errors?.length) return result;
  return { ...result, errors: result.errors.map((error) => withoutHttp(present(error, request, log))) };
}

const withoutHttp = (error: GraphQLError): GraphQLError => {
  const { http: _http, ...extensions } = error.extensions;
  return copy(error, error.message, extensions);
};

function present(error: GraphQLError, { requestId }: Request, log: Logger): GraphQLError {
  const cause = causeOf(error);
  if (cause instanceof ChatError) {
    return copy(error, cause.message, { code: cause.code, http: error.path ? undefined : UNAUTHORIZED });
  }
  if (cause instanceof GraphQLError) return copy(error, error.message, extensionsOf(error, cause));
  if (isOutage(cause)) {
    log.error(
      { requestId, path: error.path?.join('.'), err: cause },
      'the database, or where files are kept, does not answer',
    );
    return copy(error, OUTAGE, { code: 'ERR_UNAVAILABLE', requestId, http: error.path ? undefined : UNAVAILABLE });
  }
  log.error({ requestId, path: error.path?.join('.'), err: cause }, 'unexpected error');
  return copy(error, 'Internal server error', {
    code: 'INTERNAL_SERVER_ERROR',
    requestId,
    http: error.path ? undefined : { status: 500 },
  });
}

/** What was first thrown: a GraphQLError stands around whatever a resolver threw. */
export function causeOf(error: GraphQLError): unknown {
  const { originalError } = error;
  return originalError instanceof GraphQLError ? causeOf(originalError) : (originalError ?? error);
}

function extensionsOf(error: GraphQLError, cause: GraphQLError): Record<string, unknown> {
  const given = error.extensions['code'] ?? cause.extensions['code'];
  const code = isErrorCode(given) ? given : 'ERR_BAD_REQUEST'; // libraries have codes of their own
  const http = (error.extensions['http'] ?? { status: 400, spec: true }) as { spec?: boolean };
  // With `spec`, a client that accepts application/json gets 200: so it is for mistakes in a document, and for no others.
  const spec = http.spec && given !== 'BAD_REQUEST' && given !== 'ERR_LIMIT_EXCEEDED';
  return { code, http: error.path ? undefined : { ...http, spec } };
}

function copy(error: GraphQLError, message: string, extensions: Record<string, unknown>): GraphQLError {
  const { nodes, source, positions, path } = error;
  const kept = Object.fromEntries(Object.entries(extensions).filter(([, value]) => value !== undefined));
  return new GraphQLError(message, { nodes, source, positions, path, extensions: kept });
}

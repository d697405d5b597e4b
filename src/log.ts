import { createRequire } from 'node:module';
import { type DestinationStream, pino } from 'pino';

/** A log, or a child of it that adds fields to each line. */
export type Logger = pino.Logger;

/** The server's log, on standard error: lines of JSON, or text where a person reads along. Never holds tokens or what people wrote. */
export function createLog(level: string): Logger {
  const destination = process.stderr.isTTY ? readable() : pino.destination({ dest: 2, sync: false });
  const redact = ['authorization', '*.authorization', 'req.headers'];
  return pino({ level, base: null, redact, serializers: { err: describeError } }, destination);
}

/** Loaded where a person reads along: a server's start does without it. */
function readable(): DestinationStream {
  const pretty: typeof import('pino-pretty') = createRequire(import.meta.url)('pino-pretty');
  return pretty({ destination: 2, ignore: 'pid,hostname', translateTime: 'HH:MM:ss', sync: true });
}

/** An error for the log: of a failed statement its text and the database's reason, but never what it was run with. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: `a ${typeof error} was thrown` };
  const { query, code, cause } = error as { query?: string; code?: unknown; cause?: unknown };
  return {
    type: error.constructor.name,
    message: query === undefined ? withoutValues(error) : `failed statement: ${query}`,
    stack: error.stack?.split('\n').filter((line) => line.startsWith('    at ')),
    ...(typeof code === 'string' && { code }),
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}

/** PostgreSQL quotes a value that it does not take at the end of its message, after a colon. */
const withoutValues = (error: Error): string =>
  'severity' in error ? error.message.replace(/: ".*"$/s, '') : error.message;

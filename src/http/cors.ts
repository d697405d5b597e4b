import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from './respond.ts';

const ALLOWED = {
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers':
    'authorization, content-type, x-act-as, x-request-id, graphql-preflight, apollo-require-preflight',
  'access-control-max-age': '86400',
};

/** The origins whose pages may ask, as browsers write them; undefined: any. */
export type Origins = readonly string[] | undefined;

/**
 * Lets pages of these origins ask with a token of their own; where none is named, pages of any. No browser adds a token by itself
 * (there are no cookies, and credentials are never allowed), so a page can do no more than a program anywhere could.
 */
export function allowOrigins(req: IncomingMessage, res: ServerResponse, origins: Origins): void {
  const { origin } = req.headers;
  if (origins) res.setHeader('vary', 'origin');
  if (origins && (origin === undefined || !mayAsk(req, origins))) return;
  res.setHeader('access-control-allow-origin', origins && origin ? origin : '*');
  res.setHeader('access-control-expose-headers', 'x-request-id');
}

/** Answers the question that a browser asks before the request. */
export const answerPreflight = (res: ServerResponse): unknown => res.writeHead(204, ALLOWED).end();

/** Throws a Refusal for what comes from a page of another origin, the server's own set aside: browsers ask nothing before a WebSocket. */
export function requireOrigin(req: IncomingMessage, origins: Origins): void {
  if (!origins || mayAsk(req, origins)) return;
  throw new Refusal(
    403,
    'AUTH_ERR_NO_ACCESS',
    `Pages of ${req.headers.origin} may not ask: PARLEY_ORIGINS names those that may.`,
  );
}

/** Programs that are no browser send no origin; the server's own pages, such as the playground, send its own. */
function mayAsk({ headers: { origin, host } }: IncomingMessage, origins: readonly string[]): boolean {
  return origin === undefined || origins.includes(origin) || (host !== undefined && URL.parse(origin)?.host === host);
}

import type { ServerResponse } from 'node:http';

const ALLOWED = {
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers':
    'authorization, content-type, x-act-as, x-request-id, graphql-preflight, apollo-require-preflight',
  'access-control-max-age': '86400',
};

/**
 * Lets pages of any origin ask with a token of their own. No browser adds one by itself (there are no cookies, and credentials
 * are never allowed), so a page can do no more than a program anywhere could.
 */
export function allowOrigins(res: ServerResponse): void {
  res.setHeader('access-control-allow-origin', '*');
  res.setHeader('access-control-expose-headers', 'x-request-id');
}

/** Answers the question that a browser asks before the request. */
export const answerPreflight = (res: ServerResponse): unknown => res.writeHead(204, ALLOWED).end();

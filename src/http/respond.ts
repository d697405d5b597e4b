import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { ErrorCode } from '../errors.ts';

/** A request that is answered before GraphQL sees it: the HTTP status, and an error as GraphQL would give it. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: ErrorCode;
  readonly headers: OutgoingHttpHeaders;
  constructor(status: number, code: ErrorCode, message: string, headers: OutgoingHttpHeaders = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Answers with a value as JSON. */
export function sendJson(res: ServerResponse, status: number, value: object, headers: OutgoingHttpHeaders = {}): void {
  const body = `${JSON.stringify(value)}\n`;
  const all = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) };
  res.writeHead(status, { ...all, ...headers }).end(body);
}

/** An error in GraphQL's form. */
export const bodyOf = ({ code, message }: Refusal) => ({ errors: [{ message, extensions: { code } }] });

/** Answers with an error in GraphQL's form. */
export function sendRefusal(res: ServerResponse, refusal: Refusal): void {
  sendJson(res, refusal.status, bodyOf(refusal), refusal.headers);
}

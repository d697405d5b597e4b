import type { IncomingMessage } from 'node:http';
import { keepLast } from './keep-last.ts';
import { Refusal } from './respond.ts';

/**
 * The name or address that the request was sent to, from its Host header, as browsers write it: lower-case, IPv6 in brackets, no
 * port. Undefined where it has none. Throws a Refusal for a header that is no host, or for two.
 */
export function hostnameOf(req: IncomingMessage): string | undefined {
  requireOne(req, 'host');
  const { host } = req.headers;
  return host === undefined ? undefined : hostnameIn(host);
}

const hostnameIn = keepLast(parseHost); // to take it apart takes longer than to sign in

function parseHost(host: string): string {
  const url = /[/?#@\\\s]/.test(host) ? null : URL.parse(`http://${host}`);
  if (!url) throw new Refusal(400, 'ERR_BAD_REQUEST', 'The Host header is not a host name with an optional port.');
  return url.hostname;
}

/** Throws a Refusal where a header that says who asks, or whom, is there twice: others might read the other one. */
export function requireOne({ rawHeaders }: IncomingMessage, name: 'host' | 'authorization' | 'x-act-as'): void {
  let count = 0;
  // Not `headersDistinct`, which takes the time of a read from the database.
  for (let n = 0; n < rawHeaders.length; n += 2) {
    const given = rawHeaders[n] as string;
    if (given.length === name.length && given.toLowerCase() === name) count += 1;
  }
  if (count > 1) throw new Refusal(400, 'ERR_BAD_REQUEST', `The header ${name} is there twice: send one.`);
}

/** Throws a Refusal for anything but reading. */
export function requireRead({ method }: IncomingMessage): void {
  if (method === 'GET' || method === 'HEAD') return;
  throw new Refusal(405, 'ERR_BAD_REQUEST', `${method} is not for this path: GET is.`, { allow: 'GET, HEAD' });
}

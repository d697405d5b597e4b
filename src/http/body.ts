import type { IncomingMessage } from 'node:http';
import { Refusal } from './respond.ts';

const BODY_MS_MAX = 60_000;
const CUT_OFF_MS = 1_000; // for who sends too much: time to read the answer, which closing at once could destroy

/** The request's body, a JSON object of at most `maxBytes`. Throws a Refusal for anything else; no more than that is ever held. */
export async function readJson(req: IncomingMessage, maxBytes: number): Promise<object> {
  requireJson(req);
  requirePlain(req);
  return parseOperation((await readBytes(req, maxBytes)).toString('utf8'), 'The body');
}

/** Whether the request has files, as `readMultipart` reads them. */
export const isMultipart = ({ headers }: IncomingMessage): boolean =>
  /^multipart\/form-data\s*;/i.test(headers['content-type'] ?? '');

/** What is asked for in a text of JSON, which `what` names. Throws a Refusal where it is no JSON object. */
export function parseOperation(text: string, what: string): object {
  const value = parse(text, what);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Refusal(
    400,
    'ERR_BAD_REQUEST',
    Array.isArray(value)
      ? `${what} is a list: send one operation a request.`
      : `${what} must be a JSON object: {"query": "…", "variables": {…}}.`,
  );
}

function requireJson(req: IncomingMessage) {
  const type = req.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    const message = `The Content-Type is ${type ? `"${type}"` : 'missing'}: send "application/json", in UTF-8.`;
    throw new Refusal(415, 'ERR_BAD_REQUEST', message);
  }
}

/** Throws a Refusal for a compressed body: none unfolds to more than the limit. */
export function requirePlain(req: IncomingMessage): void {
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    const message = `The Content-Encoding is "${encoding}": send the body as it is.`;
    throw new Refusal(415, 'ERR_BAD_REQUEST', message, { 'accept-encoding': 'identity' });
  }
}

async function readBytes(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(req, maxBytes);
  const chunks: Buffer[] = [];
  let [size, ended] = [0, false];
  return new Promise((resolve, reject) => {
    const timer = setTimeout(endTooSlow, BODY_MS_MAX);
    req.on('data', take);
    req.once('end', () => {
      ended = true;
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    req.once('error', endedEarly); // the client is gone
    req.once('close', endedEarly);

    function endedEarly() {
      clearTimeout(timer);
      if (ended) return; // to make an error takes longer than to read the body
      reject(new Refusal(400, 'ERR_BAD_REQUEST', 'The body ended too early.'));
    }

    function endTooSlow() {
      cutOff(req);
      reject(new Refusal(408, 'ERR_BAD_REQUEST', `The body took longer than ${BODY_MS_MAX / 1000} s.`));
    }

    function take(chunk: Buffer) {
      size += chunk.length;
      if (size <= maxBytes) return chunks.push(chunk);
      req.off('data', take);
      chunks.length = 0;
      return reject(tooLarge(req, maxBytes));
    }
  });
}

/** The refusal of a body that is too large: the connection is closed once its sender has had time to read it. */
export function tooLarge(req: IncomingMessage, maxBytes: number): Refusal {
  cutOff(req);
  const message = `The body is too large: ${Math.floor(maxBytes / 1024)} KB at the most.`;
  return new Refusal(413, 'ERR_LIMIT_EXCEEDED', message);
}

/** Ends a request of which nothing more is read, once its sender has had time to read the answer. */
export function cutOff(req: IncomingMessage): void {
  req.resume();
  const timer = setTimeout(() => req.destroy(), CUT_OFF_MS).unref();
  req.once('close', () => clearTimeout(timer));
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'ERR_BAD_REQUEST', text === '' ? `${what} is empty.` : `${what} is not valid JSON.`);
  }
}

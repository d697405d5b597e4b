import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { ChatError } from '../errors.ts';
import type { Upload } from '../upload.ts';
import { cutOff, parseOperation, requirePlain, tooLarge } from './body.ts';
import { placeFiles } from './file-map.ts';
import { createParts, type Parts } from './parts.ts';
import { Refusal } from './respond.ts';

const IDLE_MS_MAX = 30_000;
const HEADER_BYTES_MAX = 8_192;
const ENVELOPE_BYTES = 16_384; // boundaries and headers of parts
/** What no page of another site can send without asking first. */
const DELIBERATE = ['authorization', 'graphql-preflight', 'apollo-require-preflight', 'x-requested-with'];

export interface MultipartLimits {
  /** Of `operations` and `map` together. */
  readonly maxBytes: number;
  readonly maxFileBytes: number;
  readonly maxFiles: number;
}

/** A GraphQL request with files, of which the files may still be on their way. */
export interface MultipartRequest {
  /** What a request of JSON would have as its body, with an `Upload` in the place of each file. */
  readonly operation: object;
  /** Resolves once everything has arrived, or nothing more will. */
  readonly received: Promise<void>;
  /** Lets what is still on its way, and nobody takes, pass by: to be called once the request is answered. */
  passBy(): void;
}

/**
 * Reads a request of the GraphQL multipart request specification as far as its files: `operations`, then `map`, then those. No
 * more of a file is held than is on its way from the socket to who takes it. Throws a Refusal for what is malformed or too large.
 */
export function readMultipart(req: IncomingMessage, limits: MultipartLimits): Promise<MultipartRequest> {
  requirePlain(req);
  requireDeliberate(req);
  const allowed = limits.maxBytes + limits.maxFiles * (limits.maxFileBytes + ENVELOPE_BYTES);
  const { promise, resolve, reject } = Promise.withResolvers<MultipartRequest>();
  const received = Promise.withResolvers<void>();
  const parser = createParser(req, limits);
  const parts = createParts();
  if (Number(req.headers['content-length'] ?? 0) > allowed) throw tooLarge(req, allowed);

  const idle = setTimeout(() => {
    if (req.isPaused())
      idle.refresh(); // it waits for us
    else fail(new Refusal(408, 'ERR_BAD_REQUEST', `Nothing has arrived for ${IDLE_MS_MAX / 1000} s.`));
  }, IDLE_MS_MAX);
  let [size, ended] = [0, false];

  function finish() {
    ended = true;
    clearTimeout(idle);
    req.off('data', count);
    parts.end(new ChatError('ERR_BAD_REQUEST', 'A file of `map` is not there: send a part for each.'));
    reject(new Refusal(400, 'ERR_BAD_REQUEST', '`operations` or `map` is missing.'));
    received.resolve();
  }

  /** Nothing more is read. */
  function fail(refusal: Refusal) {
    if (ended) return;
    ended = true;
    clearTimeout(idle);
    req.off('data', count);
    req.unpipe(parser);
    cutOff(req);
    const error = new ChatError(refusal.code, refusal.message);
    parts.end(error);
    parts.breakOff(error);
    reject(refusal);
    received.resolve();
  }

  function count(chunk: Buffer) {
    idle.refresh();
    size += chunk.length;
    if (size > allowed) fail(tooLarge(req, allowed));
  }

  req.on('data', count);
  req.once('close', () => {
    if (!req.complete) fail(endedEarly());
  });
  req.once('error', () => fail(endedEarly()));
  parser.on('error', () => fail(endedEarly()));
  parser.once('finish', finish);
  readFields(
    parser,
    limits,
    parts,
    (operation) => resolve({ operation, received: received.promise, passBy: parts.passBy }),
    fail,
  );
  req.pipe(parser);
  return promise;
}

function readFields(
  parser: BusboyInstance,
  { maxBytes, maxFiles }: MultipartLimits,
  parts: Parts,
  done: (operation: object) => void,
  fail: (refusal: Refusal) => void,
): void {
  let [operations, ready]: [string | undefined, boolean] = [undefined, false];

  function takeField(name: string, value: string, truncated: boolean) {
    if (truncated || Buffer.byteLength(value) + Buffer.byteLength(operations ?? '') > maxBytes) {
      throw new Refusal(413, 'ERR_LIMIT_EXCEEDED', `\`${name}\` is too large: ${maxBytes / 1024} KB at the most.`);
    }
    if (operations === undefined && name === 'operations') {
      operations = value;
      return;
    }
    if (operations === undefined || ready || name !== 'map') throw wrongOrder();
    const operation = parseOperation(operations, '`operations`');
    placeFiles(operation, value, maxFiles, (part): Upload => parts.expect(part));
    ready = true;
    done(operation);
  }

  parser.on('field', (name, value, _nameCut, truncated) => {
    try {
      takeField(name, value, truncated);
    } catch (error) {
      fail(error as Refusal);
    }
  });
  parser.on('file', (name: string, stream: BusboyFileStream, filename: string, _encoding: string, type: string) => {
    if (ready) return parts.arrive(name, { stream, name: filename ?? '', claimedType: type });
    stream.resume();
    fail(wrongOrder());
  });
}

function createParser(req: IncomingMessage, { maxBytes, maxFiles }: MultipartLimits): BusboyInstance {
  try {
    const headers = { ...req.headers, 'content-type': req.headers['content-type'] ?? '' };
    const limits = { fieldSize: maxBytes, fields: 3, parts: maxFiles + 3, headerSize: HEADER_BYTES_MAX };
    return new Busboy({ headers, limits });
  } catch {
    throw new Refusal(400, 'ERR_BAD_REQUEST', 'The Content-Type "multipart/form-data" has no boundary.');
  }
}

/**
 * A form of any page can be sent here by whoever sees the page, and no browser asks us first. It could do no harm (there are no
 * cookies: what is sent so is sent by nobody), and still is not let in.
 */
function requireDeliberate({ headers }: IncomingMessage): void {
  if (DELIBERATE.some((name) => headers[name] !== undefined)) return;
  const message =
    'The Content-Type is "multipart/form-data", which a form could send: add the header Authorization or GraphQL-Preflight, or send "application/json".';
  throw new Refusal(415, 'ERR_BAD_REQUEST', message);
}

const wrongOrder = (): Refusal =>
  new Refusal(400, 'ERR_BAD_REQUEST', 'The parts must be `operations`, then `map`, then the files.');

const endedEarly = (): Refusal => new Refusal(400, 'ERR_BAD_REQUEST', 'The body ended too early.');

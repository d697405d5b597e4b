import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { create as contentDisposition } from 'content-disposition';
import parseRange from 'range-parser';
import { now } from '../clock.ts';
import { type ByteRange, KEY_PATTERN } from '../media/bytes.ts';
import { isShown } from '../media/content.ts';
import type { ServedFile } from '../media/files-service.ts';
import type { Media } from '../media/service.ts';
import { allowOrigins, type Origins } from './cors.ts';
import { Refusal } from './respond.ts';

/** Where files are: an address is this, the key, and what shows that the server made it. */
export const MEDIA_PATH = '/media/';

/** What a file may do in a browser: nothing. */
const HARMLESS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
};

/** Answers with a file, or a range of it. Throws a Refusal for an address that is not ours, has expired, or whose file is gone. */
export async function answerMedia(
  req: IncomingMessage,
  res: ServerResponse,
  media: Media,
  origins: Origins,
): Promise<void> {
  allowOrigins(req, res, origins);
  const { key, expires } = await requireAddress(req, media);
  const file = await media.find(key);
  if (!file) throw notFound();
  const etag = `"${key}"`;
  const headers = { ...HARMLESS, etag, 'accept-ranges': 'bytes', 'cache-control': cacheControl(expires) };
  if (names(req.headers['if-none-match'], etag)) return void res.writeHead(304, headers).end();
  const range = rangeOf(req, file, etag);
  const { start, end } = range ?? { start: 0, end: file.size - 1 };
  const answer: [number, OutgoingHttpHeaders] = [
    range ? 206 : 200,
    {
      ...headers,
      ...describe(file),
      'content-length': end - start + 1,
      ...(range && { 'content-range': `bytes ${start}-${end}/${file.size}` }),
    },
  ];
  if (req.method === 'HEAD') return void res.writeHead(...answer).end();
  const bytes = await media.open(key, range);
  if (!bytes) throw notFound();
  res.writeHead(...answer);
  await pipeline(bytes, res).catch((error) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error; // the client has had enough
  });
}

async function requireAddress(req: IncomingMessage, media: Media): Promise<{ key: string; expires: number }> {
  const { pathname, searchParams } = new URL(req.url ?? '', 'http://localhost');
  const key = pathname.slice(MEDIA_PATH.length);
  if (!KEY_PATTERN.test(key)) throw notFound();
  const [expires, signature] = [searchParams.get('expires') ?? '', searchParams.get('signature') ?? ''];
  if (!(await media.isOwnAddress(key, { expires, signature }))) {
    throw new Refusal(403, 'AUTH_ERR_NO_ACCESS', 'The address is not one that this server made.');
  }
  if (Number(expires) <= now()) {
    throw new Refusal(403, 'AUTH_ERR_NO_ACCESS', 'The address has expired: ask for the message again.');
  }
  return { key, expires: Number(expires) };
}

const cacheControl = (expires: number): string => `private, max-age=${expires - now()}, immutable`;

/** A type that a browser may show by itself stays; anything else is only ever saved. */
function describe({ name, mimeType }: ServedFile): OutgoingHttpHeaders {
  const shown = isShown(mimeType);
  const type = mimeType === 'text/plain' ? 'text/plain; charset=utf-8' : mimeType;
  return {
    'content-type': shown ? type : 'application/octet-stream',
    'content-disposition': contentDisposition(name, { type: shown ? 'inline' : 'attachment' }),
  };
}

/** The one range that is asked for; undefined for the whole file, also where several are asked for. */
function rangeOf({ headers }: IncomingMessage, { size }: ServedFile, etag: string): ByteRange | undefined {
  const asked = headers.range;
  const condition = headers['if-range'];
  if (asked === undefined || (condition !== undefined && condition !== etag)) return undefined;
  const ranges = parseRange(size, asked, { combine: true });
  if (ranges === -1) {
    const message = `The file has ${size} bytes: none of them is in this range.`;
    throw new Refusal(416, 'ERR_BAD_REQUEST', message, { 'content-range': `bytes */${size}` });
  }
  return ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1 ? undefined : ranges[0];
}

const names = (condition = '', etag: string): boolean =>
  condition.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);

const notFound = (): Refusal => new Refusal(404, 'ERR_BAD_REQUEST', 'There is no such file, or it was deleted.');

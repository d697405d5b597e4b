import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { GraphQLAnswer } from './client.ts';
import type { TestServer } from './server.ts';

/** A file to be sent: its name, its content, and the type that its sender says it has. */
export interface SentFile {
  readonly name: string;
  readonly content: Uint8Array | string | AsyncIterable<Uint8Array>;
  readonly type?: string;
}

/** Something of a multipart request: a field's text, or a file. */
export type Part = readonly [name: string, value: string | SentFile];

const BOUNDARY = `----parley-${randomBytes(8).toString('hex')}`;

export const MULTIPART = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };

/** The bytes of a multipart request. `cut` leaves out its end, as one that breaks off. */
export async function* multipartBody(parts: readonly Part[], cut = false): AsyncGenerator<Uint8Array> {
  for (const [n, [name, value]] of parts.entries()) {
    yield Buffer.from(headOf(name, value));
    if (typeof value === 'string') yield Buffer.from(value);
    else if (typeof value.content === 'string') yield Buffer.from(value.content);
    else if (value.content instanceof Uint8Array) yield value.content;
    else yield* value.content;
    if (!cut || n < parts.length - 1) yield Buffer.from('\r\n');
  }
  if (!cut) yield Buffer.from(`--${BOUNDARY}--\r\n`);
}

function headOf(name: string, value: string | SentFile): string {
  const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"`;
  if (typeof value === 'string') return `${head}\r\n\r\n`;
  return `${head}; filename="${value.name}"\r\ncontent-type: ${value.type ?? 'application/octet-stream'}\r\n\r\n`;
}

/** Posts parts as they are. */
export async function postParts(
  { url, apiKey }: Pick<TestServer, 'url' | 'apiKey'>,
  as: string,
  parts: readonly Part[],
  headers: Record<string, string> = {},
): Promise<GraphQLAnswer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { ...MULTIPART, authorization: `Bearer ${apiKey}`, 'x-act-as': as, ...headers },
    body: Readable.toWeb(Readable.from(multipartBody(parts))) as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  const { data, errors = [] } = (await response.json()) as { data?: unknown; errors?: GraphQLAnswer['errors'] };
  return { data, errors, status: response.status, headers: response.headers };
}

export const SEND_MEDIA = `mutation ($input: SendMediaMessageInput!) {
  sendMediaMessage(input: $input) {
    message { id url caption type attachments { url name mimeType size extension width height thumbnailUrl } raw }
  }
}`;

/** The parts of a request that sends files; `input` as it is beside them. */
export function sendingParts(input: object, files: readonly SentFile[], document = SEND_MEDIA): Part[] {
  const variables = { input: { ...input, files: files.map(() => null) } };
  const map = Object.fromEntries(files.map((_, n) => [String(n), [`variables.input.files.${n}`]]));
  return [
    ['operations', JSON.stringify({ query: document, variables })],
    ['map', JSON.stringify(map)],
    ...files.map((file, n) => [String(n), file] as const),
  ];
}

/** Sends files in a media message. */
export const sendFiles = (
  server: Pick<TestServer, 'url' | 'apiKey'>,
  as: string,
  input: object,
  files: readonly SentFile[],
): Promise<GraphQLAnswer> => postParts(server, as, sendingParts(input, files));

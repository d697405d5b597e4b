import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { fileStore } from '../../src/media/store.ts';
import type { Database } from '../../src/store/handle.ts';
import type { TestServer } from './server.ts';

/** What is kept in a folder of files: how many there are. */
export const keptIn = (folder: string): number =>
  globSync('**', { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile()).length;

/** Rows of files that no message has. */
export const looseIn = async (db: Database): Promise<number> => (await fileStore(db.read).loose(1_000)).length;

/** How many files are kept, and how many of them without a message. */
export const mediaOf = async ({ media, db }: TestServer) => ({ kept: keptIn(media), loose: await looseIn(db) });

/** A picture of one colour. */
export const picture = (
  width: number,
  height: number,
  format: 'png' | 'jpeg' | 'webp' | 'gif' = 'png',
): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: '#c33' } })
    .toFormat(format)
    .toBuffer();

/** The smallest sound in a WebM container: what browsers record, with nothing but its header. */
export const WEBM = Buffer.concat([
  Buffer.from('1a45dfa39f4286810142f7810142f2810442f381084282847765626d', 'hex'),
  Buffer.alloc(64),
]);

/** The beginning of a song. */
export const MP3 = Buffer.concat([
  Buffer.from('fffb9064', 'hex'),
  Buffer.alloc(413),
  Buffer.from('fffb9064', 'hex'),
  Buffer.alloc(413),
]);

/** The beginning of a film. */
export const MP4 = Buffer.concat([
  Buffer.from('000000186674797069736f6d0000020069736f6d69736f32', 'hex'),
  Buffer.alloc(64),
]);

/** So many bytes, at once. */
export const bytesAtOnce = async (count: number): Promise<Buffer> => Buffer.concat(await Array.fromAsync(bytes(count)));

/** So many bytes, made as they are asked for: of every value, and never text. */
export async function* bytes(count: number, chunk = 65_536): AsyncGenerator<Uint8Array> {
  const one = Buffer.from(Array.from({ length: chunk }, (_, n) => n % 256));
  for (let left = count; left > 0; left -= chunk) yield left >= chunk ? one : one.subarray(0, left);
}

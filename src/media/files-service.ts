import type { Readable } from 'node:stream';
import type { Awaitable } from '../awaitable.ts';
import { now } from '../clock.ts';
import { badField } from '../input.ts';
import { type Database, type Handle, must } from '../store/handle.ts';
import type { Upload } from '../upload.ts';
import { type ByteRange, type ByteStore, newKey } from './bytes.ts';
import { asMedia, type Content, contentOf, HEAD_BYTES, type MediaType } from './content.ts';
import { imageReader, isReadable, type Picture } from './image.ts';
import { fileNameOf } from './name.ts';
import { fileStore } from './store.ts';

const PAGE = 100;
const THUMBNAIL_TYPE = 'image/webp';

/** A file whose bytes are kept and which no message has yet. */
export interface KeptFile extends Content {
  readonly key: string;
  readonly name: string;
  readonly size: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly thumbnail: { readonly key: string; readonly size: number } | null;
}

/** A file of a message, as it is served. */
export interface ServedFile {
  readonly key: string;
  readonly name: string;
  readonly mimeType: string;
  readonly size: number;
}

interface Options {
  readonly db: Database;
  readonly bytes: ByteStore;
  /** How large one file may be. */
  readonly maxBytes: number;
  /** Hears of files that can't be removed now. */
  readonly report: (error: unknown) => void;
}

/**
 * The files that Parley keeps. Each has a row before it has bytes, and loses it after them: whatever breaks off in between, a sweep
 * finds what is left. What a message is about to have, and what is being removed, the rows decide.
 */
export function createFiles({ db, bytes, maxBytes, report }: Options) {
  const read = imageReader();
  /** Those that this process is about to make a message's. */
  const wanted = new Set<string>();
  let sweeping: Promise<void> | undefined;
  let again = false;
  let closed = false;

  async function announce(name: string): Promise<string> {
    const key = newKey();
    wanted.add(key);
    await db.write(`file:${key}`, async (tx) => must(await fileStore(tx).add(key, name, now())));
    return key;
  }

  /** The chunks as they come, while they are no more than a file may have and are of the type. `done` is told what they were. */
  async function* checked(stream: Readable, type: MediaType, claimedType: string, done: (found: Found) => void) {
    const head: Buffer[] = [];
    let [size, content]: [number, Content | undefined] = [0, undefined];
    const look = async () => requireType(await contentOf(Buffer.concat(head), claimedType), type);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      if (content === undefined) {
        head.push(chunk);
        if (size >= HEAD_BYTES) content = await look();
      }
      yield chunk;
    }
    if (size === 0) throw badField('files', 'holds an empty file', 'ERR_EMPTY_MESSAGE_FILE');
    done({ size, content: content ?? (await look()) });
  }

  async function putChecked(key: string, stream: Readable, type: MediaType, claimedType: string): Promise<Found> {
    let found: Found | undefined;
    let broken: { readonly error: unknown } | undefined;
    async function* chunks() {
      try {
        yield* checked(stream, type, claimedType, (result) => (found = result));
      } catch (error) {
        broken = { error };
        throw error;
      }
    }
    try {
      await bytes.put(key, chunks());
    } catch (error) {
      throw broken ? broken.error : error; // and not what the store makes of it
    } finally {
      stream.destroy();
    }
    return must(found);
  }

  async function pictureOf(key: string, { content, size }: Found, type: MediaType): Promise<Picture | undefined> {
    if (!isReadable(content, size)) return undefined;
    const picture = await read(Buffer.concat(await must(await bytes.get(key)).toArray()));
    if (picture || type !== 'image') return picture;
    throw badField('files', 'holds an image that is broken', 'ERR_INVALID_MEDIA_MESSAGE');
  }

  async function keepThumbnail(name: string, { thumbnail }: Picture): Promise<KeptFile['thumbnail']> {
    if (!thumbnail) return null;
    const key = await announce(`${name}.webp`);
    try {
      await bytes.put(key, chunkOf(thumbnail));
    } catch (error) {
      await drop([key]);
      throw error;
    }
    return { key, size: thumbnail.length };
  }

  async function removeAll(keys: readonly string[]): Promise<void> {
    const doomed = await db.write('files', (tx) => fileStore(tx).doom(keys));
    for (const { key, size } of doomed) await bytes.remove(key, size > 0);
    await db.write('files', (tx) => fileStore(tx).forget(doomed.map(({ key }) => key)));
  }

  async function drop(keys: readonly string[]): Promise<void> {
    try {
      await removeAll(keys);
    } catch (error) {
      report(error);
    }
    for (const key of keys) wanted.delete(key);
  }

  async function sweepAll(): Promise<void> {
    while (again && !closed) {
      again = false;
      for (let page = await nextLoose(); page.length > 0 && !closed; page = await nextLoose()) await removeAll(page);
    }
  }

  async function nextLoose() {
    const rows = await fileStore(db.read).loose(PAGE + wanted.size);
    return rows.flatMap(({ key }) => (wanted.has(key) ? [] : [key])).slice(0, PAGE);
  }

  return {
    /**
     * Keeps a file of a message of the type. Throws ERR_LIMIT_EXCEEDED, ERR_EMPTY_MESSAGE_FILE or ERR_INVALID_MEDIA_MESSAGE for one
     * that can't be taken, of which nothing stays.
     */
    async keep(upload: Upload, type: MediaType, signal: AbortSignal): Promise<KeptFile> {
      const { name: given, claimedType, stream } = await upload.take(signal);
      const name = fileNameOf(given);
      const key = await announce(name).catch((error) => {
        stream.destroy();
        throw error;
      });
      try {
        const found = await putChecked(key, stream, type, claimedType);
        const picture = await pictureOf(key, found, type);
        const { width = null, height = null } = picture ?? {};
        const thumbnail = picture ? await keepThumbnail(name, picture) : null;
        return { key, name, size: found.size, ...found.content, width, height, thumbnail };
      } catch (error) {
        await drop([key]);
        throw error;
      }
    },

    /** Makes files a message's, with their thumbnails, in its transaction. */
    async give(tx: Handle, messageId: number, files: readonly KeptFile[]): Promise<void> {
      const { give } = fileStore(tx);
      for (const { key, mimeType, size, thumbnail } of files) {
        must(await give(key, messageId, mimeType, size));
        if (thumbnail) must(await give(thumbnail.key, messageId, THUMBNAIL_TYPE, thumbnail.size));
      }
    },

    /** Tells that the files are a message's now. */
    given(files: readonly KeptFile[]): void {
      for (const key of keysOf(files)) wanted.delete(key);
    },

    /** Removes files that became no message's. */
    drop: (files: readonly KeptFile[]): Promise<void> => drop(keysOf(files)),

    /** A file of a message that is there and not deleted. */
    find: (key: string): Awaitable<ServedFile | undefined> => fileStore(db.read).ofMessage(key),

    /** A file's bytes; undefined where they are lost. */
    open: (key: string, range?: ByteRange): Promise<Readable | undefined> => bytes.get(key, range),

    /**
     * Removes the files that no message has any more: to be called after the commit that deleted messages. What it can't remove now
     * it reports, and the next sweep tries again. Nobody has to wait for it.
     */
    sweep(): Promise<void> {
      again = true;
      sweeping ??= sweepAll()
        .catch((error) => report(error))
        .finally(() => (sweeping = undefined));
      return sweeping;
    },

    /** Ends a sweep that runs, before the database closes; what is left the next start sweeps. */
    async close(): Promise<void> {
      closed = true;
      await sweeping;
    },
  };
}

export type Files = ReturnType<typeof createFiles>;

/** How large a file is, and what. */
interface Found {
  readonly size: number;
  readonly content: Content;
}

const keysOf = (files: readonly KeptFile[]): string[] =>
  files.flatMap(({ key, thumbnail }) => (thumbnail ? [key, thumbnail.key] : [key]));

function requireType(content: Content, type: MediaType): Content {
  const fitting = asMedia(content, type);
  if (fitting) return fitting;
  throw badField(
    'files',
    `holds one of type ${content.mimeType} by its content: a message of type ${type.toUpperCase()} can't`,
    'ERR_INVALID_MEDIA_MESSAGE',
  );
}

const tooLarge = (maxBytes: number) =>
  badField('files', `holds one that is too large: ${maxBytes / 1024 / 1024} MB at the most`, 'ERR_LIMIT_EXCEEDED');

async function* chunkOf(bytes: Buffer) {
  yield bytes;
}

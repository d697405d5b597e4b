import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { now } from '../clock.ts';
import { type ByteStore, KEY_PATTERN, keyOf } from '../media/bytes.ts';
import { fileStore } from '../media/store.ts';
import { type Database, must } from '../store/handle.ts';
import { filesStore } from './files-store.ts';

/** What became of the files of an export or an import. */
export interface FileTally {
  /** Those that were copied. */
  copied: number;
  /** Those that were there already. */
  there: number;
  /** Those of which there are no bytes. */
  missing: number;
}

/** A file that an attachment is, or shows as its thumbnail. */
interface Kept {
  readonly key: string;
  readonly messageId: number;
  readonly name: string;
  readonly mimeType: string;
}

/** Copies the files of all messages into a folder, each under its key; those that it has already stay. */
export async function exportFiles(db: Database, bytes: ByteStore, folder: string): Promise<FileTally> {
  const tally: FileTally = { copied: 0, there: 0, missing: 0 };
  await mkdir(folder, { recursive: true });
  for await (const { key } of keptFiles(db)) {
    const path = join(folder, key);
    if ((await sizeOf(path)) !== undefined) tally.there++;
    else {
      const stream = await bytes.get(key);
      if (stream) {
        await pipeline(stream, createWriteStream(`${path}.part`));
        await rename(`${path}.part`, path); // one that was cut off is never taken for a whole one
        tally.copied++;
      } else tally.missing++;
    }
  }
  return tally;
}

/** Takes the files of imported messages from a folder that `exportFiles` made; those that are kept already stay. */
export async function importFiles(db: Database, bytes: ByteStore, folder: string): Promise<FileTally> {
  const tally: FileTally = { copied: 0, there: 0, missing: 0 };
  for await (const file of keptFiles(db)) {
    const size = await sizeOf(join(folder, file.key));
    const had = await filesStore(db.read).had([file.key]);
    if (had.length > 0) tally.there++;
    else if (size === undefined) tally.missing++;
    else {
      await importFile(db, bytes, file, join(folder, file.key), size);
      tally.copied++;
    }
  }
  return tally;
}

/** In the order in which the server does it: what is cut off in between, a sweep finds. */
async function importFile(db: Database, bytes: ByteStore, file: Kept, path: string, size: number): Promise<void> {
  const { key, messageId, name, mimeType } = file;
  await bytes.remove(key, false);
  await db.write('files', async (tx) => {
    await filesStore(tx).forget(key);
    await fileStore(tx).add(key, name, now());
  });
  await bytes.put(key, createReadStream(path));
  await db.write('files', async (tx) => must(await fileStore(tx).give(key, messageId, mimeType, size)));
}

async function* keptFiles(db: Database): AsyncGenerator<Kept> {
  let [message, position] = [0, -1];
  for (;;) {
    const rows = await filesStore(db.read).kept(message, position);
    for (const { messageId, url, thumbnailUrl, name, mimeType } of rows) {
      const [key, thumbnail] = [keyOf(url), thumbnailUrl === null ? undefined : keyOf(thumbnailUrl)];
      if (isKey(key)) yield { key, messageId, name, mimeType };
      if (isKey(thumbnail)) yield { key: thumbnail, messageId, name: `${name}.webp`, mimeType: 'image/webp' };
    }
    const last = rows.at(-1);
    if (!last) return;
    [message, position] = [last.messageId, last.position];
  }
}

/** A line of an import may say anything: only what can be a key becomes part of a path. */
const isKey = (key: string | undefined): key is string => key !== undefined && KEY_PATTERN.test(key);

async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

import { createWriteStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ByteStore } from './bytes.ts';

/** Keeps files in a folder, which is made at the first one. Folders in it hold a part each: some systems are slow with large ones. */
export function diskStore(folder: string): ByteStore {
  const pathOf = (key: string) => join(folder, key.slice(0, 2), key);
  return {
    async put(key, chunks) {
      const path = pathOf(key);
      const made = await mkdir(dirname(path), { recursive: true });
      await pipeline(chunks, createWriteStream(path, { flags: 'wx', flush: true }));
      await flushFolder(dirname(path));
      if (made !== undefined) await flushFolder(folder);
    },

    async get(key, range) {
      try {
        return (await open(pathOf(key))).createReadStream(range);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },

    remove: (key) => rm(pathOf(key), { force: true }),
  };
}

/** A new name is on disk once its folder is. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path);
  await folder.sync().finally(() => folder.close());
}

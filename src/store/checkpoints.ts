import { Worker } from 'node:worker_threads';
import type Sqlite from 'better-sqlite3';

/** So many pages of the write-ahead log are copied at once. */
const PAGES = 4_000;
/** Should no thread start or a reader hold it up, the writer itself copies a log as long as this. */
const PAGES_MAX = 40_000;

/** How many pages a write-ahead log has. */
interface Length {
  readonly log: number;
}

/**
 * Keeps the write-ahead log of who writes short. A thread of its own copies it into the file: to write and sync thousands of pages
 * between two commits would hold up everybody who sends. What is committed meanwhile, a little, the writer copies itself, as the
 * log can only start anew where all of it is copied. Nothing here throws: a log that is not copied is tried again later.
 */
export function createCheckpoints(writer: Sqlite.Database) {
  writer.pragma(`wal_autocheckpoint = ${PAGES_MAX}`);
  const length = writer.prepare<[], Length>('pragma wal_checkpoint(noop)');
  const copyRest = writer.prepare('pragma wal_checkpoint(passive)');
  let thread: Worker | undefined;
  let copying = false;
  let closed = false;
  let seen = 0; // how long it was when it was last to be copied

  function startThread(): Worker {
    const started = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), { workerData: writer.name });
    started.unref();
    started.on('message', () => {
      attempt(() => copyRest.get());
      copying = false;
    });
    started.on('error', () => {}); // it ends then
    started.once('exit', () => {
      [thread, copying] = [undefined, false]; // the next time another one starts
    });
    return started;
  }

  function begin(): boolean {
    thread ??= startThread();
    thread.postMessage(null);
    return true;
  }

  return {
    /** Looks how long the log is: after each commit. */
    look() {
      const log = copying || closed ? undefined : attempt(() => length.get()?.log);
      if (log === undefined) return;
      if (log < seen) seen = 0; // it has started anew
      if (log - seen < PAGES) return;
      seen = log;
      copying = attempt(begin) ?? false;
    },
    async close() {
      closed = true;
      await thread?.terminate();
    },
  };
}

function attempt<T>(job: () => T): T | undefined {
  try {
    return job();
  } catch {
    return undefined; // whatever the disk's trouble is, who writes is told of it
  }
}

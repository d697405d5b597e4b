// Copies a database's write-ahead log into its file each time it is told to, and says so. See checkpoints.ts.
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';

const client = new Sqlite(workerData as string);
client.pragma('synchronous = full'); // the log is on disk before the file is written, and the file before the log starts anew
parentPort?.on('message', () => {
  try {
    client.pragma('wal_checkpoint(passive)'); // which waits for nobody, and holds nobody up
  } catch {
    // Whatever the disk's trouble is, who writes is told of it.
  }
  parentPort?.postMessage(null);
});

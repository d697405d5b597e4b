import { once } from 'node:events';
import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { openByteStore } from '../media/open.ts';
import type { Database } from '../store/handle.ts';
import { openDatabase } from '../store/open.ts';
import { exportAll } from '../transfer/export-service.ts';
import { exportFiles } from '../transfer/files-service.ts';

/** Adds `export`, which writes all that the database holds to standard output; a server may run beside it. */
export function addExportCommand(program: Command): void {
  program
    .command('export')
    .option('--media <folder>', 'copy the files of messages into this folder')
    .description('write users, groups and messages to standard output, as lines that import takes')
    .action(async ({ media }: { media?: string }) => {
      const { PARLEY_DATABASE: database, PARLEY_MEDIA: kept } = readConfig(process.env);
      process.stdout.on('error', stopQuietly);
      const db = await openDatabase(database, 'read');
      try {
        await exportAll(db, writeOut);
        if (media !== undefined) await copyFiles(db, kept, media);
      } finally {
        await db.close();
      }
    });
}

/** After the lines: whoever has those has what tells of the files. */
async function copyFiles(db: Database, kept: string, folder: string): Promise<void> {
  const { copied, there, missing } = await exportFiles(db, openByteStore(kept), folder);
  console.error(`Files: ${copied} copied; already there: ${there}; lost: ${missing}`);
  if (missing > 0) process.exitCode = 1;
}

async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Whoever reads along has had enough, as `head` has. */
function stopQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}

import { once } from 'node:events';
import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { openDatabase } from '../store/open.ts';
import { exportAll } from '../transfer/export-service.ts';

/** Adds `export`, which writes all that the database holds to standard output; a server may run beside it. */
export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description('write users, groups and messages to standard output, as lines that import takes')
    .action(async () => {
      const { PARLEY_DATABASE: database } = readConfig(process.env);
      process.stdout.on('error', stopQuietly);
      const db = await openDatabase(database, 'read');
      try {
        await exportAll(db, writeOut);
      } finally {
        await db.close();
      }
    });
}

async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Whoever reads along has had enough, as `head` has. */
function stopQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}

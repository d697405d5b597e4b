import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { openDatabase } from '../store/open.ts';
import { checkAll } from '../transfer/check-service.ts';

/** Adds `check`, which counts again all that is kept counted; a server may run beside it. Exit code 1 on any difference. */
export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('count again what the database keeps counted, and compare')
    .action(async () => {
      const { PARLEY_DATABASE: database } = readConfig(process.env);
      const db = await openDatabase(database, 'read');
      try {
        const findings = await checkAll(db);
        for (const { name, count, examples } of findings) {
          console.error(`Does not hold: ${name} (${count.toLocaleString('en')})`);
          for (const example of examples) console.error(`  ${example}`);
        }
        if (findings.length > 0) process.exitCode = 1;
        else console.log('Everything holds.');
      } finally {
        await db.close();
      }
    });
}

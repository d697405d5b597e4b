import type { Command } from 'commander';

/** Adds `export`. */
export function addExportCommand(program: Command): void {
  program.command('export').action(() => console.error('export comes with the next commit'));
}

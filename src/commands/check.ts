import type { Command } from 'commander';

/** Adds `check`. */
export function addCheckCommand(program: Command): void {
  program.command('check').action(() => console.error('check comes with the next commit'));
}

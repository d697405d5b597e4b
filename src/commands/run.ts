import { Command } from 'commander';
import { ConfigError } from '../config.ts';
import { ControlError } from '../control.ts';
import { ChatError } from '../errors.ts';
import { StoreError } from '../store/handle.ts';
import { addCheckCommand } from './check.ts';
import { addExportCommand } from './export.ts';
import { addImportCommand } from './import.ts';
import { addServeCommand } from './serve.ts';
import { addTokenCommand } from './token.ts';

const EXPLAINED = [ConfigError, StoreError, ControlError, ChatError];

/** Runs the command that the arguments name. What the operator can mend is a line on standard error, and exit code 1. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  const program = new Command('parley')
    .description('A self-hosted chat backend that you query. Settings come from the environment: see docs/settings.md.')
    .showHelpAfterError();
  addServeCommand(program);
  addImportCommand(program);
  addExportCommand(program);
  addTokenCommand(program);
  addCheckCommand(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!EXPLAINED.some((kind) => error instanceof kind)) throw error;
    console.error(`parley: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

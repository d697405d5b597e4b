import { Command } from 'commander';
import { ConfigError } from '../config.ts';
import { ControlError } from '../control.ts';
import { ChatError } from '../errors.ts';
import { StoreError } from '../store/handle.ts';

/** Each is loaded where it is asked for: the server's takes most of the time and memory, and the others need none of it. */
const COMMANDS = new Map<string, () => Promise<(program: Command) => void>>(
  Object.entries({
    serve: async () => (await import('./serve.ts')).addServeCommand,
    import: async () => (await import('./import.ts')).addImportCommand,
    export: async () => (await import('./export.ts')).addExportCommand,
    token: async () => (await import('./token.ts')).addTokenCommand,
    check: async () => (await import('./check.ts')).addCheckCommand,
  }),
);

const EXPLAINED = [ConfigError, StoreError, ControlError, ChatError];

/** Runs the command that the arguments name. What the operator can mend is a line on standard error, and exit code 1. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  const program = new Command('parley')
    .description('A self-hosted chat backend that you query. Settings come from the environment: see docs/settings.md.')
    .showHelpAfterError();
  const asked = COMMANDS.get(argv[2] ?? 'serve');
  for (const load of asked ? [asked] : COMMANDS.values()) (await load())(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!EXPLAINED.some((kind) => error instanceof kind)) throw error;
    console.error(`parley: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

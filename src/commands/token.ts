import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { createApp } from '../app.ts';
import type { Tokens } from '../auth/tokens-service.ts';
import { readConfig } from '../config.ts';
import { askServer, isFile } from '../control.ts';
import { StoreError } from '../store/handle.ts';
import { openDatabase } from '../store/open.ts';
import { KEY } from '../viewer.ts';

interface Options {
  readonly expiresIn?: number;
  readonly revoke?: true;
}

/** What `token` asks for: of the server that runs on the database, through its control socket, or done by the command itself. */
export const tokenCommands = (tokens: Tokens) => ({
  token: async (request: { uid: string; expiresIn?: number }) => (await tokens.create(KEY, request)).authToken,
  revokeTokens: ({ uid }: { uid: string }) => tokens.revoke(KEY, uid),
});

/** Adds `token UID`, which prints a new user token and nothing else. */
export function addTokenCommand(program: Command): void {
  program
    .command('token')
    .argument('<uid>', 'the user who signs in with it')
    .description('print a new user token')
    .option('--expires-in <seconds>', 'how long it holds; for good where this is left out', seconds)
    .option('--revoke', 'end all tokens of the user instead, and print how many there were')
    .action(async (uid: string, { expiresIn, revoke }: Options) => {
      const { PARLEY_DATABASE: database } = readConfig(process.env);
      const request = expiresIn === undefined ? { uid } : { uid, expiresIn };
      const printed = await perform(database, revoke ? 'revokeTokens' : 'token', request);
      process.stdout.write(`${printed}\n`);
    });
}

async function perform(database: string, command: keyof ReturnType<typeof tokenCommands>, request: { uid: string }) {
  if (isFile(database)) {
    if (!existsSync(database)) throw new StoreError(`there is no database at ${database}`);
    const answer = await askServer(database, command, request);
    if (answer !== undefined) return answer;
  }
  const db = await openDatabase(database, 'write');
  try {
    return await tokenCommands(createApp(db).tokens)[command](request);
  } finally {
    await db.close();
  }
}

function seconds(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes a whole number of seconds, 1 or more.');
}

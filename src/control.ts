import { hash } from 'node:crypto';
import { once } from 'node:events';
import { lstatSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Awaitable } from './awaitable.ts';
import type { Json } from './json.ts';
import type { Logger } from './log.ts';

const PATH_BYTES_MAX = 100; // a socket's path: Linux has room for 107, macOS for 103

/** What a server does for the command line, by the command's name: each takes and gives JSON, and refuses by throwing. */
export type ControlCommands = Readonly<Record<string, (request: never) => Awaitable<Json>>>;

/** Why the server did not do what it was asked, in a line for the operator. */
export class ControlError extends Error {}

/** Whether the database is a file, with a server that can be asked through a socket beside it. */
export const isFile = (database: string): boolean => !database.includes('://');

/**
 * Answers the command line through the socket of a database file, for this system user alone, until the function that it gives is
 * called. Only the process that has the file's lock may: it takes the place of whoever had it and died. Does not keep the process
 * alive. Where no socket can be made the server does without, and the log says so.
 */
export async function serveControl(file: string, commands: ControlCommands, log: Logger): Promise<() => void> {
  const server = createServer((socket) => answer(socket, commands)).unref();
  try {
    listenPrivately(server, socketPath(file));
    await once(server, 'listening');
  } catch (error) {
    log.warn(
      { err: error },
      'no control socket: other commands can use the database only while this server is stopped',
    );
  }
  return () => server.close();
}

function listenPrivately(server: Server, path: string) {
  rmSync(path, { force: true });
  const mask = process.umask(0o177); // so that the socket is private from its first moment
  try {
    server.listen(path);
  } finally {
    process.umask(mask);
  }
}

/** Has the server that runs on the file do a command; undefined where none runs. Throws a ControlError where it refuses. */
export async function askServer(file: string, command: string, request: Json): Promise<Json | undefined> {
  const socket = connect(socketPath(file));
  try {
    await once(socket, 'connect');
  } catch (error) {
    if (/^(ENOENT|ECONNREFUSED)$/.test((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  socket.write(`${JSON.stringify({ command, request })}\n`);
  const line = await text(socket).catch(() => '');
  if (!line.endsWith('\n')) throw new ControlError('the server stopped before it answered: try again');
  const reply: Reply = JSON.parse(line);
  if ('error' in reply) throw new ControlError(reply.error);
  return reply.answer;
}

type Reply = { readonly answer: Json } | { readonly error: string };

function answer(socket: Socket, commands: ControlCommands) {
  let line = '';
  socket.unref().setEncoding('utf8');
  socket.on('error', () => {}); // who asked has gone
  socket.on('data', async (chunk: string) => {
    line += chunk;
    if (line.endsWith('\n')) socket.end(`${JSON.stringify(await run(line, commands))}\n`);
  });
}

async function run(line: string, commands: ControlCommands): Promise<Reply> {
  try {
    const { command, request } = JSON.parse(line);
    const known = commands[command];
    if (!known) return { error: `the server that runs does not know "${command}": is it of another version?` };
    return { answer: await known(request as never) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/**
 * The socket beside the file; where that path is too long for a socket, one with a short name in this system user's own folder
 * under the temporary one.
 */
function socketPath(file: string): string {
  const beside = `${realpathSync(file)}.sock`;
  if (Buffer.byteLength(beside) <= PATH_BYTES_MAX) return beside;
  return join(ownFolder(), `${hash('sha256', beside).slice(0, 16)}.sock`);
}

function ownFolder(): string {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `parley-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return folder;
  throw new ControlError(`${folder} must be a folder that belongs to this user alone (mode 0700)`);
}

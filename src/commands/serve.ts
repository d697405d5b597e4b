import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { createApp, type Services } from '../app.ts';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { isFile, serveControl } from '../control.ts';
import { isLoopback } from '../http/loopback.ts';
import { createPlayground } from '../http/playground.ts';
import { createLog, type Logger } from '../log.ts';
import { type RunningServer, startServer } from '../server.ts';
import { openDatabase } from '../store/open.ts';
import { DEMO_UID } from '../transfer/demo.ts';
import { finishImports } from '../transfer/finish-store.ts';
import { KEY } from '../viewer.ts';
import { tokenCommands } from './token.ts';
import { welcome } from './welcome.ts';

const STOP_MS_MAX = 9_500;

/** Adds `serve`, which runs until it is told to stop. */
export function addServeCommand(program: Command): void {
  program
    .command('serve', { isDefault: true })
    .description('answer on HTTP, which is what npm start does')
    .action(async () => {
      const config = readConfig(process.env);
      const log = createLog(config.LOG_LEVEL);
      process.once('uncaughtException', (error) => {
        log.fatal({ err: error }, 'unexpected error: stopping at once');
        process.exit(1);
      });
      await serve(config, keyOf(config), log);
    });
}

function keyOf({ PARLEY_API_KEY: key, HOST, development }: Config): string {
  if (key) return key;
  if (!development) {
    throw new ConfigError('PARLEY_API_KEY: set it in production, such as to what "openssl rand -hex 32" prints');
  }
  if (isLoopback(HOST)) return randomBytes(24).toString('hex');
  throw new ConfigError(`HOST: others could reach ${HOST}: set PARLEY_API_KEY, or leave HOST out`);
}

async function serve(config: Config, apiKey: string, log: Logger): Promise<void> {
  const database = config.PARLEY_DATABASE;
  const db = await openDatabase(database, 'write');
  try {
    await finishImports(db);
    const services = createApp(db, {
      report: (error) => log.error({ err: error }, 'unexpected error in the background'),
      config,
    });
    if (config.development && config.PARLEY_DEMO && (await isNew(services))) {
      const { fillDemo } = await import('../transfer/demo-service.ts'); // and with it all of import, once in a database's life
      await fillDemo(db);
    }
    const headers = config.development ? await signedIn(services, apiKey) : {};
    const playground = createPlayground(headers);
    const server = await listen({ config, db, services, apiKey, log, playground });
    const closeControl = isFile(database)
      ? await serveControl(database, tokenCommands(services.tokens), log)
      : () => {};
    stopOnSignal(log, async () => {
      const { callClock, activity, erasure, retention, media } = services;
      const parts = [activity, erasure, retention, media, db].map((part) => () => part.close());
      for (const step of [closeControl, server.close, callClock.stop, ...parts]) {
        try {
          await step();
        } catch (error) {
          log.error({ err: error }, 'stopping goes on'); // the disk may be full
        }
      }
    });
    services.erasure.resume();
    services.retention.start();
    services.callClock.start();
    if (config.development) {
      process.stdout.write(welcome(server.url, headers, database));
      playground.load().catch((error) => log.error({ err: error }, 'the playground could not be read'));
    } else {
      process.stdout.write(`Parley is ready: ${server.url}/graphql\n`);
    }
    log.info({ url: server.url }, 'ready');
    services.media.sweep();
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function listen(options: Parameters<typeof startServer>[0]): Promise<RunningServer> {
  const { HOST, PORT } = options.config;
  try {
    return await startServer(options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new ConfigError(`PORT: ${PORT} of ${HOST} is in use: stop what uses it, or set another`);
    if (code === 'EACCES') throw new ConfigError(`PORT: this user may not listen on ${PORT}: set another, above 1023`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new ConfigError(`HOST: ${HOST} is no address of this machine`);
    throw error;
  }
}

async function isNew({ users }: Services): Promise<boolean> {
  const { rows } = await users.list(KEY, {}, { after: undefined, before: undefined, limit: 1, backward: false });
  return rows.length === 0;
}

/** What the playground sends: the key, and whom it acts as where the demo is there. */
async function signedIn({ users }: Services, apiKey: string): Promise<Record<string, string>> {
  const demo = await users.find(KEY, DEMO_UID);
  return { Authorization: `Bearer ${apiKey}`, ...(demo && { 'X-Act-As': DEMO_UID }) };
}

/** A second signal changes nothing: a terminal's Ctrl-C comes twice where npm passes it on. */
function stopOnSignal(log: Logger, close: () => Promise<void>) {
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(), STOP_MS_MAX).unref();
    await close();
    log.info('stopped');
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}

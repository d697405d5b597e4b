import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createApp, type Services } from '../../src/app.ts';
import type { Clock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { createPlayground } from '../../src/http/playground.ts';
import { createLog } from '../../src/log.ts';
import { startServer } from '../../src/server.ts';
import type { Database } from '../../src/store/handle.ts';
import { openDatabase } from '../../src/store/open.ts';
import { createClient, type Query } from './client.ts';
import { createMigrated, type DialectName } from './database.ts';
import { type Line, seed } from './seed.ts';

const API_KEY = 'a key that only tests know';

interface Options {
  readonly dialect?: DialectName;
  /** Settings, by their names in the environment. */
  readonly env?: Record<string, string>;
  /** How long a user stays online after their last connection, in ms. */
  readonly graceMs?: number;
  /** By which calls ring and end, from the start of the server on; where it is left out, nothing ends them by itself. */
  readonly callClock?: Clock;
  /** What the database holds from the start. */
  readonly lines?: readonly Line[];
}

export interface TestServer {
  readonly url: string;
  readonly apiKey: string;
  readonly query: Query;
  /** The server's own connection: to look behind the public door where there is no other way. */
  readonly db: Database;
  /** The server's own services: to hear what passes by and no subscription shows. */
  readonly services: Services;
  /** What PARLEY_DATABASE is: the file, or the URL. */
  readonly database: string;
  /** The folder that PARLEY_MEDIA names, where the test names none. */
  readonly media: string;
  /** Imports more lines. */
  seed(lines: readonly Line[]): Promise<void>;
  /** Stops the server, closes and drops the database. */
  stop(): Promise<void>;
}

/**
 * Starts a real server on a port and a database of its own. Who starts it in `beforeAll` stops it in `afterAll`; `serverForTest`
 * does so for one test.
 */
export async function startTestServer({
  dialect = 'sqlite',
  env = {},
  lines = [],
  graceMs,
  callClock,
}: Options = {}): Promise<TestServer> {
  const database = await createMigrated(dialect);
  const media = await mkdtemp(join(tmpdir(), 'parley-media-'));
  const settings = { PARLEY_API_KEY: API_KEY, PARLEY_DATABASE: database.name, PARLEY_MEDIA: media };
  const config = readConfig({ PORT: '0', ...settings, ...env });
  const db = await openDatabase(database.name, 'write');
  await seed(db, lines);
  const log = createLog(env['LOG_LEVEL'] ?? 'silent');
  const services = createApp(db, { config, graceMs, callClock });
  const options = { config, db, services, apiKey: API_KEY, log, playground: createPlayground({}) };
  const server = await startServer(options);
  if (callClock) services.callClock.start();
  return {
    url: server.url,
    apiKey: API_KEY,
    query: createClient(server.url, API_KEY),
    db,
    services,
    database: database.name,
    media,
    seed: (more) => seed(db, more),
    async stop() {
      await server.close();
      await services.callClock.stop();
      await services.erasure.close();
      await services.media.close();
      await services.activity.close().catch(() => {}); // the test may have taken the database away
      await db.close().catch(() => {});
      await database.drop();
      await rm(media, { recursive: true, force: true });
    },
  };
}

/** A server for the test that runs, stopped when it ends. */
export async function serverForTest(options?: Options): Promise<TestServer> {
  const server = await startTestServer(options);
  onTestFinished(() => server.stop());
  return server;
}

// A server that tells its parent what it holds. Run by observe.ts, with --expose-gc; the only argument is the database.
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createPlayground } from '../../src/http/playground.ts';
import { createLog } from '../../src/log.ts';
import { startServer } from '../../src/server.ts';
import { openDatabase } from '../../src/store/open.ts';
import { seed } from '../support/seed.ts';
import { WORLD } from '../support/world.ts';
import type { Held } from './observe.ts';

const [database = ''] = process.argv.slice(2);
const config = readConfig({ ...process.env, PORT: '0', PARLEY_DATABASE: database });
const db = await openDatabase(database, 'write');
await seed(db, WORLD);
const services = createApp(db, { config, graceMs: 100 });
const options = { config, db, services, log: createLog('error'), playground: createPlayground({}) };
const server = await startServer({ ...options, apiKey: config.PARLEY_API_KEY ?? '' });

process.on('message', async (collect) => {
  for (let round = 0; collect && round < 3; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const held: Held = {
    heap: heapUsed,
    buffers: arrayBuffers,
    rss,
    sockets: resources.filter((name) => /socket/i.test(name) && !/server/i.test(name)).length,
    timers: resources.filter((name) => name === 'Timeout').length,
    resources: resources.length,
    listeners: services.live.hub.size(),
    sessions: services.live.sessions.size(),
    online: services.presence.online().length,
  };
  process.send?.(held);
});
process.send?.(server.url);

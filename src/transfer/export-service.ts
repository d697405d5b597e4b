import type { Database } from '../store/handle.ts';
import { exportMessages } from './export-messages-service.ts';
import type { Write } from './export-pages.ts';
import { exportParts } from './export-parts-service.ts';
import { exportProfiles } from './export-profiles-service.ts';
import { exportStandings } from './export-standings-service.ts';

/**
 * Writes all that a database holds, as lines that `import` takes: of one moment, in an order that depends on nothing but what it
 * holds. Tokens, keys, the event log and what was purged stay behind.
 */
export function exportAll(db: Database, write: Write): Promise<void> {
  return db.snapshot(async (read) => {
    await exportProfiles(read, write);
    await exportMessages(read, write);
    await exportParts(read, write);
    await exportStandings(read, write);
  });
}

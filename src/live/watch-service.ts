import { now } from '../clock.ts';
import type { Log } from '../events/log.ts';
import type { Database } from '../store/handle.ts';
import { rightsStore } from './rights-store.ts';
import type { Sessions } from './sessions.ts';

const LOOK_MS = 500; // so that what is to happen within a second does
const REVOKED_S = 60; // how long a revocation is looked for: longer than clocks are apart, and than one takes to be committed

interface Options {
  readonly db: Database;
  readonly log: Log;
  readonly sessions: Sessions;
  readonly pump: { look(): void; beginAnew(epoch: string): void };
  /** Hears of what kept the database from being looked at, which is tried again. */
  readonly report: (error: unknown) => void;
}

/**
 * On PostgreSQL, where others may write too: looks again and again for what this process is not told of. Whose tokens were revoked, who
 * was deactivated or deleted loses their connections without waiting for the log. Where history was imported, all come back for it.
 * Gives what ends it.
 */
export function watchDatabase({ db, log, sessions, pump, report }: Options): () => void {
  if (db.read.dialect === 'sqlite') return () => {};
  const rights = rightsStore(db.read);
  let looking = false;

  async function recheck() {
    const userIds = sessions.userIds();
    if (userIds.length === 0 || looking) return;
    looking = true;
    try {
      pump.beginAnew(await log.epoch());
      for (const { id } of await rights.doubtfulAmong(userIds, now() - REVOKED_S)) sessions.recheck(id);
    } finally {
      looking = false;
    }
  }

  const timer = setInterval(() => {
    pump.look();
    recheck().catch(report);
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
}

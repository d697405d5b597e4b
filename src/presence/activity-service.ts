import { now } from '../clock.ts';
import type { Database } from '../store/handle.ts';
import { activityStore } from './activity-store.ts';

const WRITE_EVERY_MS = 60_000;
const AT_ONCE = 1_000; // so that no other write waits long

/** When people last did anything: in memory at once, in the database a minute later at the most. */
export function createActivity(db: Database) {
  const unwritten = new Map<number, number>();
  let timer: NodeJS.Timeout | undefined;

  async function write() {
    const seen = [...unwritten].sort(([one], [other]) => one - other);
    for (let n = 0; n < seen.length; n += AT_ONCE) {
      const some = seen.slice(n, n + AT_ONCE);
      await db.write('activity', (tx) => activityStore(tx).write(some));
      for (const [userId, at] of some) if (unwritten.get(userId) === at) unwritten.delete(userId);
    }
  }

  function writeLater() {
    timer ??= setTimeout(async () => {
      await write().catch(() => {}); // who writes anything else is told of the trouble; this is tried again
      timer = undefined;
      if (unwritten.size > 0) writeLater();
    }, WRITE_EVERY_MS).unref();
  }

  return {
    /** The user, by their row id, has done something just now. */
    touch(userId: number): void {
      unwritten.set(userId, now());
      writeLater();
    },

    /** When the user last did anything, in seconds since 1970, where that is known better than `written`, what their row says. */
    lastOf(userId: number, written: number | null): number | null {
      const at = unwritten.get(userId);
      return at === undefined ? written : Math.max(at, written ?? 0);
    },

    /** Writes what is left, before the database is closed. */
    async close(): Promise<void> {
      clearTimeout(timer);
      await write();
    },
  };
}

export type Activity = ReturnType<typeof createActivity>;

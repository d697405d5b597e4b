import { setImmediate as nextTurn } from 'node:timers/promises';
import { now } from '../clock.ts';
import type { Database } from '../store/handle.ts';
import { removeSomeBefore } from './retention-store.ts';

const DAY = 86_400; // seconds
const EVERY_MS = 3_600_000;

interface Options {
  readonly db: Database;
  /** For how many days what happened is kept. */
  readonly days: number;
  /** Hears of what fails in the background; it is tried again an hour later. */
  readonly report: (error: unknown) => void;
}

/** Lets the log forget what happened long ago: who comes back with a cursor from before fetches anew. */
export function createRetention({ db, days, report }: Options) {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  async function removeOld() {
    const time = now() - days * DAY;
    while (!stopped && (await db.write('log', (tx) => removeSomeBefore(tx, time)))) await nextTurn();
  }

  /** Removes what is too old by now. Ends after the write that is under way where the server stops. */
  function sweep(): Promise<void> {
    running ??= removeOld().finally(() => {
      running = undefined;
    });
    return running;
  }

  const sweepInBackground = () => void sweep().catch(report);

  return {
    sweep,
    /** Removes what is too old, now and every hour from now on. Returns at once. */
    start(): void {
      sweepInBackground();
      timer = setInterval(sweepInBackground, EVERY_MS).unref();
    },
    /** Ends between two writes, before the database is closed. */
    async close(): Promise<void> {
      stopped = true;
      clearInterval(timer);
      await running?.catch(() => {}); // whoever waits for `sweep` hears of it
    },
  };
}

export type Retention = ReturnType<typeof createRetention>;

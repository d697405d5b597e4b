import { setImmediate as nextTurn } from 'node:timers/promises';

/** Thrown where work is left for the next start. */
export class WorkStopped extends Error {}

/** Work that takes many writes, each thing's once at a time, and that ends between two writes when the server stops. */
export function createWork() {
  const running = new Map<string, Promise<void>>();
  let stopped = false;

  /** Ends here where the server stops; else lets others have their turn. */
  async function pause(): Promise<void> {
    if (stopped) throw new WorkStopped('the server stops: what is left is done when it starts again');
    await nextTurn();
  }

  return {
    pause,
    /** Does the job, or joins the one that runs under this name. */
    run(name: string, job: () => Promise<void>): Promise<void> {
      const known = running.get(name);
      if (known) return known;
      const made = pause()
        .then(job)
        .finally(() => running.delete(name));
      running.set(name, made);
      return made;
    },
    /** Resolves once nothing runs any more. */
    async stop(): Promise<void> {
      stopped = true;
      await Promise.allSettled(running.values());
    },
  };
}

export type Work = ReturnType<typeof createWork>;

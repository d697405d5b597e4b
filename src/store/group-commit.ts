import { setImmediate as nextTurn } from 'node:timers/promises';
import type Sqlite from 'better-sqlite3';
import type { Awaitable } from '../awaitable.ts';
import type { Handle } from './handle.ts';

const JOBS_MAX = 128;
const GROUP_MS_MAX = 3;

interface Job {
  /** Runs the job and gives what hands out its answer once that is on disk. */
  run(): Promise<() => void>;
  fail(error: unknown): void;
}

/**
 * Writes on SQLite: one transaction for all the jobs that wait, each after the first in its own savepoint, so that one refusal
 * never harms its neighbours; the answers leave after the commit, of which `committed` is told first. A group is bounded in jobs
 * and in time, as reads wait meanwhile.
 */
export function groupCommit(client: Sqlite.Database, tx: Handle, committed: () => void) {
  const [begin, commit] = [client.prepare('begin immediate'), client.prepare('commit')];
  const [save, release] = [client.prepare('savepoint job'), client.prepare('release job')];
  const waiting: Job[] = [];
  let running: Promise<void> | undefined;

  async function runAll() {
    while (waiting.length > 0) {
      await nextTurn();
      await commitGroup();
    }
    running = undefined;
  }

  async function commitGroup() {
    const group: Job[] = [];
    const answers: (() => void)[] = [];
    const until = performance.now() + GROUP_MS_MAX;
    let turned = false;
    const watch = () => setImmediate(() => (turned = true));
    let guard = watch();
    try {
      begin.run();
      for (let job = waiting.shift(); job; job = mayGoOn() ? waiting.shift() : undefined) {
        const first = group.length === 0; // to undo it is to undo all there is, and a savepoint costs a third
        group.push(job);
        if (!first) save.run();
        try {
          const answer = await job.run();
          if (turned) throw new Error('a job awaited something other than its store');
          answers.push(answer);
        } catch (error) {
          if (turned) guard = watch();
          turned = false;
          if (!client.inTransaction) throw error; // a full disk or an I/O error: SQLite has undone the whole group
          if (first) {
            client.exec('rollback');
            begin.run();
          } else client.exec('rollback to job');
          answers.push(() => job?.fail(error));
        }
        if (!first) release.run();
      }
      commit.run();
      committed();
      for (const answer of answers) answer();
    } catch (error) {
      if (client.inTransaction) client.exec('rollback');
      for (const job of group) job.fail(error);
    }
    clearImmediate(guard);

    function mayGoOn() {
      return group.length < JOBS_MAX && performance.now() < until;
    }
  }

  return {
    write<T>(job: (tx: Handle) => Awaitable<T>): Promise<T> {
      return new Promise((resolve, fail) => {
        const run = async () => {
          const value = await job(tx);
          return () => resolve(value);
        };
        waiting.push({ run, fail });
        running ??= runAll();
      });
    },
    /** Resolves once nothing waits any more. */
    drained: () => running ?? Promise.resolve(),
  };
}

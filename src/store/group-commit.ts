import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import type Sqlite from 'better-sqlite3';
import type { Awaitable } from '../awaitable.ts';
import type { Handle } from './handle.ts';

const JOBS_MAX = 128;
const GROUP_MS_MAX = 12;
const LOCKED_MS_MAX = 5_000; // by another program that writes
const LOCKED_LOOK_MS = 5;

/** Hands out what a job came to. */
type Answer = () => void;

interface Job {
  /** Runs the job and gives what hands out its answer once that is on disk. */
  run(): Promise<Answer>;
  fail(error: unknown): void;
}

/** What else is to be done for a group. */
interface Steps {
  /** Writes what the jobs have left to be written at the end. */
  finish(): void;
  /** What they have left so is not to be written. */
  undone(): void;
  /** Hears of each commit before anybody is answered. */
  committed(): void;
}

/**
 * Writes on SQLite: one transaction for all the jobs that wait; the answers leave after the commit, of which `committed` is told
 * first. A group is bounded in jobs and in time, as reads wait meanwhile: in 12 ms go the sends of 64 connections, which in two
 * groups took an eighth more. One refusal never harms its neighbours: who is refused has, as a rule, written nothing yet. Where a
 * job throws that has, the group is undone and its jobs run again, each in a savepoint of its own. To make one for each from the
 * start doubles what a send takes: SQLite copies every page that is changed after it to a file, and the index of words can't gather
 * the words of several messages.
 */
export function groupCommit(client: Sqlite.Database, tx: Handle, { finish, undone, committed }: Steps) {
  const [start, commit] = [client.prepare('begin immediate'), client.prepare('commit')];
  const [save, release] = [client.prepare('savepoint job'), client.prepare('release job')];
  const rowsChanged = client.prepare<[], number>('select total_changes()').pluck();
  const waiting: Job[] = [];
  let running: Promise<void> | undefined;
  let turned = false;
  let failing = false;
  let failedAt = Number.NEGATIVE_INFINITY;
  let guard: NodeJS.Immediate | undefined;

  async function runAll() {
    while (waiting.length > 0) {
      await nextTurn();
      await commitGroup();
      clearImmediate(guard);
    }
    running = undefined;
  }

  /** Begins a transaction, once no other program has one. SQLite's own waiting would hold up everything. */
  async function begin() {
    const until = performance.now() + LOCKED_MS_MAX;
    for (;;) {
      try {
        return start.run();
      } catch (error) {
        if (!isLocked(error) || performance.now() > until) throw error;
        await wait(LOCKED_LOOK_MS);
      }
    }
  }

  /** Notes when the code that runs now has come to its end. */
  function watch() {
    turned = false;
    guard = setImmediate(() => (turned = true));
  }

  async function commitGroup() {
    const group: Job[] = [];
    try {
      await begin();
      watch();
      const answers = (await runTogether(group)) ?? (await runApart(group));
      finish();
      commit.run();
      failing = false;
      committed();
      for (const answer of answers) answer();
    } catch (error) {
      if (client.inTransaction) client.exec('rollback');
      undone();
      failing = true;
      failedAt = performance.now();
      for (const job of group.length > 0 ? group : waiting.splice(0)) job.fail(error);
    }
  }

  /** Runs what waits and puts it into the group. Gives nothing where a job threw after it had written. */
  async function runTogether(group: Job[]): Promise<Answer[] | undefined> {
    const answers: Answer[] = [];
    const until = performance.now() + GROUP_MS_MAX;
    const mayGoOn = () => group.length < JOBS_MAX && performance.now() < until;
    for (let job = waiting.shift(); job; job = mayGoOn() ? waiting.shift() : undefined) {
      group.push(job);
      const before = rowsChanged.get();
      const { answer, done } = await attempt(job);
      if (!done && rowsChanged.get() !== before) return undefined;
      answers.push(answer);
    }
    return answers;
  }

  async function runApart(group: readonly Job[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    client.exec('rollback');
    undone();
    start.run();
    for (const job of group) {
      save.run();
      const { answer, done } = await attempt(job);
      if (done) finish();
      else {
        client.exec('rollback to job');
        undone();
      }
      release.run();
      answers.push(answer);
    }
    return answers;
  }

  async function attempt(job: Job): Promise<{ answer: Answer; done: boolean }> {
    try {
      const answer = await job.run();
      if (turned) throw new Error('a job awaited something other than its store');
      return { answer, done: true };
    } catch (error) {
      if (turned) watch();
      if (!client.inTransaction) throw error; // a full disk or an I/O error: SQLite has undone the whole group
      return { answer: () => job.fail(error), done: false };
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
    /** Whether the last group could not be written. */
    isFailing: () => failing,
    /** For how many ms all that was to be written could be. */
    writtenFor: () => performance.now() - failedAt,
    /** Resolves once nothing waits any more. */
    drained: () => running ?? Promise.resolve(),
  };
}

const isLocked = (error: unknown): boolean => (error as { code?: string }).code?.startsWith('SQLITE_BUSY') ?? false;

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../../src/store/handle.ts';
import { openDatabase } from '../../src/store/open.ts';
import { type Ask, conversationsOf, createAsk, insist } from './asking.ts';
import { eventsQuery, type Follower, follow, isKept, lineOf } from './follower.ts';
import { checkKept, checkNumbered, checkTold, countUnread } from './kept.ts';
import { allowed, readTruth, type Truth } from './log-truth.ts';
import { createRandom, type Random } from './random.ts';
import { openRecord, type Recording } from './record.ts';
import { compareReplicas, createReplica, REPLICA_FIELDS, type Replica } from './replica.ts';
import { createDifferences, type Differences, type Report } from './report.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';
import { foundTown, type Town } from './town.ts';
import { type Common, write } from './writer.ts';

const SETTLE_MS_MAX = 60_000;

interface Plan {
  readonly seed: number;
  readonly town: Town;
  readonly writers: readonly string[];
  /** How long each waits between two things, in ms. */
  readonly pause: number;
  /** Who follows all that concerns them; the first `replicas` of them also keep a copy of all that they may see. */
  readonly followers: readonly string[];
  readonly replicas: number;
  /** How long a connection is kept, in ms: from, to. */
  readonly keptFor: readonly [number, number];
  /** Modules that the server loads first. */
  readonly imports?: readonly string[];
}

/** What a trial is done to, while people write and follow. */
export interface Trial {
  readonly server: ServerProcess;
  readonly random: Random;
  readonly record: Recording;
  /** A folder of its own, gone after it. */
  readonly folder: string;
}

interface Heard {
  readonly uid: string;
  readonly after: string;
  /** Cursor, kind and ids of each event; equal ones are one text. */
  readonly lines: string[];
  readonly replica: Replica | undefined;
  readonly follower: Follower;
}

/**
 * Has people write and follow on a real server while something is done to it; then lets all come to rest and compares what is left
 * with what was acknowledged (I1 to I3), what each heard with what they were allowed to (I4), copies kept by events with copies made
 * anew (I5), and counts with counts made the slow way (I6). Gives the figures of all that, with those of `during`; what `after` gives
 * is of the time when the server has stopped.
 */
export async function tryOut(
  plan: Plan,
  during: (trial: Trial) => Promise<Report['figures']>,
  after: (trial: Trial, connections: number, differences: Differences) => Promise<Report['figures']> = async () => ({}),
): Promise<Report> {
  const { seed, town, imports } = plan;
  const random = createRandom(seed);
  const differences = createDifferences();
  const folder = await mkdtemp(join(tmpdir(), 'parley-faults-'));
  const database = join(folder, 'parley.db');
  await foundTown(database, town);
  const server = await createServerProcess(
    database,
    { PARLEY_MEDIA: join(folder, 'media'), FAULTS_STATEMENTS: join(folder, 'statements') },
    imports,
  );
  const record = openRecord(join(folder, 'acknowledged'));
  let over = false;
  let retries = 0;
  const askOnce = createAsk(server);
  const ask = insist(askOnce, async () => {
    retries += 1;
    await wait(random.whole(1, 10));
    await server.ready();
  });
  const [sent, tried, counts] = [[], new Set<string>(), new Map<string, number>()];
  const isOver = () => over;
  const common: Common = { town, ask, askOnce, record, differences, sent, tried, counts, isOver, pause: plan.pause };
  const began = performance.now();
  try {
    await server.start();
    const known = new Map<string, string>();
    const heard: Heard[] = [];
    for (const [n, uid] of plan.followers.entries()) {
      heard.push(await listen(uid, n < plan.replicas));
    }
    const writing = plan.writers.map((uid) => write(uid, random.fork(), common));
    const written = Promise.allSettled(writing);
    const trial = { server, random, record, folder };
    const figures = await during(trial);
    over = true;
    for (const one of await written) if (one.status === 'rejected') throw one.reason;
    const acknowledged = await record.close();
    const reader = await openDatabase(database, 'read');
    const compared = await verify(reader, heard, acknowledged).finally(() => reader.close());
    await Promise.all(heard.map(({ follower }) => follower.stop()));
    const { code, output } = await server.run('check');
    if (code !== 0) differences.add(`check: ${output}`);
    await server.stop();
    differences.add(...server.complaints.map((complaint) => `the server said: ${complaint}`));
    const connections = heard.reduce((sum, { follower }) => sum + follower.connections(), 0);
    const more = await after(trial, connections, differences);
    return {
      figures: {
        seed,
        ...figures,
        seconds: Math.round((performance.now() - began) / 1000),
        acknowledged: record.count(),
        'requests tried again': retries,
        connections,
        ...more,
        ...compared,
        did: [...counts].map(([what, count]) => `${what} ${count}`).join(', '),
        differences: differences.count(),
      },
      differences: differences.found(),
    };

    async function listen(uid: string, replicates: boolean): Promise<Heard> {
      const replica = replicates ? await createReplica(ask, uid) : undefined;
      const after = replica?.cursor ?? ((await ask(uid, '{ cursor }')).data.cursor as string);
      const lines: string[] = [];
      const chance = random.fork();
      const follower = follow({
        server,
        uid,
        after,
        query: eventsQuery(replicates ? REPLICA_FIELDS : {}),
        keptFor: () => chance.whole(...plan.keptFor),
        differences,
        hear(event) {
          if (event.kind === 'RESYNC_REQUIRED') differences.add(`${uid} was told to begin anew: ${event.cursor}`);
          if (!isKept(event.kind)) return;
          const line = `${event.cursor} ${lineOf(event)}`;
          if (!known.has(line)) known.set(line, line);
          lines.push(known.get(line) ?? line);
          replica?.take(event);
        },
      });
      return { uid, after, lines, replica, follower };
    }
  } finally {
    over = true;
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  }

  async function verify(reader: Database, heard: readonly Heard[], acknowledged: Parameters<typeof checkKept>[2]) {
    const truth = await readTruth(reader);
    await checkKept(reader, truth, acknowledged, tried, differences);
    checkTold(truth, differences);
    checkNumbered(truth, differences);
    const events = await compareHeard(heard, truth, town, differences);
    const counted = await compareUnread(reader, truth, town, ask, differences);
    const things = await compareKept(heard, ask, differences);
    return {
      'messages stored': truth.messages.length,
      'events logged': truth.log.length,
      'events compared': events,
      'counts of unread compared': counted,
      'things kept by events and compared': things,
    };
  }
}

/** Waits until everybody has heard as much as they must, and compares each with the log that they were allowed to see (I4). */
async function compareHeard(
  heard: readonly Heard[],
  truth: Truth,
  town: Town,
  differences: Differences,
): Promise<number> {
  const gone = new Set(truth.messages.filter((one) => one.deletedAt !== null).map(({ id }) => id));
  /** Without the reaction to a message that was deleted later: who hears of it after that is shown none. */
  const settled = (line: string | undefined) =>
    line?.replace(/( REACTION_\w+ (\d+) ).*/, (all, head, id) => (gone.has(Number(id)) ? head : all));
  const known = new Map<string, string[]>();
  const wanted = ({ uid, after }: Heard): string[] => {
    const key = `${uid} ${after}`;
    const lines =
      known.get(key) ?? allowed(truth, uid, town.groupsOf(uid), after).map(({ cursor, line }) => `${cursor} ${line}`);
    known.set(key, lines);
    return lines;
  };
  const end = performance.now() + SETTLE_MS_MAX;
  for (const one of heard) {
    while (one.lines.length < wanted(one).length && performance.now() < end) await wait(20);
  }
  await wait(200); // for what should not come
  let count = 0;
  for (const one of heard) {
    const [is, must] = [one.lines, wanted(one)];
    count += is.length;
    const length = Math.max(is.length, must.length);
    const at = Array.from({ length }, (_, n) => n).find((n) => settled(is[n]) !== settled(must[n]));
    if (at === undefined) continue;
    differences.add(
      `I4: ${one.uid} heard ${is.length} of ${must.length}; the ${at + 1}. is "${is[at]}", and must be "${must[at]}"`,
    );
  }
  return count;
}

/** Compares what each is shown as unread with what is, counted the slow way (I6). */
async function compareUnread(reader: Database, truth: Truth, town: Town, ask: Ask, differences: Differences) {
  let count = 0;
  for (const [uid, counted] of await countUnread(reader, truth, town)) {
    const nodes = await conversationsOf(ask, uid, 'conversationId unreadMessageCount');
    const shown = new Map<string, number>(nodes.map((one) => [one.conversationId, one.unreadMessageCount]));
    for (const name of new Set([...counted.keys(), ...shown.keys()])) {
      count += 1;
      if (counted.get(name) === shown.get(name)) continue;
      differences.add(`I6: ${uid} has ${counted.get(name)} unread in ${name}, and is shown ${shown.get(name)}`);
    }
  }
  return count;
}

/** Compares copies that were kept by events with copies made anew (I5). */
async function compareKept(heard: readonly Heard[], ask: Ask, differences: Differences): Promise<number> {
  let count = 0;
  for (const { uid, replica } of heard) {
    if (!replica) continue;
    const anew = await createReplica(ask, uid);
    await replica.settled();
    const shown = anew.show();
    count += shown.size;
    differences.add(...compareReplicas(replica.show(), shown).map((difference) => `I5: ${uid}: ${difference}`));
  }
  return count;
}

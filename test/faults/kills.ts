import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '../../src/store/open.ts';
import { createAsk, type Data, insist } from './asking.ts';
import { eventsQuery, type Follower, follow, isKept, lineOf } from './follower.ts';
import { checkKept, checkNumbered, checkTold, countUnread } from './kept.ts';
import { allowed, readTruth } from './log-truth.ts';
import { createRandom, type Random } from './random.ts';
import { openRecord } from './record.ts';
import { compareReplicas, createReplica, REPLICA_FIELDS, type Replica } from './replica.ts';
import { createDifferences, type Report } from './report.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';
import { foundTown, planTown } from './town.ts';
import { type Common, write } from './writer.ts';

/** Kill -9 under load, again and again: nothing that was acknowledged is lost, and nobody who listens misses anything. */
export const SHORT = { kills: 4, writers: 5, followers: 4, replicas: 2, pause: 2 };
export const LONG = { kills: 1_000, writers: 10, followers: 8, replicas: 3, pause: 1 };

const FIRST_MS_MAX = 5_000;
const SETTLE_MS_MAX = 60_000;

interface Heard {
  readonly uid: string;
  readonly after: string;
  readonly lines: { cursor: string; line: string }[];
  readonly replica: Replica | undefined;
  readonly follower: Follower;
}

export async function run(scale: typeof LONG, seed: number): Promise<Report> {
  const random = createRandom(seed);
  const differences = createDifferences();
  const folder = await mkdtemp(join(tmpdir(), 'parley-kills-'));
  const database = join(folder, 'parley.db');
  const town = planTown({ people: scale.writers, guests: 2, groups: 4, full: 2 });
  await foundTown(database, town);
  const server = await createServerProcess(database, { PARLEY_MEDIA: join(folder, 'media') });
  const record = openRecord(join(folder, 'acknowledged'));
  let over = false;
  let retries = 0;
  const askOnce = createAsk(server);
  const ask = insist(askOnce, async () => {
    retries += 1;
    await wait(random.whole(1, 10));
    await server.ready();
  });
  const common: Common = {
    town,
    ask,
    askOnce,
    record,
    differences,
    sent: [],
    tried: new Set(),
    counts: new Map(),
    isOver: () => over,
    pause: scale.pause,
  };
  const began = performance.now();
  try {
    await server.start();
    const all = [town.owner, ...town.guests, ...town.people];
    const heard: Heard[] = [];
    for (let n = 0; n < scale.followers + scale.replicas; n++) {
      const uid = all[n % all.length] as string;
      heard.push(await listen(uid, n < scale.replicas, { server, random: random.fork(), differences, ask }));
    }
    const writing = [town.owner, ...town.people].map((uid) => write(uid, 0, random.fork(), common));
    const writers = Promise.all(writing);
    const failed = writers.then(
      () => undefined,
      (error: Error) => error,
    );
    const early = await killAgainAndAgain(server, scale.kills, random, record.count);
    over = true;
    const failure = await failed;
    if (failure) throw failure;

    const reader = await openDatabase(database, 'read');
    try {
      const truth = await readTruth(reader);
      await checkKept(reader, truth, await record.close(), common.tried, differences);
      checkTold(truth, differences);
      checkNumbered(truth, differences);
      const compared = await compareHeard(heard, truth, town.groupsOf);
      differences.add(...compared.differences);
      const unread = await countUnread(reader, truth, town);
      for (const [uid, counted] of unread) {
        const { data } = await ask(
          uid,
          '{ conversations(first: 100) { nodes { conversationId unreadMessageCount } } }',
        );
        const shown = new Map(
          data.conversations.nodes.map((one: Data) => [one.conversationId, one.unreadMessageCount]),
        );
        for (const name of new Set([...counted.keys(), ...shown.keys()] as string[])) {
          if (counted.get(name) === shown.get(name)) continue;
          differences.add(`I6: ${uid} has ${counted.get(name)} unread in ${name}, and is shown ${shown.get(name)}`);
        }
      }
      let replicated = 0;
      for (const { uid, replica } of heard) {
        if (!replica) continue;
        const fresh = await createReplica(ask, uid);
        await replica.settled();
        const shown = fresh.show();
        replicated += shown.size;
        differences.add(...compareReplicas(replica.show(), shown).map((difference) => `I5: ${uid}: ${difference}`));
      }
      const { code, output } = await server.run('check');
      if (code !== 0) differences.add(`check: ${output}`);
      await Promise.all(heard.map(({ follower }) => follower.stop()));
      await server.stop();
      differences.add(...server.complaints.map((complaint) => `the server said: ${complaint}`));
      return {
        figures: {
          seed,
          kills: scale.kills,
          'of them while starting': early,
          seconds: Math.round((performance.now() - began) / 1000),
          acknowledged: record.count(),
          'messages stored': truth.messages.length,
          'events logged': truth.log.length,
          'requests tried again': retries,
          connections: heard.reduce((sum, { follower }) => sum + follower.connections(), 0),
          'events compared': compared.count,
          'things replicated and compared': replicated,
          did: [...common.counts].map(([what, count]) => `${what} ${count}`).join(', '),
          differences: differences.count(),
        },
        differences: differences.found(),
      };
    } finally {
      await reader.close();
    }
  } finally {
    over = true;
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Lets it live for 50 to 400 ms from the first that it acknowledges, and sometimes not even start; gives how often that was. Ends with
 * one that runs.
 */
async function killAgainAndAgain(
  server: ServerProcess,
  kills: number,
  random: Random,
  acknowledged: () => number,
): Promise<number> {
  let early = 0;
  for (let kill = 0; kill < kills; kill++) {
    const [before, late] = [acknowledged(), performance.now() + FIRST_MS_MAX];
    while (acknowledged() === before && performance.now() < late) await wait(2);
    await wait(random.whole(50, 400));
    await server.kill();
    const starting = server.start();
    if (kill < kills - 1 && random.chance(0.1)) {
      early += 1;
      kill += 1;
      await wait(random.whole(50, 600));
      await server.kill();
      await starting;
      await server.start();
    } else await starting;
    if (process.stderr.isTTY || (kill + 1) % 50 === 0) process.stderr.write(`kills: ${kill + 1} of ${kills}\n`);
  }
  return early;
}

interface Listening {
  readonly server: ServerProcess;
  readonly random: Random;
  readonly differences: ReturnType<typeof createDifferences>;
  readonly ask: ReturnType<typeof createAsk>;
}

async function listen(
  uid: string,
  replicates: boolean,
  { server, random, differences, ask }: Listening,
): Promise<Heard> {
  const replica = replicates ? await createReplica(ask, uid) : undefined;
  const after = replica?.cursor ?? ((await ask(uid, '{ cursor }')).data.cursor as string);
  const lines: Heard['lines'] = [];
  const follower = follow({
    server,
    uid,
    after,
    query: eventsQuery(replicates ? REPLICA_FIELDS : {}),
    keptFor: () => random.whole(100, 3_000),
    differences,
    hear(event) {
      if (event.kind === 'RESYNC_REQUIRED' || isKept(event.kind))
        lines.push({ cursor: event.cursor, line: lineOf(event) });
      replica?.take(event);
    },
  });
  return { uid, after, lines, replica, follower };
}

/** Waits until everybody has heard as much as they must, and compares each with the log that they were allowed to see (I4). */
async function compareHeard(
  heard: readonly Heard[],
  truth: Awaited<ReturnType<typeof readTruth>>,
  groupsOf: (uid: string) => readonly string[],
) {
  const found: string[] = [];
  let count = 0;
  const end = performance.now() + SETTLE_MS_MAX;
  const wanted = heard.map(({ uid, after }) => allowed(truth, uid, groupsOf(uid), after));
  for (const [n, { lines }] of heard.entries()) {
    while (lines.length < (wanted[n]?.length ?? 0) && performance.now() < end) await wait(20);
  }
  await wait(200); // for what should not come
  for (const [n, { uid, lines }] of heard.entries()) {
    const entries = wanted[n] ?? [];
    count += lines.length;
    const at = Array.from({ length: Math.max(entries.length, lines.length) }).findIndex(
      (_, i) => entries[i]?.cursor !== lines[i]?.cursor || entries[i]?.line !== lines[i]?.line,
    );
    if (at < 0) continue;
    found.push(
      `I4: ${uid} heard ${lines.length} of ${entries.length}; the ${at + 1}. is ${JSON.stringify(lines[at])}, and must be ${JSON.stringify(entries[at])}`,
    );
  }
  return { count, differences: found };
}

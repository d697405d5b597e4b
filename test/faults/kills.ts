import { setTimeout as wait } from 'node:timers/promises';
import type { Report } from './report.ts';
import { planTown } from './town.ts';
import { type Trial, tryOut } from './trial.ts';

const FIRST_MS_MAX = 5_000;

export const SHORT = { kills: 4, writers: 5, followers: 7, replicas: 2, pause: 1 };
export const LONG = { kills: 1_000, writers: 10, followers: 11, replicas: 3, pause: 1 };

/** F1: kill -9 under load, again and again. Nothing that was acknowledged is lost, and nobody who listens misses anything. */
export function run(scale: typeof LONG, seed: number): Promise<Report> {
  const town = planTown({ people: scale.writers, guests: 2, groups: 4, full: 2 });
  const [person, ...people] = town.people as [string, ...string[]];
  const [guest, ...guests] = town.guests as [string, ...string[]];
  const all = [person, guest, town.owner, ...people, ...guests]; // one of each kind keeps a copy
  return tryOut(
    {
      seed,
      town,
      writers: [town.owner, ...town.people],
      pause: scale.pause,
      followers: Array.from({ length: scale.followers }, (_, n) => all[n % all.length] as string),
      replicas: scale.replicas,
      keptFor: [100, 3_000],
    },
    async (trial) => {
      const early = await killAgainAndAgain(trial, scale.kills);
      return { kills: scale.kills, 'of them while starting': early };
    },
  );
}

/**
 * Lets it live for 50 to 400 ms from the first that it acknowledges, and sometimes not even start; gives how often that was. Ends with
 * one that runs.
 */
async function killAgainAndAgain({ server, random, record }: Trial, kills: number): Promise<number> {
  let early = 0;
  for (let kill = 1; kill <= kills; kill++) {
    const [before, late] = [record.count(), performance.now() + FIRST_MS_MAX];
    while (record.count() === before && performance.now() < late) await wait(2);
    await wait(random.whole(50, 400));
    await server.kill();
    const starting = server.start();
    if (kill < kills && random.chance(0.1)) {
      early += 1;
      kill += 1;
      await wait(random.whole(50, 600));
      await server.kill();
      await starting;
      await server.start();
    } else await starting;
    if (kill % 50 === 0) console.error(`kills: ${kill} of ${kills}`);
  }
  return early;
}

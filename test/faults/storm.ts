import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Report } from './report.ts';
import { planTown } from './town.ts';
import { tryOut } from './trial.ts';

const COUNTING = new URL('./statement-counts.ts', import.meta.url).href;
/** What reads the log for one who comes back: the places in their topics, and the events there that others have not just read. */
const PLACES = /string_agg\(.* from "event_topics"/s;
const EVENTS = /from "events" where "events"\."position" in /;

export const SHORT = { subscribers: 50, people: 10, groups: 5, writers: 3, pause: 20, seconds: 5 };
export const LONG = { subscribers: 1_000, people: 100, groups: 20, writers: 4, pause: 100, seconds: 180 };

/**
 * F2: many subscribers are cut off every 0.1 to 2 s while messages flow. Each hears what they are allowed to, in order, once; and what
 * a resume asks of the database does not grow with what has happened.
 */
export async function run(scale: typeof LONG, seed: number): Promise<Report> {
  const plain = planTown({ people: scale.people, guests: 2, groups: scale.groups, full: 0 });
  const inTwo = (uid: string) => {
    const n = plain.people.indexOf(uid);
    return n < 0 ? plain.groupsOf(uid) : [0, 1].map((more) => plain.groups[(n + more) % scale.groups] as string);
  };
  const town = { ...plain, groupsOf: inTwo };
  return tryOut(
    {
      seed,
      town,
      writers: [town.owner, ...town.people.slice(0, scale.writers)],
      pause: scale.pause,
      followers: Array.from({ length: scale.subscribers }, (_, n) => town.people[n % scale.people] as string),
      replicas: 1,
      keptFor: [100, 2_000],
      imports: [COUNTING],
    },
    async () => {
      await wait(scale.seconds * 1_000);
      return { subscribers: scale.subscribers };
    },
    async ({ folder }, resumes, differences) => {
      const counts: [text: string, count: number][] = JSON.parse(await readFile(join(folder, 'statements'), 'utf8'));
      const readsOf = (what: RegExp) =>
        counts.filter(([text]) => what.test(text)).reduce((sum, [, count]) => sum + count, 0);
      const [places, events] = [readsOf(PLACES), readsOf(EVENTS)];
      if (places > resumes || events > places || events === 0)
        differences.add(`${places} and ${events} times was the log read for ${resumes} resumes of less than a page`);
      return { 'reads of the log for them': places, 'and of events': events };
    },
  );
}

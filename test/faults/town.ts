import { openDatabase } from '../../src/store/open.ts';
import { type Line, seed } from '../support/seed.ts';

/** People and groups to try faults on: everybody is in the first groups, nobody but the owner in the last. */
export interface Town {
  /** Who owns all groups, and whom nobody else acts upon. */
  readonly owner: string;
  /** Who writes, comes and goes by themself. */
  readonly people: readonly string[];
  /** Whom the owner alone brings into groups, and puts out of them. */
  readonly guests: readonly string[];
  readonly groups: readonly string[];
  /** The groups that a user is in from the beginning. */
  groupsOf(uid: string): readonly string[];
}

export interface TownSize {
  readonly people: number;
  readonly guests: number;
  readonly groups: number;
  /** Of so many groups, from the first on, everybody is a member. */
  readonly full: number;
}

const named = (what: string, count: number) => Array.from({ length: count }, (_, n) => `${what}-${n}`);

export function planTown({ people, guests, groups, full }: TownSize): Town {
  const guids = named('group', groups);
  return {
    owner: 'owner',
    people: named('person', people),
    guests: named('guest', guests),
    groups: guids,
    groupsOf: (uid) => (uid === 'owner' ? guids : uid.startsWith('person') ? guids.slice(0, full) : []),
  };
}

/** Fills a new database with it. */
export async function foundTown(database: string, town: Town): Promise<void> {
  const createdAt = 1_700_000_000;
  const everybody = [town.owner, ...town.people, ...town.guests];
  const lines: Line[] = [
    ...everybody.map((uid) => ({ kind: 'user', value: { uid, name: `Name of ${uid}`, createdAt } })),
    ...town.groups.map((guid) => ({
      kind: 'group',
      value: { guid, name: `Name of ${guid}`, type: 'public', owner: town.owner, createdAt },
    })),
    ...everybody.flatMap((uid) =>
      town.groupsOf(uid).map((guid) => ({
        kind: 'groupMember',
        value: { guid, uid, scope: uid === town.owner ? 'admin' : 'participant', joinedAt: createdAt },
      })),
    ),
  ];
  const db = await openDatabase(database, 'write');
  try {
    await seed(db, lines);
  } finally {
    await db.close();
  }
}

import { group, member, user } from '../../support/lines.ts';
import type { Line } from '../../support/seed.ts';
import { type Group, type Scope, standingOf, type World } from './world.ts';

/** Few, so that they meet often. */
export const UIDS = ['ada', 'bob', 'cyd', 'dan', 'eve'] as const;
export const GUIDS = ['open', 'closed', 'vault'] as const;
export const PASSWORD = 'sesame';

const NAMES = { ada: 'Ada', bob: 'Bob', cyd: 'Cyd', dan: 'Dan', eve: 'Eve' } as const;

interface StartGroup {
  readonly type: Group['type'];
  readonly members: { readonly [uid: string]: Scope };
}

/** The first of the members owns the group. */
const GROUPS: { readonly [guid in (typeof GUIDS)[number]]: StartGroup } = {
  open: { type: 'PUBLIC', members: { ada: 'ADMIN', bob: 'MODERATOR', cyd: 'PARTICIPANT', dan: 'PARTICIPANT' } },
  closed: { type: 'PRIVATE', members: { bob: 'ADMIN', ada: 'PARTICIPANT', eve: 'ADMIN' } },
  vault: { type: 'PASSWORD', members: { cyd: 'ADMIN', bob: 'PARTICIPANT' } },
};

const ownerOf = ({ members }: StartGroup) => Object.keys(members)[0] ?? '';

/** What the server's database holds at the start. */
export const START_LINES: readonly Line[] = [
  ...UIDS.map((uid) => user(uid, NAMES[uid])),
  ...Object.entries(GROUPS).flatMap(([guid, made]) => [
    group(guid, guid, ownerOf(made), {
      type: made.type.toLowerCase(),
      ...(made.type === 'PASSWORD' && { password: PASSWORD }),
    }),
    ...Object.entries(made.members).map(([uid, scope]) => member(guid, uid, { scope: scope.toLowerCase() })),
  ]),
];

/** The same, in memory. */
export function startWorld(): World {
  const world: World = { people: new Map(), groups: new Map(), messages: [], standings: new Map() };
  for (const uid of UIDS) {
    const nothing = { statusMessage: null, role: null, tags: [], blocks: new Set<string>() };
    world.people.set(uid, { name: NAMES[uid], state: 'active', ...nothing });
  }
  for (const [guid, made] of Object.entries(GROUPS)) {
    const members = Object.entries(made.members).map(([uid, scope]) => [uid, { scope, since: 0 }] as const);
    world.groups.set(guid, {
      name: guid,
      type: made.type,
      password: made.type === 'PASSWORD' ? PASSWORD : null,
      description: null,
      tags: [],
      owner: ownerOf(made),
      members: new Map(members),
      banned: new Set(),
    });
    for (const [uid] of members) standingOf(world, `group_${guid}`, uid);
  }
  return world;
}

const HOUR = 3_600;
const DAY = 86_400;
const PEOPLE = ['Ada Lovelace', 'Alan Turing', 'Grace Hopper', 'Katherine Johnson', 'Edsger Dijkstra'];
export const [ADA, ALAN, GRACE, KATHERINE, LINUS] = PEOPLE.map((_, n) => `cometchat-uid-${n + 1}`) as [
  string,
  string,
  string,
  string,
  string,
];

export const TEAM = 'cometchat-guid-1';
export const TRIP = 'cometchat-guid-2';

/** A line of an import. */
export interface Line {
  readonly kind: string;
  readonly value: object;
}

/** The five people of the demo and their two groups. */
export function people(now: number): Line[] {
  const users = PEOPLE.map((name, n) => ({
    uid: `cometchat-uid-${n + 1}`,
    name,
    role: n === 0 ? 'host' : 'default',
    statusMessage: ['Writing the first program', 'Can machines think?', 'Debugging', 'Checking the numbers', 'Merging'][
      n
    ],
    email: n === 0 ? 'ada@example.com' : undefined,
    credits: n === 0 ? 100 : undefined,
    metadata: n === 0 ? { team: 'engines' } : undefined,
    createdAt: now - 30 * DAY,
    lastActiveAt: now - (n + 1) * HOUR,
  }));
  const groups = [
    {
      guid: TEAM,
      name: 'Analytical Engines',
      type: 'public',
      description: 'What we build, and why it works.',
      owner: ADA,
    },
    { guid: TRIP, name: 'Surprise trip', type: 'private', description: 'Not a word to Edsger.', owner: GRACE },
  ];
  const members = [
    [TEAM, ADA, 'admin'],
    [TEAM, ALAN, 'moderator'],
    [TEAM, GRACE, 'participant'],
    [TEAM, KATHERINE, 'participant'],
    [TRIP, GRACE, 'admin'],
    [TRIP, ADA, 'participant'],
    [TRIP, KATHERINE, 'participant'],
  ].map(([guid, uid, scope]) => ({ guid, uid, scope, joinedAt: now - 20 * DAY }));
  return [
    ...users.map((value) => ({ kind: 'user', value })),
    ...groups.map((value) => ({ kind: 'group', value: { ...value, createdAt: now - 20 * DAY } })),
    ...members.map((value) => ({ kind: 'groupMember', value })),
  ];
}

import { group, member, START, user } from '../support/lines.ts';
import type { Line } from '../support/seed.ts';

/** Who calls and is called: `ann` to `hal`, of whom `ann` to `eva` are in the group `hall`; `ann` owns it. */
export const PEOPLE = ['ann', 'ben', 'cia', 'dan', 'eva', 'fay', 'gus', 'hal'] as const;
export const MEMBERS = PEOPLE.slice(0, 5);

export const CALLS_WORLD: readonly Line[] = [
  ...PEOPLE.map((uid) => user(uid, uid)),
  group('hall', 'Hall', 'ann', { type: 'private' }),
  ...MEMBERS.map((uid) => member('hall', uid, { scope: uid === 'ann' ? 'admin' : 'participant' })),
];

/** When a call's clock begins in tests: after the world. */
export const CALLS_START = START + 1_000;

export const toUser = (uid: string) => ({ receiverType: 'USER', receiverId: uid });
export const HALL = { receiverType: 'GROUP', receiverId: 'hall' };

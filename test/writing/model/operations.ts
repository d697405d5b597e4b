import fc from 'fast-check';
import { MUTATIONS, type MutationName } from './mutations.ts';
import { GUIDS, PASSWORD, UIDS } from './start.ts';
import { type As, KEY } from './world.ts';

/** Something that somebody does. A message in the input is named by its age: see `Back`. */
export interface Operation {
  readonly as: As;
  readonly mutation: MutationName;
  readonly input: { readonly [field: string]: unknown };
}

/** A message as it is chosen: 1 is the newest of all, 2 the one before. */
export interface Back {
  readonly back: number;
}

/** One operation, or several that are sent at once. */
export type Step = Operation | { readonly together: readonly Operation[] };

const uid = fc.constantFrom(...UIDS);
const anyUid = fc.oneof({ weight: 20, arbitrary: uid }, { weight: 1, arbitrary: fc.constant('nobody') });
const guid = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...GUIDS) },
  { weight: 2, arbitrary: fc.constantFrom('new', 'nowhere') },
);
const to = fc.oneof(
  anyUid.map((receiverId) => ({ receiverType: 'USER', receiverId })),
  guid.map((receiverId) => ({ receiverType: 'GROUP', receiverId })),
);
const back: fc.Arbitrary<Back> = fc
  .oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 8 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 60 }) },
  )
  .map((age) => ({ back: age }));
const text = fc.constantFrom(
  'hello',
  'see <@uid:bob> and <@uid:eve>',
  '<@uid:ada> <@uid:cyd> <@uid:ada>',
  '<@uid:nobody>, look: https://example.org/a',
  ' \n',
);
const tags = fc.subarray(['red', 'blue']);
const metadata = fc.constantFrom({ mood: 'glad' }, { n: [1, 2] });
const scope = fc.constantFrom('ADMIN', 'MODERATOR', 'PARTICIPANT');
const reaction = fc.constantFrom('👍', '❤️', 'ok');
const name = fc.constantFrom('Zoe', 'Ada', 'Amy');
const uids = fc.array(anyUid, { minLength: 1, maxLength: 3 });
const password = fc.constantFrom(PASSWORD, PASSWORD, PASSWORD, 'wrong', '');

/** Sometimes there, mostly left out. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 });
const seldom = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 });

type Fields = Record<string, fc.Arbitrary<unknown>>;

/** An input of these fields, without those that are left out, in the conversation `to` where it is one of a message. */
const input = (fields: Fields): fc.Arbitrary<Operation['input']> =>
  fc.record(fields).map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)));

const sending = (fields: Fields) =>
  fc
    .tuple(
      to,
      input({
        ...fields,
        muid: seldom(fc.constantFrom('m1', 'm2', 'm3')),
        metadata: seldom(metadata),
        tags: seldom(tags),
        parentId: seldom(back),
        quotedMessageId: seldom(back),
      }),
    )
    .map(([receiver, rest]) => ({ ...receiver, ...rest }));
const towards = (fields: Fields) => fc.tuple(to, input(fields)).map(([receiver, rest]) => ({ ...receiver, ...rest }));
const ofMessage = (fields: Fields = {}) => input({ messageId: back, ...fields });
const ofMember = (fields: Fields = {}) => input({ guid, uid: anyUid, ...fields });
const marking = fc.oneof(ofMessage(), to);
const invited = fc.array(input({ uid: anyUid, scope: rarely(scope) }), { minLength: 1, maxLength: 3 });

/** How often each mutation is tried, and with what. */
const TRIED: { readonly [name in MutationName]: readonly [weight: number, input: fc.Arbitrary<Operation['input']>] } = {
  sendTextMessage: [40, sending({ text })],
  sendMediaMessage: [
    6,
    sending({
      type: fc.constantFrom('IMAGE', 'FILE'),
      url: fc.constant('https://example.org/a.png'),
      caption: rarely(fc.constantFrom('a view', 'two views')),
    }),
  ],
  sendCustomMessage: [6, sending({ customData: metadata, subType: seldom(fc.constant('place')) })],
  editMessage: [10, ofMessage({ text: rarely(text), metadata: seldom(metadata), tags: seldom(tags) })],
  deleteMessage: [8, ofMessage({ permanent: seldom(fc.boolean()) })],
  addReaction: [8, ofMessage({ reaction })],
  removeReaction: [5, ofMessage({ reaction })],
  pinMessage: [5, ofMessage()],
  unpinMessage: [3, ofMessage()],
  saveMessage: [5, ofMessage()],
  unsaveMessage: [3, ofMessage()],
  markAsDelivered: [8, marking],
  markAsRead: [8, marking],
  markAsUnread: [5, marking],
  updateConversation: [
    4,
    towards({
      tags: rarely(tags),
      pinned: rarely(fc.boolean()),
      mutedUntil: rarely(fc.constantFrom(4_000_000_000, null)),
    }),
  ],
  deleteConversation: [3, to],
  createUser: [1, input({ uid: fc.constantFrom('new', 'ada'), name })],
  updateUser: [1, input({ uid: anyUid, name: rarely(name), role: rarely(fc.constant('guide')), tags: rarely(tags) })],
  updateMe: [2, input({ name: rarely(name), statusMessage: rarely(fc.constantFrom('away', null)) })],
  deactivateUsers: [1, input({ uids })],
  reactivateUsers: [3, input({ uids })],
  blockUsers: [3, input({ uids })],
  unblockUsers: [3, input({ uids })],
  createGroup: [
    2,
    input({
      guid,
      name: fc.constantFrom('New', 'Old'),
      type: fc.constantFrom('PUBLIC', 'PRIVATE', 'PASSWORD'),
      password: rarely(password),
      owner: seldom(anyUid),
      members: rarely(invited),
    }),
  ],
  updateGroup: [
    2,
    input({
      guid,
      name: rarely(fc.constantFrom('New', 'Old')),
      type: seldom(fc.constantFrom('PUBLIC', 'PRIVATE', 'PASSWORD')),
      password: seldom(password),
      description: rarely(fc.constantFrom('for all', null)),
      tags: seldom(tags),
    }),
  ],
  deleteGroup: [1, input({ guid })],
  joinGroup: [8, input({ guid, password: rarely(password) })],
  leaveGroup: [4, input({ guid })],
  addGroupMembers: [4, input({ guid, members: invited })],
  kickGroupMember: [4, ofMember()],
  banGroupMember: [4, ofMember()],
  unbanGroupMember: [4, ofMember()],
  changeGroupMemberScope: [5, ofMember({ scope })],
  transferGroupOwnership: [2, ofMember()],
};

/** What an API key alone may do, which is mostly tried with one. */
const KEY_ONLY = new Set<MutationName>([
  'createUser',
  'updateUser',
  'deactivateUsers',
  'reactivateUsers',
  'deleteGroup',
  'createGroup',
]);

/** Who there is, and what is gone for all, must be sure before anybody is asked. */
const ALONE = new Set<MutationName>(['createUser', 'deactivateUsers', 'reactivateUsers', 'deleteGroup']);

function operationOf(mutation: MutationName, inputs: fc.Arbitrary<Operation['input']>): fc.Arbitrary<Operation> {
  const key = { weight: KEY_ONLY.has(mutation) ? 20 : 1, arbitrary: fc.constant(KEY) };
  const as = fc.oneof({ weight: 10, arbitrary: uid as fc.Arbitrary<string> }, key);
  return fc.record({ as, mutation: fc.constant(mutation), input: inputs });
}

/** Steps of these mutations, as many as `max`. */
export function arbitrarySteps(mutations: readonly MutationName[], max: number): fc.Arbitrary<Step[]> {
  const oneOf = (names: readonly MutationName[]) =>
    fc.oneof(
      ...names.map((mutation) => {
        const [weight, inputs] = TRIED[mutation];
        return { weight, arbitrary: operationOf(mutation, inputs) };
      }),
    );
  /** Sends by several to one conversation, where `muid`s meet. */
  const sends = fc
    .tuple(to, fc.array(operationOf('sendTextMessage', sending({ text })), { minLength: 2, maxLength: 4 }))
    .map(([receiver, all]) => all.map((one) => ({ ...one, input: { ...one.input, ...receiver } })));
  const together = fc
    .oneof(sends, fc.array(oneOf(mutations.filter((one) => !ALONE.has(one))), { minLength: 2, maxLength: 3 }))
    .map((operations) => ({ together: operations }));
  const step = fc.oneof<fc.MaybeWeightedArbitrary<Step>[]>(
    { weight: 60, arbitrary: oneOf(mutations) },
    { weight: 1, arbitrary: together },
  );
  return fc.noBias(fc.array(step, { minLength: 1, maxLength: max, size: 'max' }));
}

export const ALL_MUTATIONS = Object.keys(MUTATIONS) as MutationName[];

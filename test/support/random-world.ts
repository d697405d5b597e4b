import fc from 'fast-check';
import { action, audioCall, banned, block, group, member, START, standing, text, user } from './lines.ts';
import {
  conversationIdOf,
  type MessageFilter,
  textOf,
  type World,
  type WorldGroup,
  type WorldMessage,
  type WorldTo,
} from './oracle.ts';
import type { Line } from './seed.ts';

const UIDS = ['a', 'b', 'b-2', 'c', 'd', 'e'];
const GUIDS = ['g', 'h', 'k'];
const NAMES = ['Ada', 'ada', 'ADA', 'Émile', 'Zoé', 'жанна', '李雷', '🙂', 'Bob Ada', '-'];
const WORDS = ['Tea', 'tea', 'Été', 'ete', 'café', 'ПРИВЕТ', 'привет', 'x2', '2024', "it's", 'a-b', 'STRASSE', '😀'];

/** What is asked of a world: lists and searches with filters, at page sizes, from either end. */
export interface Questions {
  readonly lists: readonly Question[];
  readonly searches: readonly Question[];
}

interface Question {
  readonly size: number;
  readonly direction: 'forward' | 'backward';
  readonly filter: MessageFilter;
}

const words = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 });
const scope = fc.constantFrom('admin', 'moderator', 'participant' as const);

const FIELDS = [
  'categories',
  'hideReplies',
  'hideDeleted',
  'hideFromBlockedUsers',
  'unreadOnly',
  'hasMentions',
  'search',
] as const satisfies readonly (keyof MessageFilter)[];

/** Few fields at once: many would find nothing. */
const arbitraryFilter: fc.Arbitrary<MessageFilter> = fc
  .tuple(
    fc.subarray([...FIELDS], { maxLength: 3 }),
    fc.record({
      categories: fc.subarray(['MESSAGE', 'ACTION', 'CALL'] as const, { minLength: 1 }),
      hideReplies: fc.boolean(),
      hideDeleted: fc.boolean(),
      hideFromBlockedUsers: fc.boolean(),
      unreadOnly: fc.boolean(),
      hasMentions: fc.boolean(),
      search: fc.oneof(
        words.map((some) => some.slice(0, 2).join(' ')),
        fc.constantFrom('?!', 'nothing', '', 'TEA', 'ete'),
      ),
    }),
  )
  .map(([fields, filter]) => Object.fromEntries(fields.map((field) => [field, filter[field]])));

const question = (filters: fc.Arbitrary<MessageFilter>): fc.Arbitrary<Question> =>
  fc.record({
    size: fc.integer({ min: 1, max: 12 }),
    direction: fc.constantFrom('forward', 'backward'),
    filter: filters,
  });

export const arbitraryQuestions: fc.Arbitrary<Questions> = fc.record({
  lists: fc.array(question(arbitraryFilter), { minLength: 1, maxLength: 2 }),
  searches: fc.array(question(arbitraryFilter), { minLength: 1, maxLength: 3 }),
});

const arbitraryUser = (uid: string) =>
  fc.record({
    uid: fc.constant(uid),
    name: fc.constantFrom(...NAMES),
    state: fc.constantFrom('active', 'active', 'active', 'deactivated', 'deleted' as const),
  });

const arbitraryGroup = (guid: string) =>
  fc
    .record({
      guid: fc.constant(guid),
      name: fc.constantFrom(...NAMES),
      type: fc.constantFrom('public', 'private', 'password' as const),
      owner: fc.constantFrom(...UIDS),
      members: fc.uniqueArray(fc.record({ uid: fc.constantFrom(...UIDS), scope }), { selector: ({ uid }) => uid }),
      banned: fc.subarray(UIDS),
    })
    .map((made) => ({
      ...made,
      banned: made.banned.filter((uid) => uid !== made.owner && !made.members.some((one) => one.uid === uid)),
    }))
    .map(withOwner);

/** An owner of whom no line tells is an admin of the group: such lines are left out for import to see to, save of the deleted. */
function withOwner<Made extends Pick<WorldGroup, 'owner' | 'members'>>(made: Made): Made {
  const { owner, members } = made;
  return members.some(({ uid }) => uid === owner)
    ? made
    : { ...made, members: [...members, { uid: owner, scope: 'admin' }] };
}

/** A message without its place: `answers` and `quotes` say how far back in its conversation the other one stands. */
const arbitraryMessage = fc.record({
  sender: fc.constantFrom(...UIDS),
  to: fc.oneof(
    fc.record({ user: fc.constantFrom(...UIDS) }),
    fc.record({ group: fc.constantFrom(...GUIDS) }),
    fc.record({ group: fc.constantFrom(...GUIDS) }),
  ) as fc.Arbitrary<WorldTo>,
  kind: fc.constantFrom('text', 'text', 'text', 'text', 'action', 'call' as const),
  words,
  mentions: fc.subarray(UIDS, { maxLength: 2 }),
  deleted: fc.nat(2).map((n) => n === 0),
  answers: fc.option(fc.nat(3), { freq: 2 }),
  quotes: fc.option(fc.nat(3), { freq: 2 }),
  gap: fc.integer({ min: 1, max: 3 }),
});

const arbitraryStanding = fc.record({
  uid: fc.constantFrom(...UIDS),
  conversation: fc.nat(40),
  read: fc.nat(40),
  cleared: fc.oneof(fc.constant(0), fc.constant(0), fc.nat(40)),
});

/** A small world: few people and groups, so that they meet often. */
export const arbitraryWorld: fc.Arbitrary<World> = fc
  .record({
    users: fc.tuple(...UIDS.map(arbitraryUser)),
    groups: fc.tuple(...GUIDS.map(arbitraryGroup)),
    blocks: fc.uniqueArray(fc.tuple(fc.constantFrom(...UIDS), fc.constantFrom(...UIDS)), {
      maxLength: 4,
      selector: String,
    }),
    messages: fc.array(arbitraryMessage, { minLength: 10, maxLength: 40, size: 'max' }),
    standings: fc.array(arbitraryStanding, { minLength: 5, maxLength: 15, size: 'max' }),
  })
  .map((made) => {
    const messages = placed(made.messages);
    return {
      ...made,
      blocks: made.blocks.filter(([who, whom]) => who !== whom),
      messages,
      standings: standingsIn(messages, made.groups, made.standings),
    };
  });

type Unplaced = typeof arbitraryMessage extends fc.Arbitrary<infer T> ? T : never;

function placed(unplaced: readonly Unplaced[]): WorldMessage[] {
  const messages: WorldMessage[] = [];
  let id = 0;
  for (const { answers, quotes, gap, ...message } of unplaced) {
    id += gap;
    const isAction = message.kind === 'action' && 'group' in message.to;
    const before = messages.filter(
      (other) => conversationIdOf(other.sender, other.to) === conversationIdOf(message.sender, message.to),
    );
    const heads = before.filter(({ parent }) => parent === undefined);
    const kind = isAction || message.kind !== 'action' ? message.kind : 'text';
    const mentioned = kind === 'text' ? mentionable(message) : [];
    messages.push({
      ...message,
      id,
      kind,
      mentions: mentioned,
      deleted: message.deleted && kind === 'text',
      parent: kind === 'text' && answers !== null ? heads.at(-1 - answers)?.id : undefined,
      quoted: kind === 'text' && quotes !== null ? before.at(-1 - quotes)?.id : undefined,
    });
  }
  return messages;
}

/** Between two, only they can be mentioned. */
const mentionable = ({ sender, to, mentions }: Pick<Unplaced, 'sender' | 'to' | 'mentions'>): string[] =>
  'group' in to ? mentions : mentions.filter((uid) => uid === sender || uid === to.user);

/** Each user's own of conversations that they take part in, within its messages. */
function standingsIn(
  messages: readonly WorldMessage[],
  groups: World['groups'],
  wanted: readonly { uid: string; conversation: number; read: number; cleared: number }[],
): World['standings'] {
  const made = new Map<string, World['standings'][number]>();
  for (const { uid, conversation, read, cleared } of wanted) {
    const own = messages.filter(({ sender, to }) => 'group' in to || sender === uid || to.user === uid);
    const one = own[conversation % Math.max(own.length, 1)];
    if (!one) continue;
    const to = 'group' in one.to ? one.to : { user: one.sender === uid ? one.to.user : one.sender };
    const id = conversationIdOf(uid, to);
    const last = Math.max(
      ...messages.filter((other) => conversationIdOf(other.sender, other.to) === id).map((other) => other.id),
    );
    const belongs =
      'user' in to || groups.some(({ guid, members }) => guid === to.group && members.some((one) => one.uid === uid));
    made.set(`${uid} ${id}`, {
      uid,
      to,
      read: belongs ? Math.min(read, last) : 0,
      cleared: belongs ? Math.min(cleared, last) : 0,
    });
  }
  return [...made.values()];
}

/** The world as lines of an import. */
export function linesOf({ users, groups, blocks, messages, standings }: World): Line[] {
  const hasStanding = (uid: string, guid: string) =>
    standings.some((one) => one.uid === uid && 'group' in one.to && one.to.group === guid);
  const isDeleted = (uid: string) => users.some((one) => one.uid === uid && one.state === 'deleted');
  return [
    ...users.map(({ uid, name, state }) =>
      user(uid, name, {
        ...(state === 'deactivated' && { deactivatedAt: START }),
        ...(state === 'deleted' && { deletedAt: START }),
      }),
    ),
    ...groups.flatMap(({ guid, name, type, owner, members, banned: out }) => [
      group(guid, name, owner, { type }),
      ...members
        .filter(({ uid, scope: own }) => uid !== owner || own !== 'admin' || isDeleted(uid) || hasStanding(uid, guid))
        .map(({ uid, scope: own }) => member(guid, uid, { scope: own })),
      ...out.map((uid) => banned(guid, uid)),
    ]),
    ...blocks.map(([uid, blockedUid]) => block({ uid, blockedUid, blockedAt: START })),
    ...messages.map(lineOf),
    ...standings.map(({ uid, to, read, cleared }) =>
      standing(uid, to, { lastReadMessageId: String(read), clearedUpTo: String(cleared) }),
    ),
  ];
}

function lineOf(message: WorldMessage): Line {
  const { id, sender, to, kind, deleted, parent, quoted } = message;
  if (kind === 'action' && 'group' in to) return action(id, sender, to.group, 'joined');
  if (kind === 'call') return audioCall(id, sender, to, { sessionId: `session-${id}`, status: 'ended' });
  return text(id, sender, to, textOf(message), {
    ...(deleted && { deletedAt: START + id }),
    ...(parent !== undefined && { parentId: String(parent) }),
    ...(quoted !== undefined && { quotedMessageId: String(quoted) }),
  });
}

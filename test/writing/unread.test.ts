import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkAll } from '../../src/transfer/check-service.ts';
import { type Asker, askerOf } from '../support/ask.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { group, mark, member, receiver, START, standing, text, user } from '../support/lines.ts';
import { serverForTest } from '../support/server.ts';

const PEOPLE = ['ann', 'ben', 'kim'] as const;
type Person = (typeof PEOPLE)[number];

/** The three, what they wrote before the server came, and how some of them stand in it. */
const LINES = [
  ...PEOPLE.map((uid) => user(uid, uid)),
  group('trio', 'Trio', 'ann'),
  ...PEOPLE.map((uid) => member('trio', uid)),
  text(1, 'ann', { group: 'trio' }, 'one'),
  text(2, 'ben', { group: 'trio' }, 'two', { parentId: '1' }),
  text(3, 'kim', { group: 'trio' }, 'three <@uid:ann>'),
  text(4, 'ann', { user: 'ben' }, 'four'),
  text(5, 'ben', { user: 'ann' }, 'five'),
  mark({ ...receiver({ group: 'trio' }), type: 'read', messageId: '2', at: START + 10 }), // all had read it, ben too, who keeps it unread
  standing('ben', { group: 'trio' }, { lastReadMessageId: '0' }),
  standing('ann', { user: 'ben' }, { lastReadMessageId: '4' }),
];

/** The conversations: which of the three take part, and as what each of them names it. */
const PLACES = [
  { people: PEOPLE, to: () => ({ receiverType: 'GROUP', receiverId: 'trio' }) },
  { people: ['ann', 'ben'], to: (me: Person) => ({ receiverType: 'USER', receiverId: me === 'ann' ? 'ben' : 'ann' }) },
] as const;

interface Sent {
  readonly id: string;
  readonly sender: string;
  readonly parentId: string | null;
  readonly mentions: readonly string[];
  deleted: boolean;
}

/** How a conversation is, told by nothing but what was done in it: messages in order, and up to how many of them each has read. */
interface Place {
  readonly messages: Sent[];
  readonly read: Map<string, number>;
  readonly cleared: Map<string, number>;
}

const before = (): Place[] => {
  const sent = (
    id: number,
    sender: string,
    parentId: string | null = null,
    mentions: readonly string[] = [],
  ): Sent => ({
    id: `${id}`,
    sender,
    parentId,
    mentions,
    deleted: false,
  });
  const place = (messages: Sent[], read: [string, number][]) => ({ messages, read: new Map(read), cleared: new Map() });
  return [
    place(
      [sent(1, 'ann'), sent(2, 'ben', '1'), sent(3, 'kim', null, ['ann'])],
      [
        ['ann', 3],
        ['ben', 0],
        ['kim', 3],
      ],
    ),
    place(
      [sent(4, 'ann'), sent(5, 'ben')],
      [
        ['ann', 1],
        ['ben', 2],
      ],
    ),
  ];
};

/** The slow count; of replies those to messages that are shown. */
function expected({ messages, read, cleared }: Place, me: string) {
  const others = messages.slice(read.get(me) ?? 0).filter(({ sender, deleted }) => sender !== me && !deleted);
  const unread = others.filter(({ parentId }) => parentId === null);
  const shown = new Set(messages.slice(cleared.get(me) ?? 0).map(({ id }) => id));
  return {
    unreadMessageCount: unread.length,
    unreadMentionsCount: unread.filter(({ mentions }) => mentions.includes(me)).length,
    unreadReplies: others.filter(({ parentId }) => parentId !== null && shown.has(parentId)).length,
  };
}

const KINDS = [
  'send',
  'send',
  'reply',
  'mention',
  'read',
  'readAll',
  'unread',
  'unreadAll',
  'clear',
  'delete',
] as const;
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom(...KINDS),
    who: fc.nat(2),
    place: fc.nat(1),
    which: fc.nat(30),
  }),
  { minLength: 25, maxLength: 25 },
);
type Step = { kind: (typeof KINDS)[number]; who: number; place: number; which: number };

/** Does it on the server and, where it may be done, to what is remembered of the place. */
async function take({ run }: Asker, places: Place[], { kind, who, place: at, which }: Step): Promise<void> {
  const { people, to } = PLACES[at] as (typeof PLACES)[number];
  const place = places[at] as Place;
  const me = people[who % people.length] as Person;
  const { messages, read, cleared } = place;
  const first = cleared.get(me) ?? 0;
  const index = first + (which % Math.max(messages.length - first, 1));
  const message = messages[index];
  const send = async (more: object, words: string, sent: Pick<Sent, 'parentId' | 'mentions'>) => {
    const answer = await run(me, 'sendTextMessage', { ...to(me), text: words, ...more }, 'message { id }');
    messages.push({ id: answer.message.id, sender: me, deleted: false, ...sent });
    read.set(me, messages.length);
  };
  const marks = (name: string, input: object) => run(me, name, input, 'conversation { unreadMessageCount }');
  const raise = (count: number) => read.set(me, Math.max(read.get(me) ?? 0, count));
  const lower = (count: number) => read.set(me, Math.min(read.get(me) ?? 0, count));
  if (kind === 'send') return send({}, 'a', { parentId: null, mentions: [] });
  if (kind === 'mention') return send({}, 'a <@uid:ann>', { parentId: null, mentions: ['ann'] });
  if (kind === 'readAll') {
    await marks('markAsRead', to(me));
    raise(messages.length);
  } else if (kind === 'unreadAll') {
    await marks('markAsUnread', to(me));
    lower(first);
  } else if (kind === 'clear') {
    await run(me, 'deleteConversation', to(me), 'conversationId');
    cleared.set(me, messages.length);
    raise(messages.length);
  } else if (message && kind === 'reply' && message.parentId === null && !message.deleted) {
    return send({ parentId: message.id }, 'a', { parentId: message.id, mentions: [] });
  } else if (message && kind === 'read') {
    await marks('markAsRead', { messageId: message.id });
    raise(index + 1);
  } else if (message && kind === 'unread') {
    await marks('markAsUnread', { messageId: message.id });
    lower(index);
  } else if (message && kind === 'delete' && message.sender === me && !message.deleted) {
    await run(me, 'deleteMessage', { messageId: message.id }, 'message { id }');
    message.deleted = true;
  }
}

const STANDING = `query ($with: ReceiverInput!) { conversation(with: $with) {
  unreadMessageCount unreadMentionsCount messages(first: 100) { nodes { unreadRepliesCount } }
} }`;

eachDialect((dialect) => {
  test('what is unread is what a recount of all that was done finds, whatever was sent, marked, deleted and hidden', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const server = await serverForTest({ dialect, lines: LINES });
        const asker = askerOf(() => server);
        const places = before();
        for (const step of taken) await take(asker, places, step);
        for (const [at, { people, to }] of PLACES.entries()) {
          for (const me of people) {
            const { conversation } = await asker.data(me, STANDING, { with: to(me) });
            const { unreadMessageCount, unreadMentionsCount, messages } = conversation;
            const replies = messages.nodes.map((node: { unreadRepliesCount: number }) => node.unreadRepliesCount);
            const unreadReplies = replies.reduce((sum: number, count: number) => sum + count, 0);
            const counted = { unreadMessageCount, unreadMentionsCount, unreadReplies };
            expect(counted).toEqual(expected(places[at] as Place, me));
          }
        }
        expect(await checkAll(server.db)).toEqual([]);
      }),
      { numRuns: 10, seed: 20_240_101 },
    );
  }, 60_000);
});

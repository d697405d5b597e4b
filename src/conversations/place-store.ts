import { and, eq, placeholder as ph } from 'drizzle-orm';
import { ChatError } from '../errors.ts';
import { groupTopic, userTopic } from '../events/event.ts';
import { type Handle, must, store } from '../store/handle.ts';
import { userStore } from '../users/store.ts';
import { isFound } from '../users/user.ts';
import type { UserViewer } from '../viewer.ts';
import { type Conversation, inOrder, type Participant, type Party, type View } from './conversation.ts';

/** A conversation that a user takes part in, as it stands while a transaction has it to itself. */
export interface Place {
  readonly conversation: Conversation;
  /** The user's own standing in it. */
  readonly mine: Participant;
  /** Who hears of what happens in it: the group, or both users. */
  readonly topics: readonly string[];
}

/** The conversation as the participant has it. */
export const viewOf = (conversation: Conversation, mine: Participant): View => ({
  id: conversation.id,
  groupId: conversation.groupId,
  userA: conversation.userA,
  userB: conversation.userB,
  counted: conversation.counted,
  lastId: conversation.lastId,
  lastMessageId: conversation.lastMessageId,
  updatedAt: conversation.updatedAt,
  userId: mine.userId,
  active: mine.active,
  readUpTo: mine.readUpTo,
  readCounted: mine.readCounted,
  readMark: mine.readMark,
  deliveredMark: mine.deliveredMark,
  clearedUpTo: mine.clearedUpTo,
  tags: mine.tags,
  pinnedAt: mine.pinnedAt,
  mutedUntil: mine.mutedUntil,
  viewUpdatedAt: mine.updatedAt,
  place: conversation.lastMessageId > 0 ? conversation.lastMessageId : -conversation.id,
});

export const placeStore = store(({ db, t: { conversations: c, participants: p }, one, all, sql: { among } }) => ({
  byGroup: one(
    () =>
      db
        .select()
        .from(c)
        .where(eq(c.groupId, ph('groupId'))),
    (groupId: number) => ({ groupId }),
  ),
  byPair: one(
    () =>
      db
        .select()
        .from(c)
        .where(and(eq(c.userA, ph('userA')), eq(c.userB, ph('userB')))),
    (userA: number, userB: number) => ({ userA, userB }),
  ),
  byId: one(
    () =>
      db
        .select()
        .from(c)
        .where(eq(c.id, ph('id'))),
    (id: number) => ({ id }),
  ),
  participant: one(
    () =>
      db
        .select()
        .from(p)
        .where(and(eq(p.userId, ph('userId')), eq(p.conversationId, ph('conversationId')))),
    (userId: number, conversationId: number) => ({ userId, conversationId }),
  ),
  participantsOf: all(
    () =>
      db
        .select()
        .from(p)
        .where(and(eq(p.userId, ph('userId')), among(p.conversationId, ph('conversationIds')))),
    (userId: number, conversationIds: readonly number[]) => ({ userId, conversationIds }),
  ),
  add: one(
    () =>
      db
        .insert(c)
        .values({
          groupId: ph('groupId'),
          userA: ph('userA'),
          userB: ph('userB'),
          createdAt: ph('at'),
          updatedAt: ph('at'),
        })
        .returning(),
    (parties: Pick<Conversation, 'groupId' | 'userA' | 'userB'>, at: number) => ({ ...parties, at }),
  ),
  addParticipant: one(
    () =>
      db
        .insert(p)
        .values({ userId: ph('userId'), conversationId: ph('conversationId'), active: true, tags: [] })
        .returning(),
    (userId: number, conversationId: number) => ({ userId, conversationId }),
  ),
}));

/**
 * The conversation in which a user writes to the party: with another user made where there is none yet. Throws
 * ERR_GROUP_NOT_JOINED for a group that the user is no member of.
 */
export async function enterConversation(tx: Handle, user: UserViewer, party: Party, at: number): Promise<Place> {
  return party.type === 'group' ? enterGroup(tx, user, party) : enterPair(tx, user, party, at);
}

/**
 * The user's conversation with the party, as it is. Throws ERR_GROUP_NOT_JOINED for a group that the user is no member of, and
 * ERR_CONVERSATION_NOT_FOUND where the two have none.
 */
export async function getPlace(tx: Handle, user: UserViewer, party: Party): Promise<Place> {
  const place = party.type === 'group' ? await enterGroup(tx, user, party) : await findPair(tx, user, party.user);
  if (place) return place;
  throw new ChatError(
    'ERR_CONVERSATION_NOT_FOUND',
    `\`receiverId\`: you have no conversation with "${receiverIdOf(party)}".`,
  );
}

const receiverIdOf = (party: Party): string => (party.type === 'group' ? party.group.guid : party.user.uid);

async function enterGroup(tx: Handle, user: UserViewer, { group }: Extract<Party, { type: 'group' }>): Promise<Place> {
  const conversation = must(await placeStore(tx).byGroup(group.id));
  const mine = await placeStore(tx).participant(user.id, conversation.id);
  if (!mine?.active)
    throw new ChatError('ERR_GROUP_NOT_JOINED', `You are not a member of the group "${group.guid}": join it first.`);
  return { conversation, mine, topics: [groupTopic(group.guid)] };
}

async function enterPair(
  tx: Handle,
  user: UserViewer,
  { user: other }: Extract<Party, { type: 'user' }>,
  at: number,
): Promise<Place> {
  const there = await findPair(tx, user, other);
  if (there) return there;
  const store = placeStore(tx);
  const conversation = must(await store.add({ groupId: null, ...pairOf(user, other) }, at));
  const mine = must(await store.addParticipant(user.id, conversation.id));
  if (other.id !== user.id) await store.addParticipant(other.id, conversation.id);
  return { conversation, mine, topics: topicsOfPair(user, other) };
}

async function findPair(tx: Handle, user: UserViewer, other: Person): Promise<Place | undefined> {
  const { byPair, participant } = placeStore(tx);
  const { userA, userB } = pairOf(user, other);
  const conversation = await byPair(userA, userB);
  if (!conversation) return undefined;
  const mine = must(await participant(user.id, conversation.id));
  return { conversation, mine, topics: topicsOfPair(user, other) };
}

/** One of two who have a conversation. */
export interface Person {
  readonly id: number;
  readonly uid: string;
}

/** The two of a conversation, as its row names them. */
export function pairOf(one: Person, other: Person) {
  const [first] = inOrder(one.uid, other.uid);
  const [a, b] = first === one.uid ? [one, other] : [other, one];
  return { userA: a.id, userB: b.id };
}

const topicsOfPair = (one: Person, other: Person) => [userTopic(one.uid), userTopic(other.uid)];

/**
 * Throws ERR_BLOCKED_SENDER where the user has been blocked by the other, and ERR_BLOCKED_RECEIVER where they have blocked them. Who
 * is not found any more sends nothing and gets nothing: AUTH_ERR_NO_ACCESS, ERR_UID_NOT_FOUND.
 */
export async function requireUnblocked(tx: Handle, user: UserViewer, other: Person): Promise<void> {
  const people = await userStore(tx).byIds([user.id, other.id]);
  const isThere = ({ id }: Person) => people.some((one) => one.id === id && isFound(one, false));
  if (!isThere(user)) throw new ChatError('AUTH_ERR_NO_ACCESS', `The user "${user.uid}" is deactivated or deleted.`);
  if (!isThere(other))
    throw new ChatError('ERR_UID_NOT_FOUND', `\`receiverId\`: there is no user with the uid "${other.uid}".`);
  await refuseBlocked(tx, user, other);
}

/** Throws ERR_BLOCKED_SENDER where the user has been blocked by the other, and ERR_BLOCKED_RECEIVER where they have blocked them. */
export async function refuseBlocked(tx: Handle, user: Person, other: Person): Promise<void> {
  const { blockedAmong, blockersAmong } = userStore(tx);
  const blockers = await blockersAmong(user.id, [other.id]);
  const blocked = await blockedAmong(user.id, [other.id]);
  if (blockers.length > 0) throw new ChatError('ERR_BLOCKED_SENDER', `The user "${other.uid}" has blocked you.`);
  if (blocked.length > 0) throw new ChatError('ERR_BLOCKED_RECEIVER', `You have blocked the user "${other.uid}".`);
}

import { type Conversation, inOrder } from '../conversations/conversation.ts';
import type { Group } from '../groups/group.ts';
import { must } from '../store/handle.ts';
import type { participants } from '../store/tables.sqlite.ts';
import type { Person } from './people.ts';

export type Participant = typeof participants.$inferSelect;

/** Participants that an import makes stand at its end: finish-store.ts puts them there. */
export const AT_THE_END = -1;

const ofGroup = (group: { id: number }) => `group ${group.id}`;
const ofPair = (a: { id: number }, b: { id: number }) => `pair ${a.id} ${b.id}`;
const ofConversation = ({ groupId, userA, userB }: Conversation) =>
  groupId === null
    ? ofPair({ id: must(userA ?? undefined) }, { id: must(userB ?? undefined) })
    : ofGroup({ id: groupId });

/** Two users in the order in which a conversation has them. */
export function pairOf(one: Person, other: Person): readonly [Person, Person] {
  return inOrder(one.uid, other.uid)[0] === one.uid ? [one, other] : [other, one];
}

/** The conversations that the lines of a batch are about, and how they stand for those users whom the lines name. */
export function createConversations(
  found: readonly Conversation[],
  foundParticipants: readonly Participant[],
  ids: readonly number[],
) {
  const byKey = new Map(found.map((conversation) => [ofConversation(conversation), conversation]));
  const keyOf = (p: { userId: number; conversationId: number }) => `${p.userId} ${p.conversationId}`;
  const byUser = new Map(foundParticipants.map((participant) => [keyOf(participant), participant]));
  const added: Conversation[] = [];
  const changed = new Set<Conversation>();
  const addedParticipants: Participant[] = [];
  const changedParticipants = new Set<Participant>();

  function add(key: string, who: Pick<Conversation, 'groupId' | 'userA' | 'userB'>, createdAt: number): Conversation {
    const place = { seq: 0, counted: 0, lastId: 0, lastMessageId: 0 };
    const id = must(ids[added.length]);
    const made = { id, ...who, ...place, importFloor: 0, createdAt, updatedAt: createdAt };
    byKey.set(key, made);
    added.push(made);
    return made;
  }

  /** From now on the conversation waits for the import to be finished. */
  function touch(conversation: Conversation): Conversation {
    conversation.importFloor ??= conversation.lastId;
    changed.add(conversation);
    return conversation;
  }

  function addParticipant(userId: number, { id }: Conversation, active: boolean): Participant {
    const standing = {
      readUpTo: active ? AT_THE_END : 0,
      readCounted: 0,
      readMark: 0,
      deliveredMark: 0,
      clearedUpTo: 0,
    };
    const settings = { tags: [], pinnedAt: null, mutedUntil: null, updatedAt: null };
    const participant = { userId, conversationId: id, active, ...standing, ...settings };
    byUser.set(keyOf(participant), participant);
    addedParticipants.push(participant);
    return participant;
  }

  return {
    added,
    changed,
    addedParticipants,
    changedParticipants,
    findOfGroup: (group: Group): Conversation | undefined => byKey.get(ofGroup(group)),
    findOfPair: (one: Person, other: Person): Conversation | undefined => byKey.get(ofPair(...pairOf(one, other))),
    ofGroup(group: Group): Conversation {
      const who = { groupId: group.id, userA: null, userB: null };
      return touch(byKey.get(ofGroup(group)) ?? add(ofGroup(group), who, group.createdAt));
    },
    ofPair(one: Person, other: Person, createdAt: number): Conversation {
      const [a, b] = pairOf(one, other);
      const there = byKey.get(ofPair(a, b));
      if (there) return touch(there);
      const made = add(ofPair(a, b), { groupId: null, userA: a.id, userB: b.id }, createdAt);
      for (const user of new Set([a, b])) addParticipant(user.id, made, true);
      return made;
    },
    /** How the conversation stands for a user; made where it does not stand yet, `active` where they belong to it. */
    participant: (userId: number, conversation: Conversation, active: boolean): Participant =>
      byUser.get(keyOf({ userId, conversationId: conversation.id })) ?? addParticipant(userId, conversation, active),
    change: (participant: Participant) => void changedParticipants.add(participant),
  };
}

export type Conversations = ReturnType<typeof createConversations>;

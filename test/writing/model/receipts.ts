/** Follows "Receipts and unread counts" of reference/semantics.md, and what it says of conversations under "Lists and search". */
import {
  type As,
  conversationOf,
  findGroup,
  findMessage,
  findUser,
  type Message,
  must,
  newestIn,
  person,
  refuse,
  requireChanges,
  type Standing,
  standingOf,
  type To,
  type World,
} from './world.ts';

/** "Marks never go back … Read implies delivered." A mark that covers nothing new is shown to nobody. */
export function reach(
  world: World,
  conversation: string,
  uid: string,
  what: 'read' | 'delivered',
  upTo: number,
  covered = upTo,
): void {
  const standing = standingOf(world, conversation, uid);
  const isNews = covered > standing[`${what}Mark`];
  standing.deliveredMark = Math.max(standing.deliveredMark, upTo);
  if (isNews) standing.deliveredShown = Math.max(standing.deliveredShown, upTo);
  if (what === 'delivered') return;
  standing.readMark = Math.max(standing.readMark, upTo);
  if (isNews) standing.readShown = upTo;
  standing.read = Math.max(standing.read, upTo);
}

/** Whether a message is delivered to, or read by: the receiver, or all who were members at the sending and still are. */
export function hasReached(world: World, message: Message, what: 'read' | 'delivered'): boolean {
  const { conversation, to, id } = message;
  const members = world.groups.get(to.receiverId)?.members ?? new Map();
  const awaited =
    to.receiverType === 'USER'
      ? [to.receiverId]
      : [...members].filter(([, { since }]) => since < id).map(([uid]) => uid);
  return awaited.every((uid) => standingOf(world, conversation, uid)[`${what}Mark`] >= id);
}

/** "Messages of category MESSAGE and CALL by others, after the read mark, not deleted, not replies." */
export const isUnread = (world: World, uid: string, message: Message): boolean =>
  message.content.type !== 'GROUP_MEMBER' && message.parent === null && isNew(world, uid, message);

/** The same, replies included. */
export function isNew(world: World, uid: string, message: Message): boolean {
  const { conversation, id, sender, deleted, purged } = message;
  return sender !== uid && !deleted && !purged && id > standingOf(world, conversation, uid).read;
}

export type Marking = { messageId: string } | To;

/** The message that is meant: one by its id, or the newest of a conversation, of which what one has deleted for oneself is no part. */
function marked(world: World, as: As, marking: Marking): { conversation: string; id: number } {
  const uid = person(as);
  if ('messageId' in marking) return findMessage(world, as, marking.messageId);
  const conversation = findConversation(world, uid, marking);
  const newest = newestIn(world, conversation);
  return { conversation, id: newest > standingOf(world, conversation, uid).cleared ? newest : 0 };
}

/** The conversation's name, where the user has it: also with somebody who has been deactivated since. */
function findConversation(world: World, uid: string, to: To): string {
  const conversation = conversationOf(uid, to);
  if (to.receiverType === 'GROUP') {
    must(findGroup(world, uid, to.receiverId).members.has(uid), 'ERR_GROUP_NOT_JOINED');
  } else if (newestIn(world, conversation) === 0) {
    findUser(world, uid, to.receiverId);
    refuse('ERR_CONVERSATION_NOT_FOUND');
  }
  return conversation;
}

export function mark(world: World, as: As, what: 'read' | 'delivered', marking: Marking): string {
  const { conversation, id } = marked(world, as, marking);
  reach(world, conversation, as, what, id);
  return conversation;
}

/** "Lowers the read mark for the counts and changes no message's `status`": to before a message, or before all there is. */
export function markUnread(world: World, as: As, marking: Marking): string {
  const { conversation, id } = marked(world, as, marking);
  const standing = standingOf(world, conversation, as);
  const before = world.messages.findLast((other) => other.conversation === conversation && other.id < id)?.id ?? 0;
  const upTo = 'messageId' in marking ? before : 0;
  standing.read = Math.min(standing.read, Math.max(upTo, standing.cleared));
  return conversation;
}

export interface Settings extends To {
  tags?: string[];
  pinned?: boolean;
  mutedUntil?: number | null;
}

export function setConversation(world: World, as: As, settings: Settings): string {
  const { receiverType, receiverId, ...changes } = settings;
  const uid = person(as);
  requireChanges(changes);
  const conversation = findConversation(world, uid, { receiverType, receiverId });
  const { tags, pinned, mutedUntil } = changes;
  const standing: Standing = standingOf(world, conversation, uid);
  if (tags !== undefined) standing.tags = [...new Set(tags)];
  if (pinned !== undefined) standing.pinned = pinned;
  if (mutedUntil !== undefined) standing.muted = mutedUntil !== null;
  return conversation;
}

/** "A conversation deleted for oneself is empty until something new comes; what was there stays hidden from that viewer." */
export function clearConversation(world: World, as: As, to: To): string {
  const uid = person(as);
  const conversation = findConversation(world, uid, to);
  const standing = standingOf(world, conversation, uid);
  standing.cleared = newestIn(world, conversation);
  standing.read = Math.max(standing.read, standing.cleared);
  return conversation;
}

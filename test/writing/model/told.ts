import type { Logged } from '../../support/log.ts';

type Fields = Readonly<Record<string, unknown>>;
type Shown = ReadonlyMap<string, unknown>;

/** All that a user fetched, `plain`. */
export interface All {
  readonly me: unknown;
  readonly users: readonly Fields[];
  readonly blocked: readonly string[];
  readonly groups: readonly Fields[];
  readonly members: Fields;
  readonly banned: Fields;
  readonly conversations: readonly Fields[];
  readonly messages: readonly Fields[];
  readonly saved: unknown;
  readonly unread: unknown;
}

/** What one user was shown, each thing under a name of its own; without what nobody is told of, but fetches. */
export function thingsOf(uid: string, all: All): Shown {
  const joined = all.groups.filter((group) => group['hasJoined']);
  const guids = joined.map((group) => String(group['guid']));
  return new Map<string, unknown>([
    ['me', all.me],
    ['blocked', sorted(all.blocked)],
    ['saved', all.saved],
    ['unread', all.unread],
    ['conversations', all.conversations.map((one) => one['conversationId'])],
    ...joined.map((group) => [`group ${group['guid']}`, group] as const),
    ...guids.map((guid) => [`members ${guid}`, sorted(all.members[guid])] as const),
    ...guids.map((guid) => [`banned ${guid}`, sorted(all.banned[guid])] as const),
    ...all.conversations.map((one) => [`conversation ${one['conversationId']}`, one] as const),
    ...all.messages.map((one) => [`message ${one['id']}`, toldOf(uid, one)] as const),
  ]);
}

/** Names decide the order of people, and other people's names are fetched. */
const sorted = (people: unknown): unknown =>
  Array.isArray(people) ? people.map((one) => JSON.stringify(one)).sort() : people;

/** "Other members' receipts are fetched, not told", and how far a message has come in a group is told to its sender. */
function toldOf(uid: string, message: Fields): Fields {
  const { receipts: _receipts, mentionedUsers, reactions, status, deliveredAt, readAt, ...rest } = message;
  const given = (reactions as Fields[]).map((one) => ({ ...one, users: sorted(one['users']) }));
  const own = message['receiverType'] === 'USER' || message['sender'] === uid ? { status, deliveredAt, readAt } : {};
  return { ...rest, ...own, mentionedUsers: sorted(mentionedUsers), reactions: given };
}

/** An event with the place of its message, as the model has it. */
export interface Told extends Logged {
  readonly message: number;
  readonly upTo: number;
}

/**
 * The things that are shown otherwise than before, though no event that the user was told of names them: who fetches anew only what
 * events name would not know. Each with what it was and is.
 */
export function untold(uid: string, before: Shown, after: Shown, told: readonly Told[]): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    if (told.some((event) => isNamed(uid, name, (is ?? was) as Fields, event))) return [];
    return [`${uid} is not told of ${name}: ${JSON.stringify(was)} became ${JSON.stringify(is)}`];
  });
}

/** Whether an event says that a thing may have changed. */
function isNamed(uid: string, name: string, thing: Fields, event: Told): boolean {
  const { kind, by, user, conversation, message, upTo } = event;
  const { guid = null } = (event.details ?? {}) as { guid?: string };
  const [what, id] = name.split(' ');
  const isHere = conversation !== null && (thing?.['conversationId'] === conversation || id === conversation);
  const isInGroup = guid !== null && (id === guid || thing?.['conversationId'] === `group_${guid}`);
  const lists = ['conversations', 'unread', 'saved'].includes(what ?? '');
  const isIt = what === 'message' && Number(id) === message;
  const isAround = what === 'message' && (thing['parent'] === message || thing['quoted'] === message);
  const isParent = what === 'message' && (thing['replies'] as number[]).includes(message);
  switch (kind) {
    case 'MESSAGE_SENT':
      // who sends has read what came before
      return isIt || isParent || (isHere && (what !== 'message' || by === uid)) || (lists && what !== 'saved');
    case 'MESSAGE_DELETED':
      return isIt || isAround || isParent || (isHere && what === 'conversation') || lists;
    case 'MESSAGE_EDITED':
      return isIt || (isHere && what === 'conversation');
    case 'MESSAGE_PINNED':
    case 'MESSAGE_UNPINNED':
    case 'REACTION_ADDED':
    case 'REACTION_REMOVED':
      return isIt;
    case 'MESSAGE_SAVED':
    case 'MESSAGE_UNSAVED':
      return isIt || what === 'saved';
    case 'MESSAGES_DELIVERED':
    case 'MESSAGES_READ':
      return (isHere && (what === 'conversation' || by === uid || Number(id) <= upTo)) || what === 'unread';
    case 'MEMBERSHIP_CHANGED':
      if (user === uid || by === uid) return isInGroup || isHere || lists; // who acts has read what came before, too
      return isIt || (isInGroup && what !== 'message') || what === 'conversations';
    case 'GROUP_UPDATED':
      return isInGroup && what !== 'message';
    case 'GROUP_DELETED':
      return isInGroup || lists;
    case 'CONVERSATION_UPDATED':
      return isHere || lists;
    case 'USER_UPDATED':
      return what === 'me' && user === uid;
    case 'USER_BLOCKED':
    case 'USER_UNBLOCKED':
      return what === 'blocked';
    default:
      return false;
  }
}

/**
 * Parley in memory: what reference/semantics.md and contract.graphql say, in plain code, to hold the server against. The heading
 * that a file follows stands in its first comment. Messages are named by the order in which they were made: 1, 2, 3, …
 * Of times only whether there is one is known.
 */

export type Scope = 'ADMIN' | 'MODERATOR' | 'PARTICIPANT';
/** Who acts: a uid, or an API key on nobody's behalf. */
export type As = string;
export const KEY = 'KEY';

export interface Person {
  name: string;
  state: 'active' | 'deactivated' | 'deleted';
  statusMessage: string | null;
  role: string | null;
  tags: string[];
  /** Whom they have blocked. */
  blocks: Set<string>;
}

export interface Group {
  name: string;
  type: 'PUBLIC' | 'PRIVATE' | 'PASSWORD';
  password: string | null;
  description: string | null;
  tags: string[];
  owner: string;
  /** `since`: the newest message when they joined. */
  members: Map<string, { scope: Scope; since: number }>;
  banned: Set<string>;
}

export type To = { receiverType: 'USER' | 'GROUP'; receiverId: string };

/** How a conversation stands for one of its people. All are numbers of messages, up to which (inclusive). */
export interface Standing {
  /** Unread counts begin after it: the one mark that can go back. */
  read: number;
  readMark: number;
  deliveredMark: number;
  /** Up to where others see that it was read, or delivered: not what was there when they joined, until they have read on. */
  readShown: number;
  deliveredShown: number;
  cleared: number;
  tags: string[];
  pinned: boolean;
  muted: boolean;
}

/** What a message says, by its type. */
export interface Content {
  type: 'TEXT' | 'IMAGE' | 'FILE' | 'CUSTOM' | 'GROUP_MEMBER';
  text?: string;
  url?: string | null;
  caption?: string | null;
  subType?: string | null;
  customData?: unknown;
  conversationText?: string | null;
  action?: string;
  actionOn?: string | null;
  message?: string;
  oldScope?: Scope | null;
  newScope?: Scope | null;
}

export interface Message {
  id: number;
  conversation: string;
  sender: string;
  to: To;
  muid: string | null;
  content: Content;
  metadata: unknown;
  tags: string[];
  parent: number | null;
  quoted: number | null;
  mentions: string[];
  edits: { editedBy: string; text: string | null; caption: string | null; metadata: unknown; customData: unknown }[];
  reactions: Map<string, Set<string>>;
  savedBy: Set<string>;
  pinnedBy: string | null;
  pinned: boolean;
  editedBy: string | null;
  deleted: boolean;
  deletedBy: string | null;
  /** Deleted for good: in no answer any more. */
  purged: boolean;
  updated: boolean;
}

export interface World {
  people: Map<string, Person>;
  groups: Map<string, Group>;
  /** All of them, in order: message 1 stands first. */
  messages: Message[];
  /** Of each conversation, by uid. */
  standings: Map<string, Map<string, Standing>>;
}

/** What is refused, with the code that says why. */
export class Refusal extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export function refuse(code: string): never {
  throw new Refusal(code);
}

/** Refuses with the code unless it is so. */
export function must(isSo: boolean, code: string): asserts isSo {
  if (!isSo) refuse(code);
}

export const conversationOf = (uid: string, { receiverType, receiverId }: To): string =>
  receiverType === 'GROUP' ? `group_${receiverId}` : [uid, receiverId].sort().join('_user_');

export const newestIn = (world: World, conversation: string): number =>
  world.messages.findLast((message) => message.conversation === conversation)?.id ?? 0;

/** How the conversation stands for a user, made where nothing is known of it yet. */
export function standingOf(world: World, conversation: string, uid: string): Standing {
  const all = world.standings.get(conversation) ?? new Map<string, Standing>();
  world.standings.set(conversation, all);
  const marks = { read: 0, readMark: 0, deliveredMark: 0, readShown: 0, deliveredShown: 0, cleared: 0 };
  const fresh = { ...marks, tags: [], pinned: false, muted: false };
  const standing = all.get(uid) ?? fresh;
  all.set(uid, standing);
  return standing;
}

/** The user acting, who must be a person. */
export function person(as: As): string {
  must(as !== KEY, 'AUTH_ERR_NO_ACCESS');
  return as;
}

/** The user, as long as users find them. */
export function findUser(world: World, as: As, uid: string): Person {
  const user = world.people.get(uid);
  must(user !== undefined && isFound(as, user), 'ERR_UID_NOT_FOUND');
  return user;
}

/** "Deactivated: … found by nobody but API keys"; deleted by nobody. */
export const isFound = (as: As, { state }: Person): boolean =>
  state === 'active' || (state === 'deactivated' && as === KEY);

/** The group, where it is seen: private ones exist for their members alone. */
export function findGroup(world: World, as: As, guid: string): Group {
  const group = world.groups.get(guid);
  must(group !== undefined && isSeen(as, group), 'ERR_GUID_NOT_FOUND');
  return group;
}

export const isSeen = (as: As, group: Group): boolean =>
  as === KEY || group.type !== 'PRIVATE' || group.members.has(as);

export function isReadable(world: World, as: As, message: Message): boolean {
  if (message.purged) return false;
  if (as === KEY) return true;
  const { receiverType, receiverId } = message.to;
  const takesPart =
    receiverType === 'GROUP'
      ? (world.groups.get(receiverId)?.members.has(as) ?? false)
      : as === message.sender || as === receiverId;
  return takesPart && message.id > standingOf(world, message.conversation, as).cleared;
}

/** The message, where it may be read. */
export function findMessage(world: World, as: As, id: unknown): Message {
  const message = world.messages[Number(id) - 1];
  must(message !== undefined && isReadable(world, as, message), 'ERR_MESSAGE_ID_NOT_FOUND');
  return message;
}

/** Who changes nothing has forgotten something. */
export function requireChanges(changes: object): void {
  must(Object.keys(changes).length > 0, 'ERR_BAD_REQUEST');
}

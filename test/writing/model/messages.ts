/** Follows "Messages" of reference/semantics.md. */
import { isDeepStrictEqual } from 'node:util';
import { reach } from './receipts.ts';
import {
  type As,
  type Content,
  conversationOf,
  findGroup,
  findMessage,
  findUser,
  KEY,
  type Message,
  must,
  newestIn,
  person,
  refuse,
  requireChanges,
  standingOf,
  type To,
  type World,
} from './world.ts';

export interface Sending extends To {
  muid?: string;
  metadata?: unknown;
  tags?: string[];
  parentId?: string;
  quotedMessageId?: string;
}

const PINS_MAX = 100;
const SAVES_MAX = 1000;

/** What may be sent again and again under one `muid`, and is sent once. */
export function send(world: World, as: As, sending: Sending, content: Content): Message {
  const uid = person(as);
  must(content.text === undefined || content.text.trim() !== '', 'ERR_EMPTY_MESSAGE_TEXT');
  const { receiverType, receiverId, muid } = sending;
  const conversation = conversationOf(uid, sending);
  // "A second send with it returns the first message": whatever has become of its receiver since.
  const again = muid !== undefined && world.messages.some((message) => message.conversation === conversation);
  if (receiverType === 'GROUP') must(findGroup(world, as, receiverId).members.has(uid), 'ERR_GROUP_NOT_JOINED');
  else if (!again) findUser(world, as, receiverId);

  const first = muid && world.messages.find((message) => message.sender === uid && message.muid === muid);
  if (first) {
    must(first.conversation === conversation, 'ERR_BAD_REQUEST');
    must(first.content.type === content.type, 'ERR_BAD_REQUEST');
    return findMessage(world, as, first.id);
  }

  if (receiverType === 'USER') {
    findUser(world, as, receiverId);
    must(!world.people.get(receiverId)?.blocks.has(uid), 'ERR_BLOCKED_SENDER');
    must(!world.people.get(uid)?.blocks.has(receiverId), 'ERR_BLOCKED_RECEIVER');
  }
  if (sending.parentId) {
    const parent = findMessage(world, as, sending.parentId);
    must(parent.conversation === conversation, 'ERR_WRONG_MESSAGE_THREAD');
    must(parent.parent === null, 'ERR_MESSAGE_THREAD_NESTING');
    requireLive(parent);
  }
  if (sending.quotedMessageId) {
    const quoted = findMessage(world, as, sending.quotedMessageId);
    must(quoted.conversation === conversation, 'ERR_BAD_REQUEST');
    must(!quoted.deleted, 'ERR_MESSAGE_ACTION_NOT_ALLOWED');
  }
  return append(world, uid, sending, content);
}

/**
 * Puts a message at the end of its conversation. "Sending implies having read up to there", where one has sent it oneself: not by
 * joining or leaving, nor where a key acts for the owner.
 */
export function append(world: World, sender: string, sending: Sending, content: Content, hasRead = true): Message {
  const { receiverType, receiverId, muid = null, metadata = null, tags = [], parentId, quotedMessageId } = sending;
  const message: Message = {
    id: world.messages.length + 1,
    conversation: conversationOf(sender, sending),
    sender,
    to: { receiverType, receiverId },
    muid,
    content,
    metadata,
    tags: [...new Set(tags)],
    parent: parentId ? Number(parentId) : null,
    quoted: quotedMessageId ? Number(quotedMessageId) : null,
    mentions: [],
    edits: [],
    reactions: new Map(),
    savedBy: new Set(),
    pinned: false,
    pinnedBy: null,
    editedBy: null,
    deleted: false,
    deletedBy: null,
    purged: false,
    updated: false,
  };
  const before = newestIn(world, message.conversation);
  message.mentions = mentionsIn(world, message);
  world.messages.push(message);
  if (receiverType === 'USER') standingOf(world, message.conversation, receiverId);
  const isToSelf = receiverId === sender;
  if (hasRead) reach(world, message.conversation, sender, 'read', message.id, isToSelf ? message.id : before);
  return message;
}

/** "A mention is written `<@uid:UID>` in the text; one of who can't read the message mentions nobody." */
function mentionsIn(world: World, { sender, to, content }: Message): string[] {
  const named = [...(content.text ?? '').matchAll(/<@uid:([a-z0-9_-]+)>/g)].map(([, uid = '']) => uid);
  const readers =
    to.receiverType === 'GROUP'
      ? [...(world.groups.get(to.receiverId)?.members.keys() ?? [])]
      : [sender, to.receiverId];
  return [...new Set(readers)].filter((uid) => named.includes(uid));
}

/** What was deleted, and what was done to a group, stays as it is. */
function requireLive(message: Message): void {
  must(!message.deleted && message.content.type !== 'GROUP_MEMBER', 'ERR_MESSAGE_ACTION_NOT_ALLOWED');
}

/** Between two, nothing new reaches the other through an old message, where either has blocked the other. */
function requireNoBlock(world: World, uid: string, { to, sender }: Message): void {
  if (to.receiverType === 'GROUP') return;
  const other = sender === uid ? to.receiverId : sender;
  must(!world.people.get(other)?.blocks.has(uid), 'ERR_BLOCKED_SENDER');
  must(!world.people.get(uid)?.blocks.has(other), 'ERR_BLOCKED_RECEIVER');
}

export interface Editing {
  messageId: string;
  text?: string;
  caption?: string | null;
  customData?: unknown;
  metadata?: unknown;
  tags?: string[];
}

/** What changes nothing is no edit. "Editing: the sender alone; text, caption, customData, metadata, tags. `edits` keeps what was there before." */
export function edit(world: World, as: As, { messageId, ...changes }: Editing): Message {
  const uid = person(as);
  requireChanges(changes);
  must(changes.text === undefined || changes.text.trim() !== '', 'ERR_EMPTY_MESSAGE_TEXT');
  const message = findMessage(world, as, messageId);
  requireLive(message);
  must(message.sender === uid, 'ERR_MESSAGE_NOT_A_SENDER');
  const { content } = message;
  const before = {
    editedBy: uid,
    text: content.text ?? null,
    caption: content.caption ?? null,
    metadata: message.metadata,
    customData: content.customData ?? null,
  };
  const { metadata = message.metadata, tags = message.tags, ...parts } = changes;
  must(
    Object.keys(parts).every((part) => part in content),
    'ERR_BAD_REQUEST',
  );
  const after = { content: { ...content, ...parts }, metadata, tags: [...new Set(tags)] };
  if (isDeepStrictEqual(after, { content, metadata: message.metadata, tags: message.tags })) return message;
  requireNoBlock(world, uid, message);
  Object.assign(message, after);
  message.mentions = mentionsIn(world, message);
  message.edits.push(before);
  message.editedBy = uid;
  message.updated = true;
  return message;
}

/** "The sender, or the group's admins and moderators. The row stays … an API key may delete for good." */
export function remove(world: World, as: As, id: string, permanent = false): Message {
  const message = findMessage(world, as, id);
  must(!permanent || as === KEY, 'AUTH_ERR_NO_ACCESS');
  must(message.content.type !== 'GROUP_MEMBER', 'ERR_MESSAGE_ACTION_NOT_ALLOWED');
  if (as !== KEY && as !== message.sender) {
    const scope = world.groups.get(message.to.receiverId)?.members.get(as)?.scope;
    const isModerator = message.to.receiverType === 'GROUP' && scope !== 'PARTICIPANT';
    must(isModerator, 'ERR_MESSAGE_NO_ACCESS');
  }
  if (!message.deleted) empty(message, as);
  message.purged = permanent;
  return message;
}

function empty(message: Message, as: As): void {
  const { type, text } = message.content;
  message.content = { type, ...(text !== undefined && { text: '' }) };
  message.metadata = null;
  message.tags = [];
  message.mentions = [];
  message.edits = [];
  message.reactions.clear();
  message.savedBy.clear();
  message.pinned = false;
  message.pinnedBy = null;
  message.deleted = true;
  message.deletedBy = as === KEY ? null : as;
  message.updated = true;
}

export function react(world: World, as: As, id: string, reaction: string): Message {
  const uid = person(as);
  const message = findMessage(world, as, id);
  must(!message.deleted, 'ERR_MESSAGE_ACTION_NOT_ALLOWED');
  requireNoBlock(world, uid, message);
  const given = message.reactions.get(reaction) ?? new Set();
  if (given.has(uid)) return message;
  message.reactions.set(reaction, given.add(uid));
  message.updated = true;
  return message;
}

export function unreact(world: World, as: As, id: string, reaction: string): Message {
  const uid = person(as);
  const message = findMessage(world, as, id);
  must(!message.deleted, 'ERR_MESSAGE_ACTION_NOT_ALLOWED');
  const given = message.reactions.get(reaction);
  if (!given?.delete(uid)) return message;
  if (given.size === 0) message.reactions.delete(reaction);
  message.updated = true;
  return message;
}

/** "One to one, both pin", in a group its admins and moderators. */
export function pin(world: World, as: As, id: string, pinned: boolean): Message {
  const message = findMessage(world, as, id);
  const { to, conversation } = message;
  const scope = world.groups.get(to.receiverId)?.members.get(as)?.scope;
  must(as === KEY || to.receiverType === 'USER' || scope !== 'PARTICIPANT', 'ERR_MESSAGE_NO_ACCESS');
  must(!message.deleted, 'ERR_MESSAGE_ACTION_NOT_ALLOWED');
  if (message.pinned === pinned) return message;
  if (pinned && as !== KEY) requireNoBlock(world, as, message);
  const pins = world.messages.filter((other) => other.conversation === conversation && other.pinned);
  must(!pinned || pins.length < PINS_MAX, 'ERR_PINNED_MESSAGES_LIMIT_EXCEEDED');
  message.pinned = pinned;
  message.pinnedBy = pinned && as !== KEY ? as : null;
  message.updated = true;
  return message;
}

export function save(world: World, as: As, id: string, saved: boolean): Message {
  const uid = person(as);
  const message = findMessage(world, as, id);
  must(!message.deleted, 'ERR_MESSAGE_ACTION_NOT_ALLOWED');
  const saves = world.messages.filter((other) => other.savedBy.has(uid)).length;
  if (saved && !message.savedBy.has(uid) && saves >= SAVES_MAX) refuse('ERR_SAVED_MESSAGES_LIMIT_EXCEEDED');
  if (saved) message.savedBy.add(uid);
  else message.savedBy.delete(uid);
  return message;
}

/** What each viewer is shown of a World: answers in the form to which `plain` brings the server's. */
import { hasReached, isNew, isUnread } from './receipts.ts';
import {
  type As,
  conversationOf,
  type Group,
  isFound,
  isReadable,
  isSeen,
  KEY,
  type Message,
  newestIn,
  type Standing,
  standingOf,
  type World,
} from './world.ts';

/** By name, then by uid: the names of a test's people are in ASCII. */
export function byName(world: World, uids: Iterable<string>): string[] {
  const key = (uid: string) => `${world.people.get(uid)?.name.toLowerCase()}\u0000${uid}`;
  return [...uids].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

export function messageSeen(world: World, as: As, message: Message) {
  const { conversation, id, sender, to, content, deleted } = message;
  const shown = (other: number | null) => {
    const found = other === null ? undefined : world.messages[other - 1];
    return found && isReadable(world, as, found) ? found.id : null;
  };
  const replies = world.messages.filter(({ parent, purged }) => parent === id && !purged);
  const readable = replies.filter((reply) => isReadable(world, as, reply));
  const [readAt, deliveredAt] = [hasReached(world, message, 'read'), hasReached(world, message, 'delivered')];
  const mine = (mark: 'readShown' | 'deliveredShown') => as !== KEY && standingOf(world, conversation, as)[mark] >= id;
  return {
    id,
    muid: message.muid,
    conversationId: conversation,
    sender,
    receiverId: to.receiverId,
    receiverType: to.receiverType,
    category: content.type === 'GROUP_MEMBER' ? 'ACTION' : 'MESSAGE',
    type: content.type,
    sentAt: true,
    status: readAt ? 'READ' : deliveredAt ? 'DELIVERED' : 'SENT',
    deliveredAt,
    readAt,
    deliveredToMeAt: mine('deliveredShown'),
    readByMeAt: mine('readShown'),
    updatedAt: message.updated,
    editedAt: message.editedBy !== null,
    editedBy: message.editedBy,
    edits: message.edits.map((edit) => ({ editedAt: true, ...edit })),
    deletedAt: deleted,
    deletedBy: message.deletedBy,
    metadata: message.metadata,
    tags: message.tags,
    parent: shown(message.parent),
    replyCount: replies.length,
    unreadRepliesCount: as === KEY ? 0 : readable.filter((reply) => isNew(world, as, reply)).length,
    replies: readable.map((reply) => reply.id),
    quoted: shown(message.quoted),
    mentionedUsers: byName(world, message.mentions),
    hasMentionedMe: message.mentions.includes(as),
    // which came first is not to be told within a second
    reactions: [...message.reactions].sort().map(([reaction, users]) => ({
      reaction,
      count: users.size,
      reactedByMe: users.has(as),
      users: byName(world, users),
    })),
    receipts: receiptsOf(world, message),
    pinnedAt: message.pinned,
    pinnedBy: message.pinnedBy,
    savedAt: message.savedBy.has(as),
    ...contentSeen(message),
  };
}

/** "Whom it has reached": the receiver, or the members of the group. */
function receiptsOf(world: World, { conversation, id, sender, to }: Message) {
  const people =
    to.receiverType === 'USER' ? [to.receiverId] : [...(world.groups.get(to.receiverId)?.members.keys() ?? [])];
  const reached = people.filter((uid) => uid !== sender && standingOf(world, conversation, uid).deliveredShown >= id);
  return byName(world, reached).map((uid) => ({
    user: uid,
    deliveredAt: true,
    readAt: standingOf(world, conversation, uid).readShown >= id,
  }));
}

function contentSeen({ content, sender, to }: Message) {
  const { type, text = '', url = null, caption = null } = content;
  if (type === 'TEXT') return { text };
  if (type === 'CUSTOM') {
    const { subType = null, customData = null, conversationText = null } = content;
    return { subType, customData, conversationText };
  }
  if (type === 'GROUP_MEMBER') {
    const { action, actionOn, message, oldScope, newScope } = content;
    const by = { actionBy: sender, actionOn, actionFor: to.receiverId };
    return { action, ...by, message, oldScope, newScope };
  }
  return { url, caption, attachments: url === null ? [] : [{ url }] };
}

export function groupSeen(as: As, guid: string, group: Group) {
  const mine = group.members.get(as);
  return {
    guid,
    name: group.name,
    type: group.type,
    description: group.description,
    tags: group.tags,
    owner: group.owner,
    hasJoined: mine !== undefined,
    scope: mine?.scope ?? null,
    joinedAt: mine !== undefined,
    membersCount: group.members.size,
  };
}

const withinOf = (world: World, as: As, conversation: string) =>
  world.messages.filter((message) => message.conversation === conversation && isReadable(world, as, message));

export function conversationSeen(world: World, uid: string, conversation: string) {
  const standing: Standing = standingOf(world, conversation, uid);
  const within = withinOf(world, uid, conversation);
  const unread = within.filter((message) => isUnread(world, uid, message));
  const isGroup = conversation.startsWith('group_');
  const other = isGroup
    ? conversation.slice('group_'.length)
    : (conversation.split('_user_').find((one) => one !== uid) ?? uid);
  return {
    conversationId: conversation,
    conversationType: isGroup ? 'GROUP' : 'USER',
    conversationWith: other,
    lastMessage: within.findLast(({ parent }) => parent === null)?.id ?? null,
    latestMessageId: within.at(-1)?.id ?? null,
    unreadMessageCount: unread.length,
    unreadMentionsCount: unread.filter(({ mentions }) => mentions.includes(uid)).length,
    lastReadMessageId: standing.read || null,
    tags: standing.tags,
    pinnedAt: standing.pinned,
    mutedUntil: standing.muted,
  };
}

/** The names of a user's conversations that have something for them, newest first. */
function conversationsOf(world: World, uid: string): string[] {
  const ofGroups = [...world.groups].filter(([, { members }]) => members.has(uid)).map(([guid]) => `group_${guid}`);
  const ofUsers = [...world.people.keys()]
    .map((other) => conversationOf(uid, { receiverType: 'USER', receiverId: other }))
    .filter((conversation) => newestIn(world, conversation) > 0);
  const isShown = (conversation: string) => {
    const { cleared } = standingOf(world, conversation, uid);
    return cleared === 0 || newestIn(world, conversation) > cleared;
  };
  const place = (conversation: string) =>
    world.messages.findLast((one) => one.conversation === conversation && one.parent === null && !one.purged)?.id ?? 0;
  return [...ofGroups, ...ofUsers].filter(isShown).sort((a, b) => place(b) - place(a));
}

/** All that a user can fetch. Members and who is banned are lists, or the code of the refusal. */
export function allSeen(world: World, uid: string) {
  const me = world.people.get(uid);
  const conversations = conversationsOf(world, uid);
  const seen = [...world.groups]
    .filter(([, group]) => isSeen(uid, group))
    .sort(([a, { name: one }], [b, { name: other }]) =>
      `${one}\u0000${a}`.toLowerCase() < `${other}\u0000${b}`.toLowerCase() ? -1 : 1,
    );
  const membersSeen = (group: Group) =>
    group.members.has(uid)
      ? byName(world, group.members.keys()).map((one) => ({ uid: one, scope: group.members.get(one)?.scope }))
      : 'ERR_GROUP_NOT_JOINED';
  const bannedSeen = (group: Group) => {
    const scope = group.members.get(uid)?.scope;
    if (scope === undefined) return 'ERR_GROUP_NOT_JOINED';
    return scope === 'PARTICIPANT' ? 'ERR_GROUP_NO_MODERATOR_SCOPE' : byName(world, group.banned);
  };
  const people = [...world.people].filter(([, user]) => isFound(uid, user)).map(([one]) => one);
  return {
    me: { uid, name: me?.name, statusMessage: me?.statusMessage, role: me?.role, tags: me?.tags },
    users: byName(world, people).map((one) => ({
      uid: one,
      name: world.people.get(one)?.name,
      statusMessage: world.people.get(one)?.statusMessage,
      role: world.people.get(one)?.role,
      tags: world.people.get(one)?.tags,
      blockedByMe: me?.blocks.has(one) ?? false,
      hasBlockedMe: world.people.get(one)?.blocks.has(uid) ?? false,
    })),
    blocked: byName(world, me?.blocks ?? []),
    groups: seen.map(([guid, group]) => groupSeen(uid, guid, group)),
    members: Object.fromEntries(seen.map(([guid, group]) => [guid, membersSeen(group)])),
    banned: Object.fromEntries(seen.map(([guid, group]) => [guid, bannedSeen(group)])),
    conversations: conversations.map((conversation) => conversationSeen(world, uid, conversation)),
    messages: conversations.flatMap((conversation) =>
      withinOf(world, uid, conversation).map((message) => messageSeen(world, uid, message)),
    ),
    saved: world.messages
      .filter((message) => message.savedBy.has(uid) && isReadable(world, uid, message))
      .map(({ id }) => id)
      .reverse(),
    unread: conversations.reduce((sum, one) => sum + conversationSeen(world, uid, one).unreadMessageCount, 0),
  };
}

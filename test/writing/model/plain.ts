/** The documents with which a test fetches what a user is shown, and the form in which their answers are compared. */

/** A user or a group, by its id alone. */
const ENTITY = '{ ... on User { uid } ... on Group { guid } }';

/** Of any message, also where only one type is expected. */
export const MESSAGE = `id muid conversationId sender { uid } receiverId receiverType category type sentAt status deliveredAt readAt
  readByMeAt deliveredToMeAt updatedAt editedAt editedBy { uid } edits { editedAt editedBy { uid } text caption metadata customData }
  deletedAt deletedBy { uid } metadata tags parent { id } replyCount unreadRepliesCount replies(first: 100) { nodes { id } }
  quoted { id } mentionedUsers { uid } hasMentionedMe
  reactions { reaction count reactedByMe users(first: 100) { nodes { uid } } }
  receipts(first: 100) { nodes { user { uid } deliveredAt readAt } } pinnedAt pinnedBy { uid } savedAt
  ... on BaseMessage {
    ... on TextMessage { text }
    ... on MediaMessage { url caption attachments { url } }
    ... on CustomMessage { subType customData conversationText }
    ... on Action { action actionBy ${ENTITY} actionOn ${ENTITY} actionFor ${ENTITY} message oldScope newScope }
  }`;

export const CONVERSATION = `conversationId conversationType conversationWith ${ENTITY} lastMessage { id } latestMessageId
  unreadMessageCount unreadMentionsCount lastReadMessageId tags pinnedAt mutedUntil`;

export const GROUP = 'guid name type description tags owner { uid } hasJoined scope joinedAt membersCount';

export const PEOPLE = `{ me { uid name statusMessage role tags }
  users(first: 100) { nodes { uid name statusMessage role tags blockedByMe hasBlockedMe } }
  blockedUsers(first: 100) { nodes { uid } }
  groups(first: 100) { nodes { ${GROUP} } } }`;

export const WRITTEN = `{ conversations(first: 100) { nodes { ${CONVERSATION} messages(first: 100) { nodes { ${MESSAGE} } } } }
  searchMessages(filter: {saved: true}, first: 100) { nodes { id } }
  unreadMessageCount }`;

/** Which of a message's or a conversation's fields hold a message's id. */
const IDS = new Set(['id', 'latestMessageId', 'lastReadMessageId']);
const ONLY = new Set(['uid', 'guid', 'id']);

/** Of a time: whether there is one, or itself. */
export type Times = 'noted' | 'kept';

/**
 * An answer without what GraphQL adds: a connection as its list, what has only an id as that id, and the ids of messages as their
 * places in the order in which they were made.
 */
export function plain(value: unknown, placeOf: (id: string) => number, times: Times = 'noted'): unknown {
  if (Array.isArray(value)) return value.map((one) => plain(one, placeOf, times));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, fieldOf(key, inner)] as const);
  const [only] = entries;
  if (entries.length === 1 && only && (only[0] === 'nodes' || ONLY.has(only[0]))) return only[1];
  return Object.fromEntries(entries);

  function fieldOf(key: string, inner: unknown): unknown {
    if (IDS.has(key) && typeof inner === 'string') return placeOf(inner);
    if (key.endsWith('At') || key === 'mutedUntil') return times === 'kept' ? inner : inner !== null;
    if (key === 'metadata' || key === 'customData') return inner;
    const made = plain(inner, placeOf, times);
    return key === 'reactions'
      ? (made as { reaction: string }[]).sort((a, b) => (a.reaction < b.reaction ? -1 : 1))
      : made;
  }
}

import { expect } from 'vitest';

/** A subscription to all that concerns one, with every field that an event of its kind has. */
export const EVERY_EVENT = `subscription ($after: String, $kinds: [EventKind!]) { events(after: $after, kinds: $kinds) {
  __typename cursor at kind
  ${['Sent', 'Edited', 'Deleted', 'Pinned', 'Unpinned', 'Saved', 'Unsaved']
    .map((kind) => `... on Message${kind}Event { messageId message { ...message } by { uid } }`)
    .join('\n')}
  ... on ReactionAddedEvent { messageId message { ...message } by { uid } reaction }
  ... on ReactionRemovedEvent { messageId message { ...message } by { uid } reaction }
  ... on MessagesDeliveredEvent { conversationId conversation { id } by { uid } upTo }
  ... on MessagesReadEvent { conversationId conversation { id } by { uid } upTo }
  ... on GroupUpdatedEvent { guid group { guid name } by { uid } }
  ... on GroupDeletedEvent { guid group { guid name } by { uid } }
  ... on MembershipChangedEvent { guid uid group { guid name } member { uid scope } action { action actionBy { ... on User { uid } } } }
  ... on CallUpdatedEvent { sessionId call { sessionId } callStatus: status }
  ... on ConversationUpdatedEvent { conversationId conversation { id tags } }
  ... on UserUpdatedEvent { uid user { uid } }
  ... on UserBlockedEvent { uid user { uid } }
  ... on UserUnblockedEvent { uid user { uid } }
  ... on TypingStartedEvent { user { uid } receiverId receiverType }
  ... on TypingEndedEvent { user { uid } receiverId receiverType }
  ... on PresenceChangedEvent { user { uid } status }
  ... on TransientMessageEvent { from { uid } receiverId receiverType data }
  ... on ResyncRequiredEvent { reason }
} }
fragment message on BaseMessage { id muid ... on TextMessage { text } ... on CustomMessage { subType } ... on MediaMessage { caption } }`;

const event = (kind: string, fields: object) => ({
  __typename: `${kind.toLowerCase().replace(/(?:^|_)(.)/g, (_all, letter) => letter.toUpperCase())}Event`,
  cursor: expect.any(String),
  at: expect.any(Number),
  kind,
  ...fields,
});

const byOf = (uid: string | null) => uid && { uid };
const groupOf = (guid: string, name: string | null) => name && { guid, name };

/** A message as events show it: of a text, its text; of another, what its `is` names. */
export type Shown = { readonly id: string; readonly is: object | null };

const messageOf = ({ id, is }: Shown) => ({ messageId: id, message: is && { id, muid: null, ...is } });

/** What is expected of each kind of event, with every field. */
export const told = {
  message: (kind: string, message: Shown, by: string | null) =>
    event(`MESSAGE_${kind}`, { ...messageOf(message), by: byOf(by) }),
  reaction: (kind: 'ADDED' | 'REMOVED', message: Shown, by: string, reaction: string) =>
    event(`REACTION_${kind}`, { ...messageOf(message), by: byOf(by), reaction }),
  reached: (
    kind: 'DELIVERED' | 'READ',
    [conversationId, id]: readonly [string, string],
    by: string | null,
    upTo: string,
  ) => event(`MESSAGES_${kind}`, { conversationId, conversation: { id }, by: byOf(by), upTo }),
  group: (kind: 'UPDATED' | 'DELETED', guid: string, name: string | null, by: string | null) =>
    event(`GROUP_${kind}`, { guid, group: groupOf(guid, name), by: byOf(by) }),
  member: (
    [guid, name]: readonly [string, string | null],
    uid: string,
    scope: string | null,
    action: readonly [string, string] | null,
  ) =>
    event('MEMBERSHIP_CHANGED', {
      guid,
      uid,
      group: groupOf(guid, name),
      member: scope && { uid, scope },
      action: action && { action: action[0], actionBy: { uid: action[1] } },
    }),
  call: (sessionId: string, callStatus: string) =>
    event('CALL_UPDATED', { sessionId, call: { sessionId }, callStatus }),
  conversation: ([conversationId, id]: readonly [string, string], tags: string[] = []) =>
    event('CONVERSATION_UPDATED', { conversationId, conversation: { id, tags } }),
  user: (kind: 'UPDATED' | 'BLOCKED' | 'UNBLOCKED', uid: string) => event(`USER_${kind}`, { uid, user: { uid } }),
  typing: (kind: 'STARTED' | 'ENDED', uid: string, receiverType: string, receiverId: string) =>
    event(`TYPING_${kind}`, { user: { uid }, receiverId, receiverType }),
  transient: (uid: string, receiverType: string, receiverId: string, data: unknown) =>
    event('TRANSIENT_MESSAGE', { from: { uid }, receiverId, receiverType, data }),
  presence: (uid: string, status: string) => event('PRESENCE_CHANGED', { user: { uid }, status }),
};

/** Names of conversations: in the data model, and as a node. */
export const between = (a: string, b: string) => [`${a}_user_${b}`, `conversation:user:${a}:${b}`] as const;
export const inGroup = (guid: string) => [`group_${guid}`, `conversation:group:${guid}`] as const;

export const toUser = (uid: string) => ({ receiverType: 'USER', receiverId: uid });
export const toGroup = (guid: string) => ({ receiverType: 'GROUP', receiverId: guid });

// biome-ignore lint/suspicious/noExplicitAny: what a client keeps of answers, as it asked for them
type Data = any;

const MESSAGE = `id conversationId category sender { uid } sentAt editedAt deletedAt pinnedAt savedAt replyCount parent { id replyCount }
  reactions { reaction count reactedByMe } ... on TextMessage { text } ... on MediaMessage { url caption } ... on CustomMessage { subType }`;
const CONVERSATION = 'conversationId tags pinnedAt mutedUntil unreadMessageCount lastReadMessageId';
const WITH_MESSAGES = `${CONVERSATION} messages(last: 100) { nodes { ...message } }`;
const GROUP = 'guid name description membersCount owner { uid }';
const WITH_MEMBERS = `${GROUP} members(first: 100) { nodes { uid scope } } conversation { ${WITH_MESSAGES} }`;
const ME = 'uid name statusMessage role';

/** All that a client shows of one user's world, with the cursor that it goes on from. */
export const SNAPSHOT = `{ cursor me { ${ME} } blockedUsers(first: 100) { nodes { uid } }
  groups(joinedOnly: true, first: 20) { nodes { ${GROUP} members(first: 100) { nodes { uid scope } } } }
  conversations(first: 20) { nodes { ${WITH_MESSAGES} } } }
  fragment message on BaseMessage { ${MESSAGE} }`;

/** What a client needs of events to keep that up to date. */
export const CHANGES = `subscription ($after: String) { events(after: $after) { __typename kind cursor
  ${['Sent', 'Edited', 'Pinned', 'Unpinned', 'Saved', 'Unsaved', 'Deleted']
    .map((kind) => `... on Message${kind}Event { messageId message { ...message } by { uid } }`)
    .join(' ')}
  ... on ReactionAddedEvent { messageId message { ...message } } ... on ReactionRemovedEvent { messageId message { ...message } }
  ... on MessagesReadEvent { conversationId conversation { ${CONVERSATION} } by { uid } }
  ... on GroupUpdatedEvent { guid group { ${GROUP} } } ... on GroupDeletedEvent { guid }
  ... on MembershipChangedEvent { guid uid group { ${WITH_MEMBERS} } member { uid scope } action { ...message } }
  ... on ConversationUpdatedEvent { conversationId conversation { ${WITH_MESSAGES} } }
  ... on UserUpdatedEvent { user { ${ME} } } ... on UserBlockedEvent { uid } ... on UserUnblockedEvent { uid } } }
  fragment message on BaseMessage { ${MESSAGE} }`;

/** A client's own copy of one user's world: a snapshot, kept up to date by events alone. */
export class Mirror {
  readonly me: { [field: string]: Data };
  readonly blocked: Set<string>;
  readonly groups: Map<string, Data>;
  readonly conversations: Map<string, Data>;

  constructor({ me, blockedUsers, groups, conversations }: Data) {
    this.me = me;
    this.blocked = new Set(blockedUsers.nodes.map(({ uid }: Data) => uid));
    this.groups = new Map(groups.nodes.map((group: Data) => [group.guid, joined(group)]));
    this.conversations = new Map(conversations.nodes.map((one: Data) => [one.conversationId, opened(one)]));
  }

  apply(event: Data): void {
    const { kind, message, messageId, conversation, conversationId, guid, uid, group, member, action } = event;
    if (kind === 'MESSAGE_SENT') this.#take(message);
    else if (kind === 'MESSAGE_DELETED') this.#delete(messageId, message);
    else if (message) this.#put(message);
    else if (kind === 'MESSAGES_READ' || kind === 'CONVERSATION_UPDATED') this.#view(conversationId, conversation);
    else if (kind === 'GROUP_UPDATED') Object.assign(this.groups.get(guid), group);
    else if (kind === 'GROUP_DELETED') this.#leave(guid);
    else if (kind === 'MEMBERSHIP_CHANGED' && uid !== this.me['uid']) {
      this.#changeMember(guid, uid, group, member, action);
    } else if (kind === 'MEMBERSHIP_CHANGED' && member) this.#enter(group);
    else if (kind === 'MEMBERSHIP_CHANGED') this.#leave(guid);
    else if (kind === 'USER_UPDATED') Object.assign(this.me, event.user);
    else if (kind === 'USER_BLOCKED') this.blocked.add(uid);
    else if (kind === 'USER_UNBLOCKED') this.blocked.delete(uid);
  }

  /** All of it that is shown: no conversation in which there is nothing, as one that was deleted for oneself. */
  shown(): object {
    const { me, blocked, groups, conversations } = this;
    const filled = [...conversations].filter(([, { messages }]) => messages.size > 0);
    return { me, blocked, groups, conversations: new Map(filled) };
  }

  /** A new message: unread, unless it is the user's own, which says that they have read up to it. */
  #take(message: Data): void {
    const { id, conversationId, category, parent, sender } = message;
    const known = this.conversations.get(conversationId) ?? fresh(conversationId);
    const isNew = !known.messages.has(id); // on PostgreSQL a cursor may lie before what its snapshot shows
    this.conversations.set(conversationId, known);
    this.#put(message);
    if (parent && known.messages.has(parent.id)) known.messages.get(parent.id).replyCount = parent.replyCount;
    if (sender.uid === this.me['uid']) Object.assign(known, { lastReadMessageId: id, unreadMessageCount: 0 });
    else if (isNew && category !== 'ACTION' && !parent) known.unreadMessageCount += 1;
  }

  #put(message: Data): void {
    this.conversations.get(message.conversationId)?.messages.set(message.id, message);
  }

  #delete(id: string, message: Data): void {
    for (const one of this.conversations.values()) {
      const known = one.messages.get(id);
      if (!known) continue;
      const counted = known.category !== 'ACTION' && !known.parent && known.sender.uid !== this.me['uid'];
      const unread = Number(id) > Number(one.lastReadMessageId ?? 0);
      if (counted && unread && known.deletedAt === null) one.unreadMessageCount -= 1;
      if (message) one.messages.set(id, message);
      else one.messages.delete(id);
    }
  }

  #view(id: string, conversation: Data): void {
    const { messages, ...view } = conversation ?? {};
    const known = this.conversations.get(id) ?? fresh(id);
    if (!conversation) this.conversations.delete(id);
    else this.conversations.set(id, { ...known, ...view, messages: messages ? byId(messages) : known.messages });
  }

  #enter({ conversation, ...group }: Data): void {
    this.groups.set(group.guid, joined(group));
    this.conversations.set(conversation.conversationId, opened(conversation));
  }

  #leave(guid: string): void {
    this.groups.delete(guid);
    this.conversations.delete(`group_${guid}`);
  }

  #changeMember(guid: string, uid: string, group: Data, member: Data, action: Data): void {
    const known = this.groups.get(guid);
    if (!known) return;
    known.membersCount = group.membersCount;
    if (member) known.members.set(uid, member.scope);
    else known.members.delete(uid);
    if (action) this.#take(action);
  }
}

const byId = ({ nodes }: Data) => new Map(nodes.map((message: Data) => [message.id, message]));
const opened = ({ messages, ...view }: Data) => ({ ...view, messages: byId({ nodes: messages.nodes }) });
const joined = ({ members, ...group }: Data) => ({
  ...group,
  members: new Map(members.nodes.map(({ uid, scope }: Data) => [uid, scope])),
});
const fresh = (conversationId: string) => ({
  conversationId,
  tags: [],
  pinnedAt: null,
  mutedUntil: null,
  unreadMessageCount: 0,
  lastReadMessageId: null,
  messages: new Map(),
});

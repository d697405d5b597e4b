import { type Ask, conversationsOf, type Data } from './asking.ts';

const PAGE = 100;
const COMMON = `id muid category conversationId sender { uid } sentAt updatedAt editedAt deletedAt metadata tags
  pinnedAt pinnedBy { uid } savedAt parent { id } quoted { id } reactions { reaction count reactedByMe }`;
const ACTION = `__typename ${COMMON} action message`;
const MESSAGE = `__typename ${COMMON} ... on TextMessage { text } ... on Action { action message } ... on Call { callStatus }`;
const GROUP = 'guid name description type hasJoined scope membersCount owner { uid }';
const CONVERSATION = 'conversationId tags pinnedAt mutedUntil lastReadMessageId lastMessage { id }';
const ME = 'uid name statusMessage';

const message = `message { ${MESSAGE} }`;
const conversation = `conversation { ${CONVERSATION} }`;

/** What a replica selects of events beside their ids. */
export const REPLICA_FIELDS: Record<string, string> = {
  ...Object.fromEntries(
    ['Sent', 'Edited', 'Deleted', 'Pinned', 'Unpinned', 'Saved', 'Unsaved'].map((did) => [
      `Message${did}Event`,
      message,
    ]),
  ),
  ReactionAddedEvent: message,
  ReactionRemovedEvent: message,
  CallUpdatedEvent: `call { __typename ${COMMON} callStatus }`,
  MessagesReadEvent: `by { uid } ${conversation}`,
  MembershipChangedEvent: `group { ${GROUP} } action { ${ACTION} }`,
  GroupUpdatedEvent: `group { ${GROUP} }`,
  ConversationUpdatedEvent: conversation,
  UserUpdatedEvent: `user { ${ME} }`,
};

interface Held {
  settings: Data;
  readonly messages: Map<number, Data>;
}

/** What a client holds of all that its user may see: fetched once, and kept up to date by events alone. */
export interface Replica {
  /** Where its events begin. */
  readonly cursor: string;
  take(event: Data): void;
  /** Resolves once what it fetches of groups that its user came into is there. */
  settled(): Promise<void>;
  /** All of it in lines by name, to be compared. */
  show(): Map<string, string>;
}

export async function createReplica(ask: Ask, uid: string): Promise<Replica> {
  const get = async (query: string, variables?: object): Promise<Data> => {
    const { data, code } = await ask(uid, query, variables);
    if (code) throw new Error(`${uid} was refused with ${code}: ${query}`);
    return data;
  };
  const { cursor } = await get('{ cursor }');
  const begun = await get(`{ me { ${ME} } groups(joinedOnly: true, first: 100) { nodes { ${GROUP} } } }`);
  const conversations = await conversationsOf(ask, uid, CONVERSATION);
  let me: Data = begun.me;
  const groups = new Map<string, Data>(begun.groups.nodes.map((group: Data) => [group.guid, group]));
  const held = new Map<string, Held>();
  const touched = new Map<string, number>(); // what events have brought, and when
  const membership = new Map<string, number>(); // how often it has changed
  let time = 0;
  const pending = new Set<Promise<void>>();
  async function fetchMessages(name: string) {
    const [first = '', other = ''] = name.startsWith('group_') ? [name.slice(6)] : name.split('_user_');
    const receiver = name.startsWith('group_')
      ? { receiverType: 'GROUP', receiverId: first }
      : { receiverType: 'USER', receiverId: first === uid ? other : first };
    const asked = time;
    const version = membership.get(first) ?? 0;
    for (let before: string | null = null; ; ) {
      const { conversation: found }: Data = await get(
        `query ($with: ReceiverInput!, $last: Int!, $before: String) { conversation(with: $with) { ${CONVERSATION}
          messages(last: $last, before: $before) { nodes { ${MESSAGE} } pageInfo { hasPreviousPage startCursor } } } }`,
        { with: receiver, last: PAGE, before },
      );
      const own = held.get(name);
      if (!own || !found || (membership.get(first) ?? 0) !== version) return;
      if ((touched.get(name) ?? 0) <= asked) own.settings = settingsOf(found);
      for (const one of found.messages.nodes) {
        const id = Number(one.id);
        if ((touched.get(one.id) ?? 0) <= asked) own.messages.set(id, one);
      }
      if (!found.messages.pageInfo.hasPreviousPage) return;
      before = found.messages.pageInfo.startCursor;
    }
  }

  const settingsOf = ({ conversationId, tags, pinnedAt, mutedUntil, lastReadMessageId }: Data) => ({
    conversationId,
    tags,
    pinnedAt,
    mutedUntil,
    lastReadMessageId,
  });

  function touch(name: string) {
    time += 1;
    touched.set(name, time);
  }

  const fresh = (name: string): Held => ({
    settings: { conversationId: name, tags: [], pinnedAt: null, mutedUntil: null, lastReadMessageId: null },
    messages: new Map(),
  });

  function put(one: Data) {
    if (!one) return;
    touch(one.id);
    const own = held.get(one.conversationId) ?? fresh(one.conversationId);
    held.set(one.conversationId, own);
    own.messages.set(Number(one.id), one);
    if (one.sender.uid === uid) readUpTo(own, one.id);
  }

  function readUpTo({ settings }: Held, id: string) {
    if (Number(settings.lastReadMessageId ?? 0) < Number(id)) settings.lastReadMessageId = id;
  }

  function drop(guid: string) {
    groups.delete(guid);
    held.delete(`group_${guid}`);
  }

  function update(group: Data) {
    if (group?.hasJoined) groups.set(group.guid, group);
    else if (group) drop(group.guid);
  }

  function member(event: Data) {
    const { guid, group, action } = event;
    if (event.uid === uid) {
      membership.set(guid, (membership.get(guid) ?? 0) + 1);
      time += 1;
      if (!group?.hasJoined) return drop(guid);
      const name = `group_${guid}`;
      if (!held.has(name) || ['MEMBER_JOINED', 'MEMBER_INVITED'].includes(action?.action)) {
        held.set(name, fresh(name));
        const fetching = fetchMessages(name).finally(() => pending.delete(fetching));
        pending.add(fetching);
      }
    }
    update(group);
    if (held.has(`group_${guid}`)) put(action);
  }

  function settle(event: Data) {
    const { conversationId, conversation: now } = event;
    if (!now) return;
    touch(conversationId);
    const own = held.get(conversationId) ?? fresh(conversationId);
    own.settings = settingsOf(now);
    if (!now.lastMessage) own.messages.clear(); // it was deleted for this user
    held.set(conversationId, own);
  }

  for (const settings of conversations) {
    held.set(settings.conversationId, { settings, messages: new Map() });
    await fetchMessages(settings.conversationId);
  }

  return {
    cursor,
    take(event) {
      const { kind } = event;
      if (kind === 'MEMBERSHIP_CHANGED') member(event);
      else if (kind === 'GROUP_UPDATED') update(event.group);
      else if (kind === 'CALL_UPDATED') put(event.call);
      else if (kind === 'GROUP_DELETED') drop(event.guid);
      else if (kind === 'MESSAGE_SENT') put(event.message);
      else if (/^(MESSAGE|REACTION)_/.test(kind)) replace(event.message);
      else if (kind === 'CONVERSATION_UPDATED') settle(event);
      else if (kind === 'MESSAGES_READ' && event.by?.uid === uid) settle(event);
      else if (kind === 'USER_UPDATED') me = event.user;
    },
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
    show() {
      const lines = new Map<string, string>([['me', JSON.stringify(me)]]);
      for (const [guid, group] of groups) lines.set(`group ${guid}`, JSON.stringify(group));
      for (const [name, { settings, messages }] of held) {
        if (messages.size === 0) continue; // deleted for this user, and nothing new since
        const read = Number(settings.lastReadMessageId ?? 0);
        const all = [...messages.values()].sort((a, b) => a.id - b.id);
        const unread = all.filter(
          ({ id, category, deletedAt, parent, sender }) =>
            Number(id) > read && category !== 'ACTION' && deletedAt === null && !parent && sender.uid !== uid,
        );
        const lastMessage = all.findLast(({ parent }) => !parent)?.id ?? null;
        lines.set(`conversation ${name}`, JSON.stringify({ ...settings, unread: unread.length, lastMessage }));
        for (const one of all) lines.set(`message ${one.id}`, JSON.stringify(one));
      }
      return lines;
    },
  };

  /** A message that was there before: one of a conversation that is not held is for a fetch to bring. */
  function replace(one: Data) {
    if (!one) return;
    touch(one.id);
    held.get(one.conversationId)?.messages.set(Number(one.id), one);
  }
}

/** How two replicas of one user differ, name by name. */
export function compareReplicas(was: Map<string, string>, is: Map<string, string>): string[] {
  const names = new Set([...was.keys(), ...is.keys()]);
  return [...names]
    .filter((name) => was.get(name) !== is.get(name))
    .map((name) => `${name} was kept as ${was.get(name)}, and is ${is.get(name)}`);
}

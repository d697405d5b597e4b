import { andThen } from '../awaitable.ts';
import type { Party, Receiver } from '../conversations/conversation.ts';
import type { Conversations } from '../conversations/service.ts';
import { ChatError } from '../errors.ts';
import { groupTopic, userTopic } from '../events/event.ts';
import type { Group } from '../groups/group.ts';
import { badField } from '../input.ts';
import { messageIdOf } from '../messages/message.ts';
import type { Database } from '../store/handle.ts';
import { requireUser, type UserViewer, type Viewer } from '../viewer.ts';
import type { Occurrence } from './occurrence.ts';
import { holdsAt, isOverAt, rightsStore } from './rights-store.ts';
import { type Listening, Source } from './source.ts';

const MESSAGES_AT_ONCE = 200;

/** What one conversation's subscribers hear: its messages as they are sent, and who is typing. */
export function createConversationStreams({ db, conversations }: { db: Database; conversations: Conversations }) {
  const rights = rightsStore(db.read);

  /** Listens to a conversation, as long as the user takes part in it. Throws what writing there would throw. */
  async function listen(viewer: Viewer | undefined, receiver: Receiver) {
    const user = requireUser(viewer);
    const party = await conversations.getParty(user, receiver);
    const topicsAt = party.type === 'group' ? await asMember(user, party.group) : () => [userTopic(user.uid)];
    return { user, party, topicsAt, key: keyOf(user, party) };
  }

  /** The topics as long as the membership lasts that the user has now: none yet where the log is read up to a place before it. */
  async function asMember(user: UserViewer, { id, guid }: Group): Promise<Listening['topicsAt']> {
    const membership = await rights.membershipOf(user.id, id);
    if (!membership) {
      throw new ChatError('ERR_GROUP_NOT_JOINED', `You are not a member of the group "${guid}": join it first.`);
    }
    return (place) =>
      andThen(rights.memberships(user.id), (memberships) => {
        const own = memberships.find(({ groupId, from }) => groupId === id && from === membership.from);
        if (!own || isOverAt(own, place)) return undefined;
        return holdsAt(own, place) ? [groupTopic(guid)] : [];
      });
  }

  return {
    /**
     * The messages of a conversation, of every category and from everybody, as they are sent; after a message's id, first those
     * since. Throws what sending there would throw, and ERR_MESSAGE_ID_NOT_FOUND for what is no id.
     */
    async messages(viewer: Viewer | undefined, receiver: Receiver, after: string | null | undefined): Promise<Source> {
      const { user, party, topicsAt, key } = await listen(viewer, receiver);
      let told = after == null ? 0 : messageIdOf(after);
      if (told === undefined) throw badField('after', 'is no id of a message', 'ERR_MESSAGE_ID_NOT_FOUND');
      if (told > 0 && told > ((await rights.newest())?.id ?? 0))
        throw badField('after', 'is newer than any message', 'ERR_MESSAGE_ID_NOT_FOUND');
      const topics = topicsOf(user, party);
      return new Source({
        viewer: user,
        key,
        accepts: (one) => isNewMessage(one) && isThere(one.topics, party, topics),
        topicsAt,
        knows: ({ messageId }) => messageId !== null && messageId <= (told ?? 0),
        catchUp:
          after == null
            ? undefined
            : async (_upTo, last) => {
                told = Math.max(told ?? 0, last?.messageId ?? 0);
                const conversation = await findConversation(user, party);
                if (!conversation) return [];
                const rows = await rights.messagesAfter(user.id, conversation, told, MESSAGES_AT_ONCE);
                told = rows.at(-1)?.id ?? told;
                return rows.map((row) => asSent(row.id, conversation, topics));
              },
        async seen(occurrences) {
          const ids = occurrences.flatMap(({ messageId }) => messageId ?? []);
          const readable = new Set((await rights.readableAmong(user.id, ids)).map(({ id }) => id));
          return occurrences.filter(({ messageId }) => messageId !== null && readable.has(messageId));
        },
      });
    },

    /** Who is typing in a conversation. */
    async typing(viewer: Viewer | undefined, receiver: Receiver): Promise<Source> {
      const { user, party, topicsAt, key } = await listen(viewer, receiver);
      return new Source({
        viewer: user,
        key,
        topicsAt,
        accepts: ({ kind, byId, topics }) =>
          (kind === 'TYPING_STARTED' || kind === 'TYPING_ENDED') &&
          (party.type === 'group'
            ? topics.includes(groupTopic(party.group.guid))
            : byId === party.user.id && topics.includes(userTopic(user.uid))),
      });
    },
  };

  async function findConversation(user: UserViewer, party: Party): Promise<number | undefined> {
    const view =
      party.type === 'group'
        ? await conversations.find(user, { receiverType: 'group', receiverId: party.group.guid })
        : await conversations.find(user, { receiverType: 'user', receiverId: party.user.uid });
    return view?.id;
  }
}

/** The topics of what is sent there: those of `topicsOf` in messages/readable-store.ts. */
const topicsOf = (user: UserViewer, party: Party): readonly string[] =>
  party.type === 'group'
    ? [groupTopic(party.group.guid)]
    : [...new Set([userTopic(user.uid), userTopic(party.user.uid)])];

/** Conversations between two are told apart by both. */
const keyOf = (user: UserViewer, party: Party): string =>
  party.type === 'group' ? '' : [user.id, party.user.id].sort((a, b) => a - b).join();

/** What happens in a group is told under its topic, and sometimes to one more; between two, under both of theirs and no other. */
const isThere = (told: readonly string[], { type }: Party, topics: readonly string[]): boolean =>
  topics.every((topic) => told.includes(topic)) && (type === 'group' || told.length === topics.length);

function isNewMessage({ kind, messageId, details, hidden }: Occurrence): boolean {
  if (messageId === null || hidden) return false;
  if (kind === 'MESSAGE_SENT' || kind === 'MEMBERSHIP_CHANGED') return true;
  return kind === 'CALL_UPDATED' && (details as { status?: string }).status === 'initiated';
}

function asSent(messageId: number, conversationId: number, topics: readonly string[]): Occurrence {
  return {
    kind: 'MESSAGE_SENT',
    at: 0,
    place: { xid: 0, position: 0 },
    cursor: '',
    topics,
    byId: null,
    conversationId,
    messageId,
    userId: null,
    details: null,
    hidden: false,
  };
}

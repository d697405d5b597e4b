import { type Awaitable, all, andThen } from '../awaitable.ts';
import type { View } from '../conversations/conversation.ts';
import type { Conversations } from '../conversations/service.ts';
import { ChatError } from '../errors.ts';
import type { Database } from '../store/handle.ts';
import type { Page, Range } from '../store/keyset.ts';
import { createListLoader, createLoader } from '../store/loader.ts';
import type { Users } from '../users/service.ts';
import { idOf, requireViewer, type Viewer, type Who } from '../viewer.ts';
import { keptMessages } from './kept-store.ts';
import type { MessageConditions, Source } from './list-store.ts';
import {
  type Attachment,
  byFirstGiven,
  type Edit,
  type Message,
  messageIdOf,
  type Reaction,
  type Receipt,
  type Receipts,
} from './message.ts';
import { receiptsStore } from './receipts-store.ts';
import { wordsOfQuery } from './words.ts';

/** More conversations than these are not named in a search: it looks at each hit's instead. */
const SCOPES_MAX = 50;
const NOTHING = { rows: [], more: false } as const;

/** What lists of messages can be asked for; null and left out mean the same. */
export type MessageQuery = {
  readonly [K in Exclude<keyof MessageConditions, 'viewerId' | 'match' | 'parentId' | 'mentionedIds'>]?:
    | MessageConditions[K]
    | null;
} & {
  readonly parentId?: string | null | undefined;
  readonly mentionedUids?: readonly string[] | null | undefined;
  readonly search?: string | null | undefined;
};

/** Messages: which the viewer may read, and what stands around each. */
export function createMessages(deps: { db: Database; users: Users; conversations: Conversations }) {
  const { db, users, conversations } = deps;
  const store = keptMessages(db.read);
  const receipts = receiptsStore(db.read);

  /** The message, where the viewer may read it. */
  function find(viewer: Viewer | undefined, text: string): Awaitable<Message | undefined> {
    const known = requireViewer(viewer);
    const id = messageIdOf(text);
    return id === undefined ? undefined : andThen(store.byId(id), (message) => message && ifReadable(known, message));
  }

  function ifReadable(viewer: Viewer, message: Message): Awaitable<Message | undefined> {
    if (message.purged) return undefined;
    return andThen(conversations.readableAfter(viewer, message.conversationId), (after) =>
      after !== undefined && message.id > after ? message : undefined,
    );
  }

  /** The query with its subjects found. Throws the code of one that is not there. */
  function conditionsOf(viewer: Viewer, query: MessageQuery): Awaitable<MessageConditions> {
    const { parentId, mentionedUids, search: _search, ...rest } = query;
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value != null));
    const parent = parentId == null ? undefined : getParent(viewer, parentId);
    const mentioned = mentionedUids ? users.getAll(viewer, mentionedUids, 'mentionedUids') : undefined;
    return andThen(all([parent, mentioned]), ([thread, people]) => ({
      ...given,
      viewerId: idOf(viewer),
      parentId: thread?.id,
      mentionedIds: people?.map(({ id }) => id),
    }));
  }

  function getParent(viewer: Viewer, parentId: string): Awaitable<Message> {
    return andThen(find(viewer, parentId), (message) => {
      if (message) return message;
      throw new ChatError('ERR_MESSAGE_ID_NOT_FOUND', `\`parentId\`: there is no message with the id "${parentId}".`);
    });
  }

  /** The page, by `words` too where the query searches. A search without a word finds nothing. */
  function list(
    source: Source,
    scopes: readonly number[],
    conditions: MessageConditions,
    search: string | null | undefined,
    order: 'ascending' | 'descending',
    range: Range,
  ): Awaitable<Page<Message>> {
    if (search == null) return store.list(source, conditions, order, range);
    const words = wordsOfQuery(search);
    if (words.length === 0) return { ...NOTHING, rows: [] };
    return store.list(source, { ...conditions, match: db.read.sql.matchQuery(words, scopes) }, order, range);
  }

  /** The conversations to name in a search of all that the viewer may read; none where naming them would not help. */
  function scopesOf(viewer: Viewer): Awaitable<number[]> {
    if (viewer.kind === 'key') return [];
    return andThen(store.conversationsOf(viewer.id, SCOPES_MAX + 1), (rows) =>
      rows.length > SCOPES_MAX ? [] : rows.map(({ id }) => id),
    );
  }

  return {
    find,

    /** The messages of a conversation that fit, oldest first. */
    list(viewer: Viewer | undefined, view: View, query: MessageQuery, range: Range): Awaitable<Page<Message>> {
      const { id, clearedUpTo: after, readUpTo } = view;
      return andThen(conditionsOf(requireViewer(viewer), query), (conditions) =>
        list({ of: 'conversation', id, after, readUpTo }, [id], conditions, query.search, 'ascending', range),
      );
    },

    /** The replies to a message, oldest first. */
    listReplies(viewer: Viewer | undefined, { id, conversationId }: Message, range: Range): Awaitable<Page<Message>> {
      const known = requireViewer(viewer);
      return andThen(conversations.readableAfter(known, conversationId), (after) => {
        if (after === undefined) return { ...NOTHING, rows: [] };
        const source = { of: 'conversation', id: conversationId, after, readUpTo: 0 } as const;
        return store.list(source, { viewerId: idOf(known), parentId: id }, 'ascending', range);
      });
    },

    /** All messages that the viewer may read and that fit, newest first. */
    search(viewer: Viewer | undefined, query: MessageQuery, range: Range): Awaitable<Page<Message>> {
      const known = requireViewer(viewer);
      if (known.kind === 'key' && (query.unreadOnly || query.saved || query.hideFromBlockedUsers)) {
        throw new ChatError(
          'AUTH_ERR_NO_ACCESS',
          '`unreadOnly`, `saved` and `hideFromBlockedUsers` are a user’s: let the API key act as one.',
        );
      }
      const source = { of: known.kind === 'key' ? 'everything' : 'participant' } as const;
      return andThen(all([conditionsOf(known, query), scopesOf(known)]), ([conditions, scopes]) =>
        list(source, scopes, conditions, query.search, 'descending', range),
      );
    },

    /** Who gave a reaction, by name. */
    listReactors: ({ messageId, reaction }: Reaction, range: Range): Awaitable<Page<{ id: number; sortKey: string }>> =>
      store.listReactors(range, messageId, reaction),

    /** Whom a message has reached, by name. */
    listReceipts: (message: Message, range: Range): Awaitable<Page<Receipt>> => receipts.listReceipts(range, message),

    loaders(who: Who) {
      const viewerId = () => {
        const viewer = who();
        return viewer ? idOf(viewer) : 0;
      };
      /** For what is partly the viewer's own, where fields that show that part ask for the viewer themselves. */
      const viewerIdIfAny = () => (who.shared ? 0 : viewerId());
      const ofMessage = ({ messageId }: { messageId: number }) => messageId;
      const byId = ({ id }: { id: number }) => id;
      const rows = createLoader(db.read, byId, store.byIds, store.byId, store.kept);
      return {
        /** Any message by its id: whether the viewer may read it is for the caller to know. */
        byId: rows,
        receipts: createLoader<number, Receipts>(db.read, byId, (ids) => receipts.receiptsOf(viewerIdIfAny(), ids)),
        /** Each message's in the order in which they were first given. */
        reactions: createListLoader<number, Reaction>(
          db.read,
          ofMessage,
          (ids) => andThen(store.reactionsTo(viewerIdIfAny(), ids), (rows) => rows.sort(byFirstGiven)),
          (id) => store.keptReactions?.(viewerIdIfAny(), id),
        ),
        attachments: createListLoader<number, Attachment>(db.read, ofMessage, store.attachmentsOf),
        edits: createListLoader<number, Edit>(db.read, ofMessage, store.editsOf),
        mentions: createListLoader(db.read, ofMessage, store.mentionsIn),
        save: createLoader(db.read, byId, (ids: readonly number[]) => store.savesAmong(viewerId(), ids)),
        unreadReplies: createLoader(db.read, byId, (ids: readonly number[]) => store.unreadRepliesTo(viewerId(), ids)),
      };
    },
  };
}

export type Messages = ReturnType<typeof createMessages>;

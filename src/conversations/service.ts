import { type Awaitable, andThen } from '../awaitable.ts';
import { ChatError } from '../errors.ts';
import type { Groups } from '../groups/service.ts';
import type { Database } from '../store/handle.ts';
import type { Page, Range } from '../store/keyset.ts';
import { createLoader } from '../store/loader.ts';
import type { Users } from '../users/service.ts';
import { fold } from '../users/user.ts';
import { idOf, requireUser, type UserViewer, type Viewer, type Who } from '../viewer.ts';
import { type Conversation, otherOf, type Party, type Receiver, type View } from './conversation.ts';
import { keptConversations } from './kept-store.ts';

/** What `conversations` can be asked for; null and left out mean the same. */
export interface ConversationQuery {
  readonly type?: 'user' | 'group' | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly unreadOnly?: boolean | null | undefined;
  readonly search?: string | null | undefined;
}

/** Conversations as their participants have them: which there are, and what is unread in them. */
export function createConversations({ db, users, groups }: { db: Database; users: Users; groups: Groups }) {
  const store = keptConversations(db.read);

  function findWithUser(viewer: UserViewer, userId: number): Awaitable<View | undefined> {
    return andThen(store.viewsWithUsers(viewer.id, [userId]), ([view]) => view);
  }

  function findWithGroup(viewer: UserViewer, groupId: number): Awaitable<View | undefined> {
    return andThen(store.viewsOfGroups(viewer.id, [groupId]), ([view]) => (view?.active ? view : undefined));
  }

  /**
   * The user or the group that something is to go to. Throws ERR_UID_NOT_FOUND or ERR_GUID_NOT_FOUND where the viewer can't find
   * them; whether they may write there is for the transaction to see.
   */
  function getParty(viewer: Viewer, { receiverType, receiverId }: Receiver): Awaitable<Party> {
    if (receiverType === 'group') {
      return andThen(groups.find(viewer, receiverId), (group) => {
        if (group) return { type: 'group', group };
        throw new ChatError('ERR_GUID_NOT_FOUND', `\`receiverId\`: there is no group with the guid "${receiverId}".`);
      });
    }
    return andThen(users.find(viewer, receiverId), (user) => {
      if (user) return { type: 'user', user };
      throw new ChatError('ERR_UID_NOT_FOUND', `\`receiverId\`: there is no user with the uid "${receiverId}".`);
    });
  }

  return {
    getParty,

    /** The same, of a conversation that the viewer has: also with who is deactivated or deleted by now. */
    getPartner(viewer: UserViewer, receiver: Receiver): Awaitable<Party> {
      if (receiver.receiverType === 'group') return getParty(viewer, receiver);
      return andThen(users.findAny(receiver.receiverId), (user) =>
        andThen(user && findWithUser(viewer, user.id), (view) =>
          user && view ? { type: 'user', user } : getParty(viewer, receiver),
        ),
      );
    },

    /** The viewer's conversation with a user or a group; undefined where there is none, or they may not see it. */
    find(viewer: Viewer | undefined, { receiverType, receiverId }: Receiver): Awaitable<View | undefined> {
      const user = requireUser(viewer);
      if (receiverType === 'group') {
        return andThen(groups.find(user, receiverId), (group) => group && findWithGroup(user, group.id));
      }
      return andThen(users.findAny(receiverId), (other) => other && findWithUser(user, other.id));
    },

    /** The viewer's conversations that fit, newest first. */
    list(viewer: Viewer | undefined, query: ConversationQuery, range: Range): Awaitable<Page<View>> {
      const filter = {
        type: query.type ?? undefined,
        tags: query.tags ?? undefined,
        unreadOnly: query.unreadOnly ?? undefined,
        search: query.search ? fold(query.search) : undefined,
      };
      return store.list(requireUser(viewer).id, filter, range);
    },

    /** The viewer's unread messages over all conversations, or those of one type. */
    countUnread(viewer: Viewer | undefined, type: 'user' | 'group' | null | undefined): Awaitable<number> {
      const types = type ? [type] : ['user', 'group'];
      return andThen(store.unreadTotal(requireUser(viewer).id, types), (row) => row?.unread ?? 0);
    },

    /**
     * After which message of a conversation the viewer may read; undefined where they may read none of it. API keys read all that is
     * not a deleted group's.
     */
    readableAfter(viewer: Viewer, conversationId: number): Awaitable<number | undefined> {
      if (viewer.kind === 'key') return andThen(store.removed(conversationId), (removed) => (removed ? undefined : 0));
      return andThen(store.view(viewer.id, conversationId), (view) => (view?.active ? view.clearedUpTo : undefined));
    },

    loaders: (who: Who) => {
      const userId = () => {
        const viewer = who();
        return viewer ? idOf(viewer) : 0;
      };
      return {
        /** Any conversation's row by its id. */
        byId: createLoader(db.read, ({ id }: Conversation) => id, store.byIds, store.byId, store.kept),
        /** The viewer's view by the conversation's id, also of one they no longer belong to (not `active`). */
        mine: createLoader(
          db.read,
          ({ id }: View) => id,
          (ids: readonly number[]) => store.viewsAmong(userId(), ids),
          (id: number) => store.view(userId(), id),
        ),
        /** The viewer's view by the group's id. */
        withGroup: createLoader(
          db.read,
          ({ groupId }: View) => groupId ?? 0,
          (ids: readonly number[]) => store.viewsOfGroups(userId(), ids),
        ),
        /** The viewer's view by their partner's row id. */
        withUser: createLoader(
          db.read,
          (view: View) => otherOf(view, userId()),
          (ids: readonly number[]) => store.viewsWithUsers(userId(), ids),
        ),
        unread: createLoader(
          db.read,
          ({ id }: { id: number }) => id,
          (ids: readonly number[]) => store.unreadAmong(userId(), ids),
          (id: number) => store.unreadOf(userId(), id),
          (id) => store.keptUnread?.(userId(), id),
        ),
        unreadMentions: createLoader(
          db.read,
          ({ id }: { id: number }) => id,
          (ids: readonly number[]) => store.mentionsAmong(userId(), ids),
        ),
      };
    },
  };
}

export type Conversations = ReturnType<typeof createConversations>;

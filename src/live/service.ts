import { andThen } from '../awaitable.ts';
import type { Calls } from '../calls/service.ts';
import type { Signals } from '../calls/signals-service.ts';
import type { Conversations } from '../conversations/service.ts';
import { ChatError } from '../errors.ts';
import { groupTopic, userTopic } from '../events/event.ts';
import type { Log } from '../events/log.ts';
import type { Occurrence as PassedBy, Passing as PassingBus } from '../events/passing.ts';
import { groupStore } from '../groups/store.ts';
import type { Presence } from '../presence/presence.ts';
import type { Database } from '../store/handle.ts';
import type { Users } from '../users/service.ts';
import { requireUser, requireViewer, type Viewer } from '../viewer.ts';
import { createConversationStreams } from './conversation-service.ts';
import { createEventStream } from './events-service.ts';
import { createHub } from './hub.ts';
import type { Passing } from './passing-service.ts';
import { presenceTopic, tellPresence } from './presence-service.ts';
import { createPump } from './pump-service.ts';
import { rightsStore } from './rights-store.ts';
import { createSessions } from './sessions.ts';
import { createSignalStream } from './signals-service.ts';
import { Source } from './source.ts';
import { watchDatabase } from './watch-service.ts';

interface Options {
  readonly db: Database;
  readonly log: Log;
  readonly presence: Presence;
  readonly users: Users;
  readonly conversations: Conversations;
  readonly calls: Calls;
  readonly signals: Signals;
  readonly passing: PassingBus;
  /** Hears of what kept the log from being read, which is tried again. */
  readonly report: (error: unknown) => void;
}

/** What subscriptions listen to: each checks that its viewer may, and says what to hear. */
export function createLive(options: Options) {
  const { db, log, presence, users, conversations, calls, signals, passing, report } = options;
  const hub = createHub();
  const sessions = createSessions();
  const pump = createPump({ db, log, hub, sessions, report });
  const stopPassing = passing.listen((occurrence) => {
    if (occurrence.kind === 'ACCESS_REVOKED') return sessions.recheck(occurrence.userId);
    pump.pass(asPassing(occurrence));
  });
  const stopWatching = watchDatabase({ db, log, sessions, pump, report });
  tellPresence({ db, presence, passing, hub, report });
  const streams = createConversationStreams({ db, conversations });

  return {
    hub,
    pump,
    sessions,
    ...createEventStream({ db, log }),
    ...streams,
    ...createSignalStream({ signals }),

    /** These users whenever they come or go. Throws ERR_UID_NOT_FOUND for one who is not there. */
    async presence(viewer: Viewer | undefined, uids: readonly string[]): Promise<Source> {
      const known = requireViewer(viewer);
      const found = await users.getAll(known, uids, 'uids');
      const topics = found.map(({ id }) => presenceTopic(id));
      return new Source({
        viewer: known,
        key: '',
        topicsAt: () => topics,
        accepts: ({ kind, topics: told }) =>
          kind === 'PRESENCE_CHANGED' && topics.some((topic) => told.includes(topic)),
      });
    },

    /** A call whenever it moves on. Throws ERR_CALL_SESSION_NOT_FOUND where there is none that the viewer may see. */
    async call(viewer: Viewer | undefined, sessionId: string): Promise<Source> {
      const user = requireUser(viewer);
      const message = await calls.find(user, sessionId);
      if (!message)
        throw new ChatError('ERR_CALL_SESSION_NOT_FOUND', `There is no call with the session "${sessionId}".`);
      const loaders = conversations.loaders(() => user);
      const { groupId } = await loaders.byId.get(message.conversationId);
      const group = groupId === null ? undefined : await groupStore(db.read).byId(groupId);
      return new Source({
        viewer: user,
        key: '',
        accepts: ({ kind, messageId, hidden }) => kind === 'CALL_UPDATED' && messageId === message.id && !hidden,
        topicsAt: () =>
          andThen(rightsStore(db.read).participant(user.id, message.conversationId), (standing) =>
            standing?.active ? [group ? groupTopic(group.guid) : userTopic(user.uid)] : undefined,
          ),
      });
    },

    /** Who is a member of a group now, by row ids; null for who is none. */
    memberNow: (groupId: number, userId: number) =>
      andThen(groupStore(db.read).membership(groupId, userId), (row) => (row ? { ...row, isBanned: false } : null)),

    stop() {
      stopPassing();
      stopWatching();
      presence.close();
      pump.stop();
    },
  };
}

export type Live = ReturnType<typeof createLive>;

/** What passes by, as it is told, and to whom. */
function asPassing(one: Exclude<PassedBy, { kind: 'ACCESS_REVOKED' }>): Passing {
  const told = { kind: one.kind, at: one.at, topics: one.topics, conversationId: null, messageId: null };
  if (one.kind === 'PRESENCE_CHANGED') {
    return { told: { ...told, byId: null, userId: one.userId, details: { status: one.status } } };
  }
  if (one.kind === 'CALL_SIGNAL') {
    return { told: { ...told, byId: one.fromId, userId: null, details: { signal: one.signal } } };
  }
  const data = one.kind === 'TRANSIENT_MESSAGE' ? { data: one.data } : {};
  const { receiverType, receiverId } = one.receiver;
  return {
    told: { ...told, byId: one.fromId, userId: null, details: { ...one.receiver, ...data } },
    except: one.except,
    guid: receiverType === 'group' ? receiverId : undefined,
  };
}

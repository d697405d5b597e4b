import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Data } from './asking.ts';
import type { Differences } from './report.ts';
import type { ServerProcess } from './server-process.ts';

/** The ids and small facts of every kind of event that is kept. */
const IDS: Record<string, string> = {
  ...Object.fromEntries(
    ['Sent', 'Edited', 'Deleted', 'Pinned', 'Unpinned', 'Saved', 'Unsaved'].map((did) => [
      `Message${did}Event`,
      'messageId',
    ]),
  ),
  ReactionAddedEvent: 'messageId reaction',
  ReactionRemovedEvent: 'messageId reaction',
  MessagesDeliveredEvent: 'conversationId upTo',
  MessagesReadEvent: 'conversationId upTo',
  GroupUpdatedEvent: 'guid',
  GroupDeletedEvent: 'guid',
  MembershipChangedEvent: 'guid uid',
  CallUpdatedEvent: 'sessionId status',
  ConversationUpdatedEvent: 'conversationId',
  UserUpdatedEvent: 'uid',
  UserBlockedEvent: 'uid',
  UserUnblockedEvent: 'uid',
};

/** A subscription to `events` that selects ids, and whatever more of some types. */
export const eventsQuery = (more: Record<string, string> = {}): string => `subscription ($after: String) {
  events(after: $after) { __typename kind cursor at
    ${Object.entries(IDS)
      .map(([type, ids]) => `... on ${type} { ${ids} ${more[type] ?? ''} }`)
      .join('\n    ')}
  } }`;

/** An event in a line: its kind and ids, to be compared. */
export const lineOf = (event: Data): string =>
  [
    event.kind,
    event.messageId,
    event.reaction,
    event.conversationId,
    event.upTo,
    event.guid,
    event.uid,
    event.sessionId,
  ]
    .filter((part) => part !== undefined && part !== null)
    .join(' ');

/** What passes by carries the cursor of the last event that is kept, and is no event of the log. */
export const isKept = (kind: string): boolean =>
  !/^(TYPING_|PRESENCE_|TRANSIENT_)/.test(kind) && kind !== 'RESYNC_REQUIRED';

interface Options {
  readonly server: Pick<ServerProcess, 'url' | 'apiKey'>;
  readonly uid: string;
  readonly query: string;
  /** The cursor from which on it hears. */
  readonly after: string;
  /** How long a connection is kept, in ms, before it is cut from this side. */
  readonly keptFor: () => number;
  readonly hear: (event: Data) => void;
  readonly differences: Differences;
}

/** Follows `events` over whatever happens to the connection: comes back with the cursor of the last event that it heard. */
export function follow({ server, uid, query, after, keptFor, hear, differences }: Options) {
  let cursor = after;
  let connections = 0;
  let stopped = false;
  let cut = () => {};

  async function connect() {
    let over = false;
    let socket: WebSocket | undefined;
    let begin = () => {};
    const client = createClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${server.apiKey}`, 'x-act-as': uid },
      retryAttempts: 0,
      onNonLazyError: () => {},
      on: {
        opened: (opened) => {
          socket = opened as WebSocket;
        },
        connected: () => {
          connections += 1;
          begin();
        },
      },
    });
    await new Promise<void>((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      begin = () => {
        timer = setTimeout(() => cut(), keptFor());
      };
      const end = () => {
        over = true;
        clearTimeout(timer);
        resolve();
      };
      cut = () => {
        end();
        socket?.terminate();
      };
      client.subscribe<{ events: Data }>(
        { query, variables: { after: cursor } },
        {
          next(result) {
            if (over) return;
            if (result.errors || !result.data) {
              differences.add(`${uid} heard an error: ${JSON.stringify(result.errors)}`);
              return;
            }
            const { events } = result.data;
            cursor = events.cursor;
            hear(events);
          },
          error(error) {
            if (!over) explain(error);
            end();
          },
          complete: end,
        },
      );
    });
    void Promise.resolve(client.dispose()).catch(() => {});
    socket?.terminate();
  }

  /** Whether a connection may end so: where the server is gone, it may. */
  function explain(error: unknown) {
    const { code } = error as { code?: number };
    if (Array.isArray(error)) {
      differences.add(`${uid} was refused: ${JSON.stringify(error)}`);
      stopped = true;
    } else if (code !== undefined && ![1005, 1006, 1012].includes(code) && typeof code === 'number') {
      differences.add(`${uid} was closed with ${code}`);
    }
  }

  async function run() {
    while (!stopped) {
      await connect();
      if (!stopped) await wait(10 + Math.min(200, keptFor() / 10));
    }
  }

  const running = run();
  return {
    connections: () => connections,
    cursor: () => cursor,
    /** Cuts its connection now; it comes back. */
    cut: () => cut(),
    async stop(): Promise<void> {
      stopped = true;
      cut();
      await running;
    },
  };
}

export type Follower = ReturnType<typeof follow>;

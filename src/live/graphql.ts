import { andThen } from '../awaitable.ts';
import { CallMessageType } from '../calls/graphql.ts';
import { ReceiverInput } from '../conversations/graphql.ts';
import { ChatError } from '../errors.ts';
import { builder } from '../graphql/builder.ts';
import { addMutation } from '../graphql/mutation.ts';
import type { Json } from '../json.ts';
import { BaseMessageType } from '../messages/graphql.ts';
import { must } from '../store/handle.ts';
import { UserType } from '../users/graphql.ts';
import { EventKindEnum, EventType } from './graphql-events.ts';
import type { Occurrence } from './occurrence.ts';

const CallSignalType = builder.objectRef<Occurrence>('CallSignal').implement({
  description: 'What one of a call sends to another, such as an offer, an answer or a candidate of WebRTC. Not kept.',
  fields: (t) => ({
    from: t.field({
      type: UserType,
      description: 'Who sent it.',
      resolve: ({ byId }, _args, { loaders }) => loaders.users.byId.get(must(byId ?? undefined)),
    }),
    signal: t.field({
      type: 'JSON',
      description: 'What was sent.',
      resolve: ({ details }) => (details as { signal: Json }).signal,
    }),
  }),
});

builder.subscriptionType({
  description: 'What can be listened to, over WebSocket or server-sent events.',
  fields: (t) => ({
    events: t.field({
      type: EventType,
      description:
        'All that concerns the viewer, in order. With `after`, first everything that has happened since that cursor, then what comes: nothing missed, nothing twice, across dropped connections and restarts.',
      args: {
        after: t.arg.string({ description: 'A cursor, from `Query.cursor` or an event: begin after it.' }),
        kinds: t.arg({ type: [EventKindEnum], description: 'Only these kinds, and RESYNC_REQUIRED.' }),
      },
      subscribe: (_root, args, { services, viewer }) => services.live.events(viewer, args),
      resolve: (occurrence) => occurrence,
    }),
    messageReceived: t.field({
      type: BaseMessageType,
      description: 'The messages of one conversation, of every category and from everybody, as they are sent.',
      args: {
        conversation: t.arg({ type: ReceiverInput, required: true, description: 'The user or the group.' }),
        after: t.arg.id({ description: 'A message’s id: first those since.' }),
      },
      subscribe: (_root, { conversation, after }, { services, viewer }) =>
        services.live.messages(viewer, conversation, after),
      resolve: ({ messageId }, _args, { loaders }) => loaders.messages.byId.get(must(messageId ?? undefined)),
    }),
    typing: t.field({
      type: EventType,
      description: 'Who begins and ends to type in one conversation: TypingStartedEvent and TypingEndedEvent.',
      args: { conversation: t.arg({ type: ReceiverInput, required: true, description: 'The user or the group.' }) },
      subscribe: (_root, { conversation }, { services, viewer }) => services.live.typing(viewer, conversation),
      resolve: (occurrence) => occurrence,
    }),
    presence: t.field({
      type: UserType,
      description: 'These users, each whenever they come or go.',
      args: { uids: t.arg.idList({ required: true, description: 'Whom to look out for, 100 at the most.' }) },
      subscribe: (_root, { uids }, { services, viewer }) => services.live.presence(viewer, uids),
      resolve: ({ userId }, _args, { loaders }) => loaders.users.byId.get(must(userId ?? undefined)),
    }),
    callUpdated: t.field({
      type: CallMessageType,
      description: 'A call, whenever it moves on.',
      args: { sessionId: t.arg.id({ required: true, description: 'The call’s own id.' }) },
      subscribe: (_root, { sessionId }, { services, viewer }) => services.live.call(viewer, sessionId),
      resolve: ({ messageId }, { sessionId }, { loaders }) =>
        andThen(loaders.messages.byId.get(must(messageId ?? undefined)), (message) => {
          if (!message.purged) return message;
          throw new ChatError(
            'ERR_CALL_SESSION_NOT_FOUND',
            `The call "${sessionId}" is over, and was deleted for good.`,
          );
        }),
    }),
    callSignals: t.field({
      type: CallSignalType,
      description:
        'What the others of a call send to the viewer for them to connect, as they send it: see `sendCallSignal`.',
      args: { sessionId: t.arg.id({ required: true, description: 'The call’s own id.' }) },
      subscribe: (_root, { sessionId }, { services, viewer }) => services.live.signals(viewer, sessionId),
      resolve: (occurrence) => occurrence,
    }),
  }),
});

addMutation('renewSession', {
  description:
    'On an open socket: goes on with a fresh token of the same user, before the old one expires and the socket is closed.',
  input: (t) => ({
    authToken: t.string({ required: true, description: 'The fresh token, or JWT, without "Bearer".' }),
  }),
  resolve: async ({ authToken }, { renew }) => {
    if (!renew)
      throw new ChatError('ERR_BAD_REQUEST', '`renewSession` is for an open socket: a request signs in by itself.');
    return { expiresAt: await renew(authToken) };
  },
  payload: (t) => ({
    expiresAt: t.expose('expiresAt', {
      type: 'Timestamp',
      nullable: true,
      description: 'When the fresh token expires; null where it holds until revoked.',
    }),
  }),
});

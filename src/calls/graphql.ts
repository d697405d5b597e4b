import { type Awaitable, andThen } from '../awaitable.ts';
import { builder, personal } from '../graphql/builder.ts';
import type { Context } from '../graphql/context.ts';
import { NodeType } from '../graphql/node.ts';
import { AppEntityType } from '../groups/graphql.ts';
import { BaseMessageType, receiverOf } from '../messages/graphql.ts';
import type { Message } from '../messages/message.ts';
import { UserType } from '../users/graphql.ts';
import type { Call } from './call.ts';

export const CallTypeEnum = builder.enumType('CallType', {
  description: 'What a call carries.',
  values: {
    AUDIO: { value: 'audio', description: 'Sound.' },
    VIDEO: { value: 'video', description: 'Sound and picture.' },
  } as const,
});

export const CallStatusEnum = builder.enumType('CallStatus', {
  description: 'How far a call has come.',
  values: {
    INITIATED: { value: 'initiated', description: 'It rings.' },
    ONGOING: { value: 'ongoing', description: 'It was answered, and goes on.' },
    UNANSWERED: { value: 'unanswered', description: 'It ended because nobody answered in time.' },
    REJECTED: { value: 'rejected', description: 'It ended because the receiver declined.' },
    BUSY: { value: 'busy', description: 'It ended because the receiver was in another call.' },
    CANCELLED: { value: 'cancelled', description: 'It ended because the caller gave up before it was answered.' },
    ENDED: { value: 'ended', description: 'It was answered, and is over.' },
  } as const,
});

const ofCall =
  <T>(read: (call: Call) => T) =>
  ({ id }: Message, _args: object, { loaders }: Context): Awaitable<T> =>
    andThen(loaders.calls.byMessage.get(id), read);

export const CallMessageType = builder.objectRef<Message>('Call').implement({
  description: 'A call: one message, whose status moves while it lasts.',
  interfaces: [NodeType, BaseMessageType],
  fields: (t) => ({
    sessionId: t.id({ description: 'The call’s own id.', resolve: ofCall(({ sessionId }) => sessionId) }),
    callType: t.field({
      type: CallTypeEnum,
      description: 'What it carries.',
      resolve: ofCall(({ callType }) => callType),
    }),
    callStatus: t.field({
      type: CallStatusEnum,
      description: 'How far it has come.',
      resolve: ofCall(({ status }) => status),
    }),
    callInitiator: t.field({
      type: UserType,
      description: 'Who calls.',
      resolve: ({ senderId }, _args, { loaders }) => loaders.users.byId.get(senderId),
    }),
    callReceiver: t.field({
      type: AppEntityType,
      description: 'The user or the group that is called.',
      resolve: (message, _args, context) => receiverOf(message, context),
    }),
    initiatedAt: t.field({
      type: 'Timestamp',
      description: 'When it began to ring.',
      resolve: ofCall(({ initiatedAt }) => initiatedAt),
    }),
    joinedAt: t.field({
      type: 'Timestamp',
      nullable: true,
      description: 'When it was first answered; null where it was not.',
      resolve: ofCall(({ joinedAt }) => joinedAt),
    }),
    endedAt: t.field({
      type: 'Timestamp',
      nullable: true,
      description: 'When it ended; null while it has not.',
      resolve: ofCall(({ endedAt }) => endedAt),
    }),
    participants: t.field({
      type: [UserType],
      description: 'Who has been in it, by name.',
      resolve: ({ id }, _args, { loaders }) =>
        andThen(loaders.calls.participants.load(id), (rows) =>
          rows.map(({ userId }) => loaders.users.byId.get(userId)),
        ),
    }),
  }),
});

builder.queryFields((t) => ({
  call: t.field({
    type: CallMessageType,
    nullable: true,
    description: 'The call with this session’s id; null where there is none, or the viewer may not see it.',
    args: { sessionId: t.arg.id({ required: true, description: 'The call’s own id.' }) },
    resolve: (_root, { sessionId }, { services, viewer }) => services.calls.find(viewer, sessionId),
  }),
  activeCall: t.field({
    ...personal,
    type: CallMessageType,
    nullable: true,
    description:
      'The call that the viewer is in now, or that they let ring, or else the newest that rings for them; null where there is none.',
    resolve: (_root, _args, { services, viewer }) => services.calls.findActive(viewer),
  }),
}));

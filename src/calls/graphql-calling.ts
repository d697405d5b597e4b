import type { InputFieldBuilder, ObjectFieldBuilder } from '@pothos/core';
import type { SchemaTypes } from '../graphql/builder.ts';
import { addMutation } from '../graphql/mutation.ts';
import { to } from '../messages/graphql-sending.ts';
import type { Message } from '../messages/message.ts';
import { CallMessageType, CallStatusEnum, CallTypeEnum } from './graphql.ts';

const session = (t: InputFieldBuilder<SchemaTypes, 'InputObject'>) => ({
  sessionId: t.id({ required: true, description: 'The call’s own id.' }),
});

const moved = (t: ObjectFieldBuilder<SchemaTypes, { call: Message }>) => ({
  call: t.field({ type: CallMessageType, description: 'The call as it is now.', resolve: ({ call }) => call }),
});

addMutation('initiateCall', {
  description:
    'Calls a user or a group: it rings for them until somebody answers, the caller gives up, or the time is over. Whoever is called while in another call is BUSY at once.',
  input: (t) => ({
    ...to(t),
    callType: t.field({ type: CallTypeEnum, required: true, description: 'What it carries.' }),
    timeout: t.int({ description: 'How long it rings, in seconds: 5 to 300; 45 where it is left out.' }),
    metadata: t.field({ type: 'JSON', description: 'Whatever the caller adds to it; 64 KB at the most.' }),
    muid: t.string({
      description:
        'The client’s own id, 1 to 100 printable characters: called again with it, the first call is given, for ever.',
    }),
  }),
  resolve: async (input, { services, viewer }) => ({ call: await services.calling.initiate(viewer, input) }),
  payload: moved,
});

for (const [name, move, description] of [
  ['acceptCall', 'accept', 'Answers a call; in a group, joins it, again where one has left it.'],
  ['cancelCall', 'cancel', 'Gives up a call of the viewer’s that nobody has answered.'],
  ['endCall', 'end', 'Hangs up: ends a call between two, and leaves a group’s, which ends with the last one in it.'],
] as const) {
  addMutation(name, {
    description,
    input: session,
    resolve: async ({ sessionId }, { services, viewer }) => ({
      call: await services.calling[move](viewer, sessionId),
    }),
    payload: moved,
  });
}

addMutation('rejectCall', {
  description:
    'Does not take a call of another user’s. A group’s is not rejected: whoever does not want it lets it ring, or stops ringing for themself.',
  input: (t) => ({
    ...session(t),
    status: t.field({
      type: CallStatusEnum,
      required: true,
      description: 'Why not: REJECTED, or BUSY where the viewer is in another call.',
    }),
  }),
  resolve: async ({ sessionId, status }, { services, viewer }) => ({
    call: await services.calling.reject(viewer, sessionId, status),
  }),
  payload: moved,
});

addMutation('sendCallSignal', {
  description:
    'Sends something to another who is in the call, or for whom it rings, so that the two can connect: offers, answers and candidates of WebRTC. It is kept nowhere; `callSignals` hears it.',
  input: (t) => ({
    ...session(t),
    to: t.id({ required: true, description: 'The uid of whom it is for.' }),
    signal: t.field({ type: 'JSON', required: true, description: 'What to send: any JSON value, 64 KB at the most.' }),
  }),
  resolve: async ({ signal = null, ...input }, { services, viewer }) => ({
    sessionId: await services.signals.send(viewer, { ...input, signal }),
  }),
  payload: (t) => ({ sessionId: t.exposeID('sessionId', { description: 'The call’s own id.' }) }),
});

import type { Services } from '../../../src/app.ts';
import { createContext } from '../../../src/graphql/context.ts';
import type { Json } from '../../../src/json.ts';
import type { Occurrence } from '../../../src/live/occurrence.ts';
import { must } from '../../../src/store/handle.ts';

const MESSAGES = [101, 102, 103, 104, 105, 106, 107, 108, 201, 202, 203, 205, 208, 209, 210, 211, 301, 306, 310];
const OF_MESSAGES = ['SENT', 'EDITED', 'DELETED', 'PINNED', 'UNPINNED', 'SAVED', 'UNSAVED'] as const;

/** What could be told of the rows of the seeded world, one of every kind and of every sort of message, hidden and not. */
export async function occurrencesIn(services: Services): Promise<Occurrence[]> {
  const { loaders } = createContext(services, { kind: 'key' });
  const userId = async (uid: string) => must(await services.users.findAny(uid)).id;
  const [ada, bob, olga] = [await userId('ada'), await userId('bob'), await userId('olga')];
  const made: Occurrence[] = [];

  function tell(kind: Occurrence['kind'], more: Partial<Occurrence> = {}) {
    const one: Occurrence = {
      ...{ kind, at: 1, place: { xid: 0, position: 1 }, cursor: 'c', topics: [], hidden: false },
      ...{ byId: ada, conversationId: null, messageId: null, userId: null, details: {} },
      ...more,
    };
    made.push(one, { ...one, hidden: 'message' }, { ...one, hidden: 'group' });
  }

  for (const messageId of MESSAGES) {
    const { conversationId } = await loaders.messages.byId.get(messageId);
    const about = { messageId, conversationId };
    for (const verb of OF_MESSAGES) tell(`MESSAGE_${verb}`, about);
    tell('REACTION_ADDED', { ...about, details: { reaction: '👍' } });
    tell('REACTION_REMOVED', { ...about, details: { reaction: '👍' } });
    tell('MESSAGES_READ', { conversationId, details: { upTo: String(messageId) } });
    tell('MESSAGES_DELIVERED', { conversationId, details: { upTo: String(messageId) }, byId: null });
    tell('CONVERSATION_UPDATED', { conversationId });
    if ([107, 210, 310].includes(messageId)) {
      tell('CALL_UPDATED', { ...about, details: { sessionId: `session-${messageId}`, status: 'ended' } });
    }
  }
  for (const [messageId, guid] of [
    [209, 'plaza'],
    [301, 'cellar'],
  ] as const) {
    const { conversationId } = await loaders.messages.byId.get(messageId);
    tell('GROUP_UPDATED', { conversationId, details: { guid } });
    tell('GROUP_DELETED', { conversationId, details: { guid }, byId: null });
    for (const who of [ada, bob, olga]) {
      tell('MEMBERSHIP_CHANGED', { conversationId, messageId: 205, userId: who, details: { guid } });
    }
  }
  const receiver = { receiverType: 'group', receiverId: 'plaza' };
  const passing: readonly (readonly [Occurrence['kind'], Json])[] = [
    ['USER_UPDATED', {}],
    ['USER_BLOCKED', {}],
    ['USER_UNBLOCKED', {}],
    ['TYPING_STARTED', receiver],
    ['TYPING_ENDED', receiver],
    ['PRESENCE_CHANGED', { status: 'online' }],
    ['TRANSIENT_MESSAGE', { ...receiver, data: 1 }],
    ['CALL_SIGNAL', { signal: 1 }],
    ['RESYNC_REQUIRED', { reason: 'told' }],
  ];
  for (const [kind, details] of passing) tell(kind, { userId: bob, details });
  return made;
}

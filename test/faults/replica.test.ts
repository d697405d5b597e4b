import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { eachDialect } from '../support/each-dialect.ts';
import { startTestServer } from '../support/server.ts';
import { WORLD } from '../support/world.ts';
import { createAsk, type Data } from './asking.ts';
import { eventsQuery, follow } from './follower.ts';
import { compareReplicas, createReplica, REPLICA_FIELDS } from './replica.ts';
import { createDifferences } from './report.ts';

const LONG_ENOUGH = { timeout: 120_000 };
const PATIENCE_MS = 5_000;
const PLAZA = { receiverType: 'GROUP', receiverId: 'plaza' };
const BOB = { receiverType: 'USER', receiverId: 'bob' };
const SAM = { receiverType: 'USER', receiverId: 'sam-1' };
const guid = 'plaza';
const last = 'the last message';
const call = 'the last call';

/** Who does what, in order; `last` stands for the id of the message that was sent last, `call` for the last call's session. */
const STEPS: readonly (readonly [as: string, mutation: string, input: object])[] = [
  ['ada', 'sendTextMessage', { ...PLAZA, text: 'To all' }],
  ['bob', 'sendTextMessage', { ...PLAZA, text: 'Hello @ada' }],
  ['ada', 'addReaction', { messageId: last, reaction: '👍' }],
  ['cyd', 'addReaction', { messageId: last, reaction: '👍' }],
  ['ada', 'removeReaction', { messageId: last, reaction: '👍' }],
  ['ada', 'pinMessage', { messageId: last }],
  ['bob', 'unpinMessage', { messageId: last }],
  ['ada', 'saveMessage', { messageId: last }],
  ['ada', 'unsaveMessage', { messageId: last }],
  ['ada', 'markAsDelivered', { messageId: last }],
  ['ada', 'markAsRead', { messageId: last }],
  ['ada', 'markAsUnread', { messageId: last }],
  ['ada', 'markAsUnread', PLAZA],
  ['bob', 'markAsRead', PLAZA],
  ['bob', 'editMessage', { messageId: last, text: 'Hello again' }],
  ['cyd', 'sendTextMessage', { ...PLAZA, text: 'A reply', parentId: last }],
  ['cyd', 'sendCustomMessage', { ...PLAZA, customData: { a: 1 } }],
  ['bob', 'sendMediaMessage', { ...PLAZA, type: 'IMAGE', url: 'https://example.org/a.png' }],
  ['bob', 'deleteMessage', { messageId: last }],
  ['ada', 'updateConversation', { ...PLAZA, tags: ['work'], pinned: true, mutedUntil: 4_000_000_000 }],
  ['ada', 'updateMe', { statusMessage: 'Away' }],
  ['ada', 'blockUsers', { uids: ['cyd'] }],
  ['ada', 'unblockUsers', { uids: ['cyd'] }],
  ['ada', 'updateGroup', { guid, description: 'For some' }],
  ['olga', 'joinGroup', { guid: 'agora' }],
  ['bob', 'joinGroup', { guid: 'agora' }],
  ['bob', 'leaveGroup', { guid: 'agora' }],
  ['ada', 'addGroupMembers', { guid: 'agora', members: [{ uid: 'bob' }, { uid: 'cyd' }] }],
  ['ada', 'changeGroupMemberScope', { guid: 'agora', uid: 'bob', scope: 'MODERATOR' }],
  ['ada', 'kickGroupMember', { guid: 'agora', uid: 'bob' }],
  ['ada', 'banGroupMember', { guid: 'agora', uid: 'cyd' }],
  ['ada', 'unbanGroupMember', { guid: 'agora', uid: 'cyd' }],
  ['bob', 'createGroup', { guid: 'new', name: 'New', type: 'PUBLIC', members: [{ uid: 'ada' }] }],
  ['bob', 'transferGroupOwnership', { guid: 'new', uid: 'ada' }],
  ['bob', 'deleteConversation', { receiverType: 'USER', receiverId: 'ada' }],
  ['ada', 'sendTextMessage', { ...BOB, text: 'To you' }],
  ['ada', 'deleteMessage', { messageId: last }],
  ['ada', 'deleteConversation', BOB],
  ['ada', 'deleteGroup', { guid: 'new' }],
  ['ada', 'initiateCall', { ...SAM, callType: 'AUDIO' }],
  ['ada', 'cancelCall', { sessionId: call }],
  ['ada', 'initiateCall', { ...SAM, callType: 'AUDIO' }],
  ['sam-1', 'rejectCall', { sessionId: call, status: 'REJECTED' }],
  ['ada', 'initiateCall', { ...SAM, callType: 'VIDEO' }],
  ['sam-1', 'acceptCall', { sessionId: call }],
  ['ada', 'endCall', { sessionId: call }],
];

/** What is kept nowhere, concerns who may sign in, or is an API key's to do to people. */
const OTHERS = [
  ...['sendTransientMessage', 'startTyping', 'endTyping', 'sendCallSignal'],
  ...['renewSession', 'createAuthToken', 'revokeAuthTokens'],
  ...['createUser', 'updateUser', 'deactivateUsers', 'reactivateUsers', 'deleteUser'],
];

test('each mutation that changes what somebody may see is tried', () => {
  const [mutations = ''] = /^type Mutation \{.*?^\}/ms.exec(readFileSync('schema.graphql', 'utf8')) ?? [];
  const all = [...mutations.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
  expect([...new Set([...STEPS.map(([, mutation]) => mutation), ...OTHERS])].sort()).toEqual(all.sort());
});

eachDialect((dialect) => {
  test('what is kept by events alone is, after each mutation, what who comes anew is shown', LONG_ENOUGH, async () => {
    const server = await startTestServer({ dialect, lines: WORLD });
    onTestFinished(() => server.stop());
    const ask = createAsk(server);
    const differences = createDifferences();
    const copies = await Promise.all(
      ['ada', 'bob'].map(async (uid) => {
        const replica = await createReplica(ask, uid);
        const follower = follow({
          server,
          uid,
          query: eventsQuery(REPLICA_FIELDS),
          after: replica.cursor,
          keptFor: () => 300, // ms: it comes back between the steps
          hear: replica.take,
          differences,
        });
        onTestFinished(() => follower.stop());
        return { uid, replica };
      }),
    );
    const stands = new Map<unknown, string>();
    for (const [as, mutation, input] of STEPS) {
      const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
      const told = mutation === 'initiateCall' ? 'call { sessionId }' : 'message { id }';
      const fields = /^(send|initiate)/.test(mutation) ? told : '__typename';
      const { data, code } = await ask(as, `mutation ($input: ${type}) { ${mutation}(input: $input) { ${fields} } }`, {
        input: Object.fromEntries(Object.entries(input).map(([name, value]) => [name, stands.get(value) ?? value])),
      });
      expect(code, mutation).toBeUndefined();
      const { message, call: begun } = (data as Data)[mutation];
      if (message) stands.set(last, message.id);
      if (begun) stands.set(call, begun.sessionId);
      for (const { uid, replica } of copies) {
        const compare = async () => compareReplicas(replica.show(), (await createReplica(ask, uid)).show());
        let found = await compare();
        for (const end = performance.now() + PATIENCE_MS; found.length > 0 && performance.now() < end; ) {
          await wait(20);
          found = await compare();
        }
        expect(found, `${uid} after ${as}'s ${mutation}`).toEqual([]);
      }
    }
    expect(differences.found()).toEqual([]);
  });
});

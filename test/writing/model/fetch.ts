import { expect } from 'vitest';
import type { Asker } from '../../support/ask.ts';
import { PEOPLE, WRITTEN } from './plain.ts';

type Nodes<T = Record<string, unknown>> = { readonly nodes: readonly T[] };

/** All that a user can fetch, in the shape that `allSeen` has once it is `plain`. */
export async function fetchAll(ask: Asker, uid: string): Promise<object> {
  const people = await ask.data(uid, PEOPLE);
  const guids = (people.groups as Nodes<{ guid: string }>).nodes.map(({ guid }) => guid);
  const [written, members, banned] = await Promise.all([
    ask.data(uid, WRITTEN),
    listsOf(ask, uid, guids, 'members(first: 100) { nodes { uid scope } }'),
    listsOf(ask, uid, guids, 'bannedMembers(first: 100) { nodes { uid } }'),
  ]);
  const conversations = (written.conversations as Nodes<{ messages: Nodes }>).nodes;
  for (const { messages } of conversations) expectInOrder(messages.nodes);
  const { me, users, blockedUsers: blocked, groups } = people;
  return {
    ...{ me, users, blocked, groups, members, banned },
    conversations: conversations.map(({ messages: _messages, ...conversation }) => conversation),
    messages: conversations.flatMap(({ messages }) => messages.nodes),
    saved: written.searchMessages,
    unread: written.unreadMessageCount,
  };
}

/** A list of each group, or the code with which it is refused. */
async function listsOf(ask: Asker, uid: string, guids: readonly string[], list: string): Promise<object> {
  if (guids.length === 0) return {};
  const document = `{ ${guids.map((guid, n) => `g${n}: group(guid: "${guid}") { ${list} }`).join('\n')} }`;
  const { data, errors } = await ask.answer(uid, document);
  return Object.fromEntries(
    guids.map((guid, n) => {
      const refusal = errors.find(({ path }) => path?.[0] === `g${n}`);
      return [guid, refusal ? refusal.extensions['code'] : Object.values(data[`g${n}`] as object)[0]];
    }),
  );
}

/** "`sentAt` never goes back within a conversation." */
function expectInOrder(messages: readonly Record<string, unknown>[]): void {
  const times = messages.map(({ sentAt }) => Number(sentAt));
  expect(times).toEqual([...times].sort((a, b) => a - b));
}

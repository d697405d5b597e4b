/** Every mutation of contract.graphql that the model knows: what to ask of its payload, and what the World makes of it. */
import * as groups from './groups.ts';
import * as messages from './messages.ts';
import * as people from './people.ts';
import { CONVERSATION, GROUP, MESSAGE } from './plain.ts';
import * as receipts from './receipts.ts';
import { conversationSeen, groupSeen, messageSeen } from './views.ts';
import type { As, Message, Scope, To, World } from './world.ts';

/** What is asked of a mutation's payload, and what the model answers; it throws a Refusal where the server is to refuse. */
export interface Mutation {
  readonly fields: string;
  // biome-ignore lint/suspicious/noExplicitAny: each takes the input that the generator makes for it
  readonly run: (world: World, as: As, input: any) => unknown;
}

const message = (run: (world: World, as: As, input: never) => Message): Mutation => ({
  fields: `message { ${MESSAGE} }`,
  run: (world, as, input) => ({ message: messageSeen(world, as, run(world, as, input as never)) }),
});

const action = (run: (world: World, as: As, input: { guid: string; uid: string }) => Message): Mutation => ({
  fields: `action { ${MESSAGE} }`,
  run: (world, as, input) => {
    const made = run(world, as, input);
    return { action: messageSeen(world, as, made) };
  },
});

const conversation = (run: (world: World, as: As, input: never) => string): Mutation => ({
  fields: `conversation { ${CONVERSATION} }`,
  run: (world, as, input) => ({ conversation: conversationSeen(world, as, run(world, as, input as never)) }),
});

const results = (run: (world: World, as: As, uids: string[]) => people.UserResult[]): Mutation => ({
  fields: 'results { uid code user { uid } }',
  run: (world, as, { uids }) => ({
    results: run(world, as, uids).map(({ uid, code }) => ({ uid, code, user: code === null ? uid : null })),
  }),
});

const added = (world: World, as: As, all: groups.Added[]) =>
  all.map(({ uid, action: made, code }) => ({
    uid,
    code,
    action: made && messageSeen(world, as, made),
    member: made && { uid, scope: world.groups.get(made.to.receiverId)?.members.get(uid)?.scope },
  }));

const MEMBERS = `members { uid code member { uid scope } action { ${MESSAGE} } }`;

const shown = (world: World, as: As, guid: string) => {
  const group = world.groups.get(guid);
  return group && groupSeen(as, guid, group);
};

export const MUTATIONS = {
  createUser: {
    fields: 'user { uid name }',
    run: (world, as, input) => {
      people.createUser(world, as, input);
      return { user: { uid: input.uid, name: input.name } };
    },
  },
  updateUser: {
    fields: 'user { uid name statusMessage role tags }',
    run: (world, as, input) => {
      people.updateUser(world, as, input);
      const { name, statusMessage, role, tags } = world.people.get(input.uid) ?? {};
      return { user: { uid: input.uid, name, statusMessage, role, tags } };
    },
  },
  updateMe: {
    fields: 'user { uid name statusMessage }',
    run: (world, as, input) => {
      people.updateMe(world, as, input);
      const { name, statusMessage } = world.people.get(as) ?? {};
      return { user: { uid: as, name, statusMessage } };
    },
  },
  deactivateUsers: results((world, as, uids) => people.setState(world, as, uids, 'deactivated')),
  reactivateUsers: results((world, as, uids) => people.setState(world, as, uids, 'active')),
  blockUsers: results(people.block),
  unblockUsers: results(people.unblock),

  createGroup: {
    fields: `group { ${GROUP} } ${MEMBERS}`,
    run: (world, as, input) => {
      const all = groups.createGroup(world, as, input);
      return { group: shown(world, as, input.guid), members: added(world, as, all) };
    },
  },
  updateGroup: {
    fields: `group { ${GROUP} }`,
    run: (world, as, input) => {
      groups.updateGroup(world, as, input);
      return { group: shown(world, as, input.guid) };
    },
  },
  deleteGroup: {
    fields: 'guid',
    run: (world, as, { guid }) => {
      groups.deleteGroup(world, as, guid);
      return guid;
    },
  },
  joinGroup: {
    fields: `group { ${GROUP} } action { ${MESSAGE} }`,
    run: (world, as, { guid, password }) => {
      const made = groups.join(world, as, guid, password);
      return { group: shown(world, as, guid), action: messageSeen(world, as, made) };
    },
  },
  leaveGroup: {
    fields: `group { ${GROUP} } action { id message }`,
    run: (world, as, { guid }) => {
      const { id, content } = groups.leave(world, as, guid);
      return { group: shown(world, as, guid), action: { id, message: content.message } };
    },
  },
  addGroupMembers: {
    fields: MEMBERS,
    run: (world, as, { guid, members }) => ({ members: added(world, as, groups.add(world, as, guid, members)) }),
  },
  kickGroupMember: action((world, as, { guid, uid }) => groups.kick(world, as, guid, uid)),
  banGroupMember: action((world, as, { guid, uid }) => groups.ban(world, as, guid, uid)),
  unbanGroupMember: action((world, as, { guid, uid }) => groups.unban(world, as, guid, uid)),
  changeGroupMemberScope: {
    fields: `member { uid scope } action { ${MESSAGE} }`,
    run: (world, as, { guid, uid, scope }: { guid: string; uid: string; scope: Scope }) => {
      const made = groups.changeScope(world, as, guid, uid, scope);
      return { member: { uid, scope }, action: messageSeen(world, as, made) };
    },
  },
  transferGroupOwnership: {
    fields: `group { ${GROUP} }`,
    run: (world, as, { guid, uid }) => {
      groups.transfer(world, as, guid, uid);
      return { group: shown(world, as, guid) };
    },
  },

  sendTextMessage: message((world, as, { text, ...sending }: messages.Sending & { text: string }) =>
    messages.send(world, as, sending, { type: 'TEXT', text }),
  ),
  sendMediaMessage: message(
    (world, as, input: messages.Sending & { type: 'IMAGE' | 'FILE'; url: string; caption?: string }) => {
      const { type, url, caption = null, ...sending } = input;
      return messages.send(world, as, sending, { type, url, caption });
    },
  ),
  sendCustomMessage: message((world, as, input: messages.Sending & { customData: object; subType?: string }) => {
    const { customData, subType = null, ...sending } = input;
    return messages.send(world, as, sending, { type: 'CUSTOM', customData, subType, conversationText: null });
  }),
  editMessage: message(messages.edit),
  deleteMessage: {
    fields: `message { ${MESSAGE} }`,
    run: (world, as, { messageId, permanent }) => {
      const made = messages.remove(world, as, messageId, permanent);
      return { message: made.purged ? null : messageSeen(world, as, made) };
    },
  },
  addReaction: message((world, as, { messageId, reaction }: { messageId: string; reaction: string }) =>
    messages.react(world, as, messageId, reaction),
  ),
  removeReaction: message((world, as, { messageId, reaction }: { messageId: string; reaction: string }) =>
    messages.unreact(world, as, messageId, reaction),
  ),
  pinMessage: message((world, as, { messageId }: { messageId: string }) => messages.pin(world, as, messageId, true)),
  unpinMessage: message((world, as, { messageId }: { messageId: string }) => messages.pin(world, as, messageId, false)),
  saveMessage: message((world, as, { messageId }: { messageId: string }) => messages.save(world, as, messageId, true)),
  unsaveMessage: message((world, as, { messageId }: { messageId: string }) =>
    messages.save(world, as, messageId, false),
  ),

  markAsDelivered: conversation((world, as, input: receipts.Marking) => receipts.mark(world, as, 'delivered', input)),
  markAsRead: conversation((world, as, input: receipts.Marking) => receipts.mark(world, as, 'read', input)),
  markAsUnread: conversation(receipts.markUnread),
  updateConversation: conversation(receipts.setConversation),
  deleteConversation: {
    fields: 'conversationId',
    run: (world, as, to: To) => ({ conversationId: receipts.clearConversation(world, as, to) }),
  },
} as const satisfies Record<string, Mutation>;

export type MutationName = keyof typeof MUTATIONS;

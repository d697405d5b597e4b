import type { Asker } from '../../support/ask.ts';
import type { Chance } from './chance.ts';

const PEOPLE = ['ada', 'bob', 'cyd', 'mal', 'emile', 'olga'] as const;
const OLD = ['209', '211', '202', '101', '103', '305'] as const;
const GROUPS = ['plaza', 'plaza', 'plaza', 'cellar'] as const;

/** What somebody has written: its secret words stand in no other message. */
export interface Written {
  readonly id: string;
  readonly words: string;
  readonly by: string;
}

/** Lets random things happen, as a random somebody does them; refusals are among them. */
export function createActions(ask: Asker, written: Written[]) {
  async function run(as: string, mutation: string, input: object, fields = '__typename') {
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${fields} } }`;
    const { data, errors } = await ask.answer(as, query, { input });
    const broken = errors.find(({ extensions }) => extensions['code'] === 'INTERNAL_SERVER_ERROR');
    if (broken) throw new Error(`${mutation}: ${broken.message}`);
    const refused = errors.find(({ path }) => !path);
    if (refused) throw new Error(`${mutation} is asked badly: ${refused.message}`);
    return data?.[mutation];
  }

  async function send(as: string, to: object, more: object = {}) {
    const words = `secret-${written.length}-${Math.random().toString(36).slice(2)}`;
    const done = await run(as, 'sendTextMessage', { ...to, text: `${words} <@uid:ada>`, ...more }, 'message { id }');
    if (done) written.push({ id: done.message.id, words, by: as });
  }

  async function editOwn(as: string, chance: Chance) {
    const own = written.filter(({ by }) => by === as);
    if (own.length === 0) return;
    const { id: messageId, words } = own[chance.below(own.length)] as Written;
    await run(as, 'editMessage', { messageId, text: `${words} again` });
  }

  /** Everybody is back, and may write to each other. */
  async function restore() {
    for (const uid of PEOPLE) await run('KEY', 'unbanGroupMember', { guid: 'plaza', uid });
    await run('KEY', 'addGroupMembers', { guid: 'plaza', members: PEOPLE.map((uid) => ({ uid })) });
    for (const uid of PEOPLE) await run(uid, 'unblockUsers', { uids: PEOPLE.filter((other) => other !== uid) });
  }

  return async function act(chance: Chance): Promise<void> {
    const as = chance.one(PEOPLE);
    const other = chance.one(PEOPLE);
    const guid = chance.one(GROUPS);
    const messageId = chance.of(70) ? (written.at(-1 - chance.below(5))?.id ?? '211') : chance.one(OLD);
    const group = { receiverType: 'GROUP', receiverId: guid };
    const to = chance.of(50) ? group : { receiverType: 'USER', receiverId: other };
    const reaction = chance.one(['👍', '❤️']);
    const settings = { pinned: chance.of(50), tags: [chance.one(['work', 'home'])] };
    const scope = chance.one(['MODERATOR', 'PARTICIPANT']);
    const often = [
      () => send(as, group),
      () => send(as, to),
      () => send(as, to, { quotedMessageId: messageId }),
      () => send(as, to, { parentId: messageId }),
      () => editOwn(as, chance),
      () => run('KEY', 'pinMessage', { messageId }),
      () => run('KEY', 'unpinMessage', { messageId }),
      () => run(as, 'addReaction', { messageId, reaction }),
      () => run(as, 'removeReaction', { messageId, reaction }),
      () => run(as, 'saveMessage', { messageId }),
      () => run(as, 'markAsRead', { messageId }),
      () => run(as, 'markAsDelivered', { messageId }),
      () => run(as, 'markAsUnread', { messageId }),
      () => run(as, 'updateConversation', { ...to, ...settings }),
      () => run('KEY', 'updateGroup', { guid, description: `As of ${written.length}` }),
      () => run(as, 'updateMe', { statusMessage: `As of ${written.length}` }),
      () => run(as, 'startTyping', to).then(() => run(as, 'endTyping', to)),
      () => run(as, 'sendTransientMessage', { ...to, data: { at: written.length } }),
    ] as const;
    const seldom = [
      () => run('KEY', 'deleteMessage', { messageId, permanent: chance.of(40) }),
      () => run(as, 'deleteConversation', to),
      () => run(as, 'blockUsers', { uids: [other] }),
      () => run('KEY', 'kickGroupMember', { guid, uid: other }),
      () => run('KEY', 'banGroupMember', { guid, uid: other }),
      () => run('KEY', 'addGroupMembers', { guid, members: [{ uid: other }, { uid: as }] }),
      () => run('KEY', 'changeGroupMemberScope', { guid, uid: other, scope }),
      () => run(as, 'leaveGroup', { guid }),
      () => run(as, 'joinGroup', { guid }),
      restore,
      restore,
      restore,
    ] as const;
    await chance.one<() => Promise<unknown>>(chance.of(70) ? often : seldom)();
    // What passes by is told before what is kept next.
    await run('sam-1', 'sendTextMessage', { receiverType: 'USER', receiverId: 'sam-1', text: 'A mark' });
  };
}

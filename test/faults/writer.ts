import { setTimeout as wait } from 'node:timers/promises';
import type { Ask, Data } from './asking.ts';
import type { Random } from './random.ts';
import type { Recording } from './record.ts';
import type { Differences } from './report.ts';
import type { Town } from './town.ts';

const REMEMBERED = 300;
const REACTIONS = ['👍', '🎉', ':smile:'];
const WORDS = ['one', 'two', 'three', 'déjà vu', '雪', '🙂', '@person-1', 'https://example.org/'];

/** A message that somebody has sent, for others to do something with. */
export interface Sent {
  readonly id: number;
  readonly by: string;
}

/** What the writers of a town know together. */
export interface Common {
  readonly town: Town;
  /** Asks until there is an answer. */
  readonly ask: Ask;
  /** Asks once. */
  readonly askOnce: Ask;
  readonly record: Recording;
  readonly differences: Differences;
  /** The newest messages. */
  readonly sent: Sent[];
  /** Each `muid` that was sent with, whether or not there was an answer. */
  readonly tried: Set<string>;
  /** How often each thing was done, or refused, by its code. */
  readonly counts: Map<string, number>;
  /** Whether to end. */
  readonly isOver: () => boolean;
  /** How long to wait between two things, in ms. */
  readonly pause: number;
}

const inputType = (mutation: string) => `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;

/** Does one thing after another as one user, by chance, until it is over. What fails by the connection is tried again. */
export async function write(uid: string, random: Random, common: Common): Promise<void> {
  const { town, record, sent, tried, counts, differences } = common;
  const mine: { id: number; deleted: boolean }[] = [];
  const isOwner = uid === town.owner;
  const inside = new Set(town.groupsOf(uid));
  let number = 0;

  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);

  /** What a mutation gives; undefined where it is refused for a reason that is the user's own. */
  async function mutate(ask: Ask, name: string, input: object, fields = '__typename'): Promise<Data | undefined> {
    const query = `mutation ($input: ${inputType(name)}) { ${name}(input: $input) { ${fields} } }`;
    const { data, code } = await ask(uid, query, { input });
    count(code ?? name);
    const isElsewhere = code === 'ERR_BAD_REQUEST' && 'quotedMessageId' in input;
    if (code && !isElsewhere && !/^ERR_(?!BAD_REQUEST)/.test(code))
      differences.add(`${name} was refused with ${code}: ${JSON.stringify(input)}`);
    return code ? undefined : data[name];
  }

  const insist = (name: string, input: object, fields?: string) => mutate(common.ask, name, input, fields);

  const somewhere = () =>
    random.chance(0.7)
      ? { receiverType: 'GROUP', receiverId: random.chance(0.9) ? random.pick([...inside]) : random.pick(town.groups) }
      : { receiverType: 'USER', receiverId: random.pick(town.people.filter((other) => other !== uid)) };

  async function sendText() {
    const muid = `${uid} ${number}`;
    const text = `Text ${muid}: ${random.pick(WORDS)} ${random.pick(WORDS)}`;
    number += 1;
    const answered = random.chance(0.1) ? sent.at(-random.whole(1, 20)) : undefined;
    const beside = answered && { [random.chance(0.5) ? 'parentId' : 'quotedMessageId']: String(answered.id) };
    const input = { ...somewhere(), text, muid, ...beside };
    tried.add(muid);
    const message = random.chance(0.05)
      ? await sendOnce(input)
      : await insist('sendTextMessage', input, 'message { id muid text }');
    if (!message) return;
    const id = Number(message.message.id);
    if (message.message.muid !== muid || message.message.text !== text) {
      differences.add(`"${muid}" was answered with another message: ${JSON.stringify(message)}`);
    }
    record.keep({ did: 'text', by: uid, muid, id, text });
    sent.push({ id, by: uid });
    if (sent.length > REMEMBERED) sent.shift();
    mine.push({ id, deleted: false });
    if (mine.length > REMEMBERED) mine.shift();
  }

  /** Sends, and gives up where there is no answer. */
  async function sendOnce(input: object): Promise<Data | undefined> {
    try {
      return await mutate(common.askOnce, 'sendTextMessage', input, 'message { id muid text }');
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      count('gave up');
      return undefined;
    }
  }

  const some = () => sent[random.whole(0, sent.length - 1)];
  const own = () => mine.filter(({ deleted }) => !deleted).at(-random.whole(1, 20));

  const deeds: Record<string, () => Promise<unknown>> = {
    burst: () => Promise.all(Array.from({ length: random.whole(2, 6) }, sendText)),
    text: sendText,
    async react() {
      const message = some();
      if (!message) return;
      const on = random.chance(0.7);
      const reaction = random.pick(REACTIONS);
      const done = await insist(on ? 'addReaction' : 'removeReaction', { messageId: String(message.id), reaction });
      if (done) record.keep({ did: 'react', by: uid, id: message.id, reaction, on });
    },
    async edit() {
      const message = own();
      if (!message) return;
      const text = `Edited by ${uid}: ${random.whole(0, 1e6)}`;
      if (await insist('editMessage', { messageId: String(message.id), text }))
        record.keep({ did: 'edit', id: message.id, text });
    },
    async delete() {
      const message = own();
      if (!message) return;
      if (!(await insist('deleteMessage', { messageId: String(message.id) }))) return;
      message.deleted = true;
      record.keep({ did: 'delete', id: message.id });
    },
    async mark() {
      const message = some();
      const name = random.pick(['markAsRead', 'markAsRead', 'markAsRead', 'markAsDelivered', 'markAsUnread']);
      await insist(name, message && random.chance(0.5) ? { messageId: String(message.id) } : somewhere());
    },
    async keep() {
      const message = some();
      const names = ['pinMessage', 'unpinMessage', 'unpinMessage', 'saveMessage', 'unsaveMessage'];
      if (message) await insist(random.pick(names), { messageId: String(message.id) });
    },
    set: () => {
      const tags = [random.pick(WORDS)];
      const settings = random.pick([
        { tags },
        { pinned: random.chance(0.5) },
        { mutedUntil: random.pick([null, 4e9]) },
      ]);
      return insist('updateConversation', { ...somewhere(), ...settings });
    },
    profile: () => insist('updateMe', { statusMessage: `At ${random.whole(0, 1e6)}` }),
    async come() {
      const guid = random.pick(town.groups.slice(-2));
      const on = random.chance(0.6);
      const { data, code } = await common.ask(
        uid,
        `mutation ($input: ${inputType(on ? 'joinGroup' : 'leaveGroup')}) { ${on ? 'joinGroup' : 'leaveGroup'}(input: $input) { __typename } }`,
        { input: { guid } },
      );
      count(code ?? (on ? 'joinGroup' : 'leaveGroup'));
      if (data?.joinGroup || data?.leaveGroup || code === (on ? 'ERR_ALREADY_JOINED' : 'ERR_GROUP_NOT_JOINED')) {
        record.keep({ did: 'belong', uid, guid, on });
        if (on) inside.add(guid);
        else inside.delete(guid);
      } else differences.add(`${uid} could not ${on ? 'join' : 'leave'} ${guid}: ${code}`);
    },
  };

  const owned: Record<string, () => Promise<unknown>> = {
    rename: () => insist('updateGroup', { guid: random.pick(town.groups), description: `Of ${random.whole(0, 1e6)}` }),
    scope: () =>
      insist('changeGroupMemberScope', {
        guid: random.pick(town.groups),
        uid: random.pick([...town.people, ...town.guests]),
        scope: random.pick(['MODERATOR', 'PARTICIPANT']),
      }),
    async bring() {
      const guest = random.pick(town.guests);
      const guid = random.pick(town.groups);
      const input = { guid, members: [{ uid: guest }] };
      const result = (await insist('addGroupMembers', input, 'members { code }'))?.members[0];
      if (result && (!result.code || result.code === 'ERR_ALREADY_JOINED'))
        record.keep({ did: 'belong', uid: guest, guid, on: true });
    },
    async put() {
      const [guest, guid] = [random.pick(town.guests), random.pick(town.groups)];
      const name = random.pick(['kickGroupMember', 'banGroupMember', 'unbanGroupMember']);
      const done = await insist(name, { guid, uid: guest });
      if (done && name !== 'unbanGroupMember') record.keep({ did: 'belong', uid: guest, guid, on: false });
      else if (name === 'kickGroupMember') record.keep({ did: 'belong', uid: guest, guid, on: false }); // was none, by now at the latest
    },
  };

  const often = { burst: 3, text: 8, react: 3, edit: 2, delete: 1, mark: 4, keep: 1, set: 1, profile: 1, come: 2 };
  const choices = Object.entries(often).flatMap(([name, times]) => Array<string>(times).fill(name));
  if (isOwner)
    choices.push(...['rename', 'scope', 'bring', 'bring', 'bring', 'put', 'put'].flatMap((name) => [name, name]));
  const can = isOwner ? choices.filter((name) => name !== 'come') : choices;
  while (!common.isOver()) {
    const name = random.pick(can);
    await (deeds[name] ?? owned[name])?.();
    if (common.pause > 0) await wait(common.pause);
  }
}

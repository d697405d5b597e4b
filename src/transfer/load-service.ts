import type { Conversation } from '../conversations/conversation.ts';
import { type Handle, must } from '../store/handle.ts';
import { type Batch, memberKey, muidKey } from './batch.ts';
import { createConversations, type Participant, pairOf } from './conversations.ts';
import { createGroups } from './groups.ts';
import { importStore } from './import-store.ts';
import type { MessageDraft } from './message-draft.ts';
import type { Draft } from './parse.ts';
import { createPeople, type Person } from './people.ts';
import { type Subjects, subjectsOf } from './subjects.ts';

/**
 * Looks up all that the lines are about, and takes row ids for all that they may add, in a handful of statements. Which `muid`s
 * are taken is only looked at where asked for: nearly always none is, and the table refuses those that are.
 */
export async function loadBatch(tx: Handle, drafts: readonly Draft[], now: number, withMuids: boolean): Promise<Batch> {
  const store = importStore(tx);
  const subjects = subjectsOf(drafts);
  const users = await store.peopleByUid([...subjects.uids]);
  const profiles = subjects.profiles.length > 0 ? await store.usersByUid(subjects.profiles) : [];
  const groups = await store.groupsByGuid([...subjects.guids]);
  const userIds = await tx.reserve(tx.t.users, subjects.uids.size - users.length);
  const groupIds = await tx.reserve(tx.t.groups, subjects.guids.size - groups.length);
  const people = createPeople(users, profiles, userIds, now);
  const found = createGroups(groups, groupIds, people, now);
  const pairs: [number, number][] = [];
  for (const name of subjects.conversations.values()) {
    if ('guid' in name) continue;
    const [one, other] = [people.find(name.one), people.find(name.other)];
    if (one && other) pairs.push(pairOf(one, other).map(({ id }) => id) as [number, number]);
  }
  const conversations = [
    ...(await store.conversationsOfGroups(groups.map(({ id }) => id))),
    ...(await store.conversationsOfPairs(pairs)),
  ];
  const missing = subjects.conversations.size - conversations.length;
  const conversationIds = await tx.reserve(tx.t.conversations, missing);
  const known = createConversations(conversations, [], conversationIds);
  const standings = standingsOf(subjects, people.find, (guid) => found.find(guid), known);
  const participants = await store.participants(standings.participants);
  const messages = await loadMessages(tx, subjects);
  return {
    now,
    position: standings.members.length > 0 ? ((await store.lastPosition())?.position ?? 0) : 0,
    people,
    groups: found,
    conversations: createConversations(conversations, participants as Participant[], conversationIds),
    members: new Map((await store.members(standings.members)).map((row) => [memberKey(row.groupId, row.userId), row])),
    bans: new Map((await store.bans(standings.members)).map((row) => [memberKey(row.groupId, row.userId), row])),
    ...messages,
    muids: withMuids ? await loadMuids(tx, drafts, people.find) : undefined,
    rows: emptyRows(),
    changed: new Set(),
  };
}

function standingsOf(
  { standings }: Subjects,
  user: (uid: string) => Person | undefined,
  group: (guid: string) => { id: number } | undefined,
  conversations: ReturnType<typeof createConversations>,
) {
  const members: [number, number][] = [];
  const participants: [number, number][] = [];
  for (const { uid, in: name } of standings) {
    const who = user(uid);
    if (!who) continue;
    let conversation: Conversation | undefined;
    if ('guid' in name) {
      const found = group(name.guid);
      if (!found) continue;
      members.push([found.id, who.id]);
      conversation = conversations.findOfGroup(found as never);
    } else {
      const [one, other] = [user(name.one), user(name.other)];
      conversation = one && other && conversations.findOfPair(one, other);
    }
    if (conversation) participants.push([who.id, conversation.id]);
  }
  return { members, participants };
}

async function loadMessages(tx: Handle, subjects: Subjects) {
  const store = importStore(tx);
  const messages = await store.messages([...new Set(subjects.messageIds)]);
  const refs = await store.refs([...subjects.refIds]);
  return {
    messages: new Map(messages.map((row) => [row.id, row])),
    refs: new Map(refs.map((ref) => [ref.id, ref])),
    sessions: new Map((await store.sessions(subjects.sessions)).map(({ id, sessionId }) => [sessionId, id])),
  };
}

async function loadMuids(tx: Handle, drafts: readonly Draft[], user: (uid: string) => Person | undefined) {
  const pairs = drafts.flatMap(({ kind, value }) => {
    const sender = kind === 'message' && value.muid != null ? user(value.senderUid) : undefined;
    return sender ? [[sender.id, (value as MessageDraft).muid as string] as const] : [];
  });
  const taken = await importStore(tx).muids(pairs);
  return new Map(taken.map(({ id, senderId, muid }) => [muidKey(senderId, must(muid ?? undefined)), id]));
}

function emptyRows(): Batch['rows'] {
  return {
    memberships: [],
    bans: [],
    blocks: [],
    messages: [],
    words: [],
    messageTags: [],
    mentions: [],
    attachments: [],
    edits: [],
    reactions: [],
    saves: [],
    marks: [],
    calls: [],
    callParticipants: [],
  };
}

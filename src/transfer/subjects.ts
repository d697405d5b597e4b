import type { Draft } from './parse.ts';

/** A conversation by whom it is with, as a line names it: a group by its guid, a pair by uids. */
export type ConversationName = { readonly guid: string } | { readonly one: string; readonly other: string };

/** What the lines of a batch are about: what has to be looked up before they can be taken. */
export interface Subjects {
  readonly uids: Set<string>;
  /** Of these, those whose profile a line brings. */
  readonly profiles: string[];
  readonly guids: Set<string>;
  readonly conversations: Map<string, ConversationName>;
  /** Who belongs to which group, or how which conversation stands for them. */
  readonly standings: { readonly uid: string; readonly in: ConversationName }[];
  /** Messages that lines bring, and those that they only name. */
  readonly messageIds: number[];
  readonly refIds: Set<number>;
  readonly sessions: string[];
}

/** Collects them. */
export function subjectsOf(drafts: readonly Draft[]): Subjects {
  const subjects: Subjects = {
    uids: new Set(),
    profiles: [],
    guids: new Set(),
    conversations: new Map(),
    standings: [],
    messageIds: [],
    refIds: new Set(),
    sessions: [],
  };
  for (const draft of drafts) addSubjects(subjects, draft);
  return subjects;
}

function addSubjects(subjects: Subjects, { kind, value }: Draft): void {
  const { uids, guids } = subjects;
  switch (kind) {
    case 'user':
      uids.add(value.uid);
      subjects.profiles.push(value.uid);
      break;
    case 'group':
      uids.add(value.owner);
      addConversation(subjects, 'group', '', value.guid);
      break;
    case 'groupMember':
      uids.add(value.uid);
      if (value.bannedBy != null) uids.add(value.bannedBy);
      subjects.standings.push({ uid: value.uid, in: addConversation(subjects, 'group', '', value.guid) });
      break;
    case 'block':
      uids.add(value.uid).add(value.blockedUid);
      break;
    case 'message':
      addMessage(subjects, value);
      break;
    case 'mark':
    case 'conversation': {
      const name = addConversation(subjects, value.receiverType, value.uid ?? '', value.receiver);
      if (value.uid == null) break;
      uids.add(value.uid);
      if (kind === 'conversation') subjects.standings.push({ uid: value.uid, in: name });
      break;
    }
    default: {
      subjects.refIds.add(value.messageId);
      const uid =
        kind === 'edit' ? value.editedBy : kind === 'pin' ? value.pinnedBy : kind === 'attachment' ? null : value.uid;
      if (uid != null) uids.add(uid);
    }
  }
  function addMessage(into: Subjects, draft: Extract<Draft, { kind: 'message' }>['value']) {
    const { id, senderUid, call } = draft;
    uids.add(senderUid);
    addConversation(into, draft.receiverType, senderUid, draft.receiverId);
    for (const one of draft.named) {
      if (typeof one.uid === 'string') uids.add(one.uid);
      if (typeof one['owner'] === 'string') uids.add(one['owner']);
    }
    for (const uid of [draft.actionOn, draft.editedBy, draft.deletedBy, draft.pinnedBy]) if (uid) uids.add(uid);
    for (const uid of draft.mentions ?? []) uids.add(uid);
    for (const one of call?.participants ?? []) uids.add(one.uid);
    into.messageIds.push(id);
    for (const other of [draft.parentId, draft.quotedMessageId]) if (other != null) into.refIds.add(other);
    if (call) into.sessions.push(call.sessionId);
  }
  function addConversation(into: Subjects, type: 'user' | 'group', one: string, other: string): ConversationName {
    if (type === 'group') {
      guids.add(other);
      const name = { guid: other };
      into.conversations.set(`group ${other}`, name);
      return name;
    }
    uids.add(one).add(other);
    const [a, b] = one < other ? [one, other] : [other, one];
    const name = { one: a, other: b };
    into.conversations.set(`pair ${a} ${b}`, name);
    return name;
  }
}

import { isDeepStrictEqual } from 'node:util';
import type { Conversation } from '../conversations/conversation.ts';
import { actionText } from '../messages/action-text.ts';
import type { Message } from '../messages/message.ts';
import { scopeWord } from '../messages/words.ts';
import { type Batch, muidKey } from './batch.ts';
import { LineError } from './fields.ts';
import type { MessageDraft } from './message-draft.ts';
import { addMarks, addParts } from './message-parts.ts';
import type { Person, Taken } from './people.ts';

/** Takes a message. Throws a LineError where it contradicts what is there; then nothing of it is added. */
export function takeMessage(batch: Batch, draft: MessageDraft): Taken {
  const there = batch.messages.get(draft.id);
  if (there) {
    const field = difference(batch, draft, there);
    if (!field) return 'there';
    throw new LineError('id', `message ${draft.id} is there already, and its ${field} is another`);
  }
  refuseTaken(batch, draft);
  const { sender, conversation, receiver } = resolve(batch, draft);
  const row = newRow(batch, draft, sender, conversation);
  batch.messages.set(row.id, row);
  batch.refs.set(row.id, row);
  batch.rows.messages.push(row);
  if (row.muid !== null) batch.muids?.set(muidKey(sender.id, row.muid), row.id);
  index(batch, draft, row, conversation, receiver && [sender.id, receiver.id]);
  addParts(batch, draft, row, receiver);
  addMarks(batch, draft, row, receiver);
  return 'added';
}

/** Whether anything that was there before forbids the message. */
function refuseTaken(batch: Batch, draft: MessageDraft): void {
  const { id, muid, receiverType, senderUid, receiverId, call } = draft;
  const sender = batch.people.find(senderUid);
  const conversation = conversationOf(batch, receiverType, sender, receiverId);
  const floor = conversation ? (conversation.importFloor ?? conversation.lastId) : 0;
  if (id <= floor)
    throw new LineError('id', `is not above ${floor}, the last that its conversation held before this import`);
  if (batch.muids && sender && muid != null) {
    const taken = batch.muids.get(muidKey(sender.id, muid));
    if (taken !== undefined) throw new LineError('muid', `is that of message ${taken} of the same sender`);
  }
  if (call) {
    const taken = batch.sessions.get(call.sessionId);
    if (taken !== undefined) throw new LineError('sessionId', `is that of message ${taken}`);
  }
  for (const field of ['parentId', 'quotedMessageId'] as const) {
    const other = draft[field];
    if (other == null) continue;
    if (other >= id) throw new LineError(field, 'is not below the id: a message answers an earlier one');
    const ref = batch.refs.get(other);
    if (!ref) continue;
    if (ref.conversationId !== conversation?.id)
      throw new LineError(field, `message ${other} is of another conversation`);
    if (field === 'parentId' && ref.parentId !== null) throw new LineError(field, `message ${other} is itself a reply`);
  }
}

/** The message's people and conversation, made where they are missing. */
function resolve(batch: Batch, draft: MessageDraft) {
  const { receiverType, sentAt, senderUid, receiverId, actionOn, named } = draft;
  const { people, groups, conversations } = batch;
  const missing = people.missing(named);
  const known = (uid: string, field: string) => {
    if (!people.find(uid) && !missing.some((profile) => profile.uid === uid)) people.get(uid, field);
  };
  known(senderUid, 'sender');
  if (receiverType === 'user') known(receiverId, 'receiver');
  const newGroup = receiverType === 'group' ? groups.missing(receiverId, named) : undefined;
  if (newGroup?.owner) known(newGroup.owner, 'receiver.owner');
  for (const field of ['editedBy', 'deletedBy', 'pinnedBy'] as const) if (draft[field]) known(draft[field], field);
  if (actionOn !== undefined) known(actionOn, 'actionOn');
  for (const profile of missing) people.add(profile);
  const sender = people.get(senderUid, 'sender');
  if (receiverType === 'user') {
    const receiver = people.get(receiverId, 'receiver');
    return { sender, receiver, conversation: conversations.ofPair(sender, receiver, sentAt) };
  }
  if (newGroup) {
    const owner = newGroup.owner ? people.get(newGroup.owner, 'receiver.owner') : sender;
    groups.add(newGroup, owner, newGroup.createdAt ?? sentAt);
  }
  return { sender, receiver: undefined, conversation: conversations.ofGroup(groups.get(receiverId, 'receiver')) };
}

function conversationOf(
  { groups, people, conversations }: Batch,
  receiverType: 'user' | 'group',
  sender: Person | undefined,
  receiverId: string,
): Conversation | undefined {
  if (receiverType === 'group') {
    const group = groups.find(receiverId);
    return group && conversations.findOfGroup(group);
  }
  const receiver = people.find(receiverId);
  return sender && receiver && conversations.findOfPair(sender, receiver);
}

function newRow(batch: Batch, draft: MessageDraft, sender: Person, conversation: Conversation): Message {
  const { content } = draft;
  const by = (field: 'editedBy' | 'deletedBy' | 'pinnedBy') =>
    draft[field] ? batch.people.get(draft[field], field).id : null;
  const parentId = draft.parentId ?? null;
  const counts = content.category !== 'action' && parentId === null;
  const times = [draft.editedAt, draft.deletedAt].filter((time) => time != null);
  conversation.seq += 1;
  if (counts) conversation.counted += 1;
  conversation.lastId = Math.max(conversation.lastId, draft.id);
  if (parentId === null) conversation.lastMessageId = Math.max(conversation.lastMessageId, draft.id);
  conversation.updatedAt = Math.max(conversation.updatedAt, draft.sentAt);
  return {
    id: draft.id,
    conversationId: conversation.id,
    seq: conversation.seq,
    counted: conversation.counted,
    counts,
    senderId: sender.id,
    muid: draft.muid ?? null,
    ...contentColumns(batch, draft, sender),
    sentAt: draft.sentAt,
    updatedAt: draft.updatedAt ?? (times.length > 0 ? Math.max(...times) : null),
    editedAt: draft.editedAt ?? null,
    editedById: draft.editedAt == null ? null : (by('editedBy') ?? sender.id),
    deletedAt: draft.deletedAt ?? null,
    deletedById: draft.deletedAt == null ? null : by('deletedBy'),
    purged: false,
    parentId,
    quotedId: draft.quotedMessageId ?? null,
    replyCount: 0,
    reactionCount: 0,
    mentionCount: 0,
    hasLinks: draft.hasLinks,
    pinnedAt: draft.pinnedAt ?? null,
    pinnedById: draft.pinnedAt == null ? null : by('pinnedBy'),
  };
}

/** What stands in a row about the message itself. An action's text is the sentence that tells of it. */
function contentColumns({ people }: Batch, draft: MessageDraft, sender: Person) {
  const { content, action, actionOn, oldScope = null, newScope = null } = draft;
  const on = actionOn === undefined ? undefined : people.get(actionOn, 'actionOn');
  return {
    category: content.category,
    type: content.type,
    text: content.text ?? (action ? actionText(action, sender.name, on?.name, newScope) : null),
    url: content.url ?? null,
    caption: content.caption ?? null,
    subType: content.subType ?? null,
    customData: content.customData ?? null,
    conversationText: content.conversationText ?? null,
    action: action ?? null,
    actionOnId: on?.id ?? null,
    oldScope: oldScope,
    newScope: newScope,
    metadata: content.metadata ?? null,
    tags: content.tags ?? [],
  };
}

/** What the message is found by: its words, its tags, and whom it mentions, `among` these alone where given. */
function index(
  { people, rows }: Batch,
  { words, mentions }: MessageDraft,
  row: Message,
  conversation: Conversation,
  among: readonly number[] | undefined,
): void {
  for (const tag of row.tags) rows.messageTags.push({ tag, messageId: row.id });
  if (row.category !== 'message') return;
  if (words !== '') rows.words.push({ id: row.id, words: `${words} ${scopeWord(conversation.id)}` });
  for (const uid of mentions ?? []) {
    const user = people.find(uid);
    if (!user || (among && !among.includes(user.id))) continue;
    rows.mentions.push({ messageId: row.id, userId: user.id, conversationId: conversation.id });
    row.mentionCount += 1;
  }
}

/** The field in which a message is another than the one that has its id; what was edited or deleted since is not compared. */
function difference(batch: Batch, draft: MessageDraft, there: Message): string | undefined {
  if (there.purged) return undefined;
  const { content } = draft;
  const sender = batch.people.find(draft.senderUid);
  if (!sender || there.senderId !== sender.id) return 'sender';
  if (there.conversationId !== conversationOf(batch, draft.receiverType, sender, draft.receiverId)?.id)
    return 'receiver';
  if (there.muid !== (draft.muid ?? null)) return 'muid';
  if (there.sentAt !== draft.sentAt) return 'sentAt';
  const { tags, ...columns } = contentColumns(batch, draft, sender);
  const changed =
    there.editedAt !== null || there.deletedAt !== null || draft.editedAt != null || draft.deletedAt != null;
  const fields = changed ? (['category', 'type'] as const) : (Object.keys(columns) as (keyof typeof columns)[]);
  return fields.find(
    (field) => !isDeepStrictEqual(there[field], columns[field]) && !(content.category === 'action' && field === 'text'),
  );
}

import { randomBytes } from 'node:crypto';
import type { Conversation } from '../conversations/conversation.ts';
import type { Handle } from '../store/handle.ts';
import { resort } from '../users/resort-store.ts';
import type { Batch, MessageRef } from './batch.ts';
import { importStore } from './import-store.ts';

/** What a batch added, of what could not be told before it was written. */
export interface Written {
  readonly block: number;
  readonly attachment: number;
  readonly edit: number;
  readonly reaction: number;
  readonly save: number;
  readonly mark: number;
}

/** A message has a `muid` that another of its sender's has: nothing of the batch may be kept. */
export class MuidTaken extends Error {}

/** Writes what the lines of a batch add and change, each table after those that it refers to. Throws MuidTaken. */
export async function writeBatch(tx: Handle, batch: Batch): Promise<Written> {
  const { t } = tx;
  const { people, groups, conversations, rows } = batch;
  await tx.insertMany(t.users, people.added);
  await tx.insertMany(t.groups, groups.added);
  await tx.insertMany(t.conversations, conversations.added);
  await tx.insertMany(t.memberships, rows.memberships);
  await tx.insertMany(t.bans, rows.bans);
  await tx.insertMany(t.participants, conversations.addedParticipants);
  const added = await tx.insertMissing(t.messages, rows.messages);
  if (added < rows.messages.length) throw new MuidTaken();
  await tx.addWords(rows.words);
  await tx.insertMany(t.messageTags, rows.messageTags);
  await tx.insertMany(t.mentions, rows.mentions);
  await tx.insertMany(t.calls, rows.calls);
  await tx.insertMany(t.callParticipants, rows.callParticipants);
  await updateRows(tx, batch);
  const last = rows.messages.reduce((most, { id }) => Math.max(most, id), 0);
  if (last > 0) await tx.keepAbove(t.messages, last);
  return {
    block: await tx.insertMissing(t.blocks, rows.blocks),
    attachment: await tx.insertMissing(t.attachments, rows.attachments),
    edit: await tx.insertMissing(t.edits, rows.edits),
    reaction: await addReactions(tx, batch),
    save: await tx.insertMissing(t.saves, rows.saves),
    mark: await tx.insertMissing(t.marks, rows.marks),
  };
}

async function updateRows(tx: Handle, { people, groups, conversations, rows, changed }: Batch): Promise<void> {
  const { t } = tx;
  const completed = among(people.completed, people.added);
  await tx.updateMany(t.users, ['id'], completed);
  const ids = completed.map(({ id }) => id);
  if (ids.length > 0) await resort(tx, ids);
  await tx.updateMany(t.groups, ['id'], among(groups.changed, groups.added));
  await tx.updateMany(t.conversations, ['id'], among(conversations.changed, conversations.added).map(place));
  await tx.updateMany(
    t.participants,
    ['userId', 'conversationId'],
    among(conversations.changedParticipants, conversations.addedParticipants),
  );
  const columns = among<MessageRef>(changed, rows.messages).map(({ id, url, pinnedAt, pinnedById }) => ({
    id,
    url,
    pinnedAt,
    pinnedById,
  }));
  await tx.updateMany(t.messages, ['id'], columns);
}

/** What of a conversation an import changes. */
const place = ({ id, seq, counted, lastId, lastMessageId, importFloor, updatedAt }: Conversation) => ({
  id,
  seq,
  counted,
  lastId,
  lastMessageId,
  importFloor,
  updatedAt,
});

async function addReactions(tx: Handle, { rows }: Batch): Promise<number> {
  const added = await tx.insertMissing(tx.t.reactions, rows.reactions);
  if (added > 0) await importStore(tx).countReactions([...new Set(rows.reactions.map(({ messageId }) => messageId))]);
  return added;
}

/** Those of the changed rows that were there before. */
function among<Row>(changed: ReadonlySet<Row>, added: readonly Row[]): Row[] {
  return changed.size === 0 ? [] : [...changed.difference(new Set(added))];
}

/** Names the event log anew: whoever followed it has missed what was imported, and is told so. */
export async function renameLog(tx: Handle): Promise<void> {
  await importStore(tx).setEpoch(randomBytes(8).toString('hex'));
}

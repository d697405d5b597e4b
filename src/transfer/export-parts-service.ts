import type { Handle } from '../store/handle.ts';
import { attachmentFields, compare, editFields, line } from './export-lines.ts';
import { pages, type Write } from './export-pages.ts';
import { exportStore } from './export-store.ts';

type Queries = ReturnType<typeof exportStore>;
type RowOf<List extends keyof Queries> = Awaited<ReturnType<Queries[List]>> extends (infer Row)[] ? Row : never;
type Id = { readonly id: number };

/** Writes what belongs to messages: files, edits, reactions, pins and saves. */
export async function exportParts(read: Handle, write: Write): Promise<void> {
  const queries = exportStore(read);
  await exportFiles(queries, write);
  await exportEdits(queries, write);
  await exportReactions(queries, write);
  await exportPins(queries, write);
  await exportSaves(queries, write);
}

async function exportFiles(queries: Queries, write: Write): Promise<void> {
  const after = (last: RowOf<'attachments'> | undefined) =>
    queries.attachments(last?.messageId ?? 0, last?.position ?? 0);
  for await (const page of pages(after)) {
    await write(page.map((file) => line('attachment', attachmentFields(file))).join(''));
  }
}

async function exportEdits(queries: Queries, write: Write): Promise<void> {
  const after = (last: RowOf<'edits'> | undefined) => queries.edits(last?.messageId ?? 0, last?.position ?? 0);
  for await (const page of pages(after)) {
    await write(page.map((edit) => line('edit', editFields(edit))).join(''));
  }
}

async function exportReactions(queries: Queries, write: Write): Promise<void> {
  for await (const page of pages((last: Id | undefined) => queries.reactedIds(last?.id ?? 0))) {
    const rows = await queries.reactions(idsOf(page));
    const lines = rows
      .toSorted((a, b) => a.messageId - b.messageId || compare(a.reaction, b.reaction) || compare(a.uid, b.uid))
      .map(({ messageId, uid, reaction, at }) =>
        line('reaction', { messageId: String(messageId), uid, reaction, reactedAt: at }),
      );
    await write(lines.join(''));
  }
}

async function exportPins(queries: Queries, write: Write): Promise<void> {
  for await (const page of pages((last: Id | undefined) => queries.pinnedIds(last?.id ?? 0))) {
    const rows = await queries.pins(idsOf(page));
    const users = await queries.usersById(rows.flatMap(({ pinnedById }) => pinnedById ?? []));
    const uids = new Map(users.map(({ id, uid }) => [id, uid]));
    const lines = rows.map(({ messageId, pinnedAt, pinnedById }) =>
      line('pin', { messageId: String(messageId), pinnedAt, pinnedBy: uids.get(pinnedById ?? 0) }),
    );
    await write(lines.join(''));
  }
}

async function exportSaves(queries: Queries, write: Write): Promise<void> {
  for await (const page of pages((last: Id | undefined) => queries.savedIds(last?.id ?? 0))) {
    const rows = await queries.saves(idsOf(page));
    const lines = rows
      .toSorted((a, b) => a.messageId - b.messageId || compare(a.uid, b.uid))
      .map(({ messageId, uid, savedAt }) => line('save', { messageId: String(messageId), uid, savedAt }));
    await write(lines.join(''));
  }
}

const idsOf = (rows: readonly Id[]): number[] => rows.map(({ id }) => id);

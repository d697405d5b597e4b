import { type Handle, must } from '../store/handle.ts';
import { compare, line } from './export-lines.ts';
import { pages, type Write } from './export-pages.ts';
import { standingsStore } from './export-standings-store.ts';
import { exportStore } from './export-store.ts';

const EVERYBODY = 0;

/** A conversation, as one of its users names it. */
interface Subject {
  readonly id: number;
  readonly lastId: number;
  readonly receiverOf: (uid: string) => { readonly receiverType: 'user' | 'group'; readonly receiver: string };
}

/** Writes the receipts, then how each conversation stands for those who do not just have all of it behind them. */
export async function exportStandings(read: Handle, write: Write): Promise<void> {
  for await (const conversation of conversations(read)) await exportMarks(read, write, conversation);
  for await (const conversation of conversations(read)) await exportParticipants(read, write, conversation);
}

/** Those of groups by guid, then those between two by their uids. */
async function* conversations(read: Handle): AsyncGenerator<Subject> {
  const queries = exportStore(read);
  for await (const page of pages((last: { id: number; guid: string } | undefined) =>
    queries.groups(last?.guid ?? ''),
  )) {
    const found = await standingsStore(read).conversationsOfGroups(page.map(({ id }) => id));
    const byGroup = new Map(found.map((conversation) => [conversation.groupId, conversation]));
    for (const { id, guid } of page) {
      const conversation = byGroup.get(id);
      if (conversation) yield { ...conversation, receiverOf: () => ({ receiverType: 'group', receiver: guid }) };
    }
  }
  for await (const page of pages((last: { id: number; uid: string } | undefined) => queries.users(last?.uid ?? ''))) {
    const found = await standingsStore(read).conversationsOfUsers(page.map(({ id }) => id));
    const uids = new Map(page.map(({ id, uid }) => [id, uid]));
    const named = found.map((conversation) => ({ ...conversation, first: must(uids.get(conversation.userA ?? 0)) }));
    for (const { id, lastId, first, other } of named.toSorted(
      (a, b) => compare(a.first, b.first) || compare(a.other, b.other),
    )) {
      yield { id, lastId, receiverOf: (uid) => ({ receiverType: 'user', receiver: uid === first ? other : first }) };
    }
  }
}

async function exportMarks(read: Handle, write: Write, { id, receiverOf }: Subject): Promise<void> {
  const queries = standingsStore(read);
  const markers = (await queries.markers(id)).map((marker) => marker.id);
  if (markers.length === 0) return;
  const end = (await queries.newest(id))?.id ?? 0;
  const users = (await exportStore(read).usersById(markers)).toSorted((a, b) => compare(a.uid, b.uid));
  const everybody = markers.includes(EVERYBODY) ? [{ id: EVERYBODY, uid: undefined }] : [];
  for (const { id: userId, uid } of [...everybody, ...users]) {
    for (const kind of ['delivered', 'read'] as const) {
      let written = 0;
      for await (const page of pages((last: { upTo: number; at: number } | undefined) =>
        queries.marks(id, userId, kind, last?.upTo ?? 0),
      )) {
        const lines: string[] = [];
        for (const { upTo, at } of page) {
          // What was purged does not go along: a mark on it stands on the last message that does.
          if (Math.min(upTo, end) <= written) continue;
          written = Math.min(upTo, end);
          lines.push(line('mark', { uid, ...receiverOf(uid ?? ''), type: kind, messageId: String(written), at }));
        }
        await write(lines.join(''));
      }
    }
  }
}

async function exportParticipants(read: Handle, write: Write, { id, lastId, receiverOf }: Subject): Promise<void> {
  const queries = standingsStore(read);
  const rows = await queries.participants(id, lastId);
  if (rows.length === 0) return;
  const end = (await queries.newest(id))?.id ?? 0;
  const lines = rows.flatMap((row) => {
    const place = [row.readUpTo, row.readMark, row.deliveredMark].map((mark) => Math.min(mark, end));
    const cleared = Math.min(row.clearedUpTo, end);
    const isSet = cleared > 0 || row.tags.length > 0 || row.pinnedAt !== null || row.mutedUntil !== null;
    if (!isSet && (!row.active || place.every((mark) => mark === end))) return [];
    // Who has left stands nowhere: what they had set is kept, should they come back.
    const [lastReadMessageId, readMark, deliveredMark] = row.active ? place.map(String) : [];
    const { uid, tags, pinnedAt, mutedUntil } = row;
    const settings = { clearedUpTo: cleared > 0 ? String(cleared) : null, tags, pinnedAt, mutedUntil };
    return [line('conversation', { uid, ...receiverOf(uid), lastReadMessageId, readMark, deliveredMark, ...settings })];
  });
  await write(lines.join(''));
}

import { type Handle, must } from '../store/handle.ts';
import { compare, groupFields, line, userFields } from './export-lines.ts';
import { pages, type Write } from './export-pages.ts';
import { exportStore } from './export-store.ts';

/** Writes people, groups, who belongs to them or is banned, and who has blocked whom. */
export async function exportProfiles(read: Handle, write: Write): Promise<void> {
  const queries = exportStore(read);
  const users = () => pages<{ id: number; uid: string }>((last) => queries.users(last?.uid ?? ''));
  for await (const page of users()) await write(page.map((user) => line('user', userFields(user as never))).join(''));
  const groups: { id: number; guid: string }[] = [];
  for await (const page of pages<(typeof groups)[0]>((last) => queries.groups(last?.guid ?? ''))) {
    await write(page.map((group) => line('group', groupFields(group as never))).join(''));
    groups.push(...page.map(({ id, guid }) => ({ id, guid })));
  }
  for (const { id, guid } of groups) await exportMembers(read, write, id, guid);
  for await (const page of users()) {
    const uidOf = new Map(page.map(({ id, uid }) => [id, uid]));
    const blocks = await queries.blocksBy(page.map(({ id }) => id));
    const lines = blocks
      .map(({ blockerId, uid, at }) => ({ uid: must(uidOf.get(blockerId)), blockedUid: uid, blockedAt: at }))
      .toSorted((a, b) => compare(a.uid, b.uid) || compare(a.blockedUid, b.blockedUid));
    await write(lines.map((block) => line('block', block)).join(''));
  }
}

async function exportMembers(read: Handle, write: Write, group: number, guid: string): Promise<void> {
  const queries = exportStore(read);
  type Sorted = { sortKey: string };
  for await (const page of pages<Awaited<ReturnType<typeof queries.members>>[0]>((last) =>
    queries.members(group, last?.sortKey ?? ''),
  )) {
    const lines = page.map(({ uid, name, scope, joinedAt }) =>
      line('groupMember', { guid, uid, name, scope, joinedAt }),
    );
    await write(lines.join(''));
  }
  for await (const page of pages<Awaited<ReturnType<typeof queries.banned>>[0] & Sorted>((last) =>
    queries.banned(group, last?.sortKey ?? ''),
  )) {
    const lines = page.map(({ uid, name, at, by }) =>
      line('groupMember', { guid, uid, name, isBanned: true, bannedAt: at, bannedBy: by }),
    );
    await write(lines.join(''));
  }
}

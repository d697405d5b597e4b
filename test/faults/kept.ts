import type { Database } from '../../src/store/handle.ts';
import type { Truth } from './log-truth.ts';
import type { Acknowledged } from './record.ts';
import type { Differences } from './report.ts';
import type { Town } from './town.ts';

/** That all that was acknowledged is kept, once (I1), and that nothing is there that nobody sent. */
export async function checkKept(
  db: Database,
  { messages }: Truth,
  acknowledged: readonly Acknowledged[],
  tried: ReadonlySet<string>,
  differences: Differences,
): Promise<void> {
  const { t, db: query } = db.read;
  const byId = new Map(messages.map((message) => [message.id, message]));
  const byMuid = new Map<string, number[]>();
  for (const { muid, id } of messages) if (muid !== null) byMuid.set(muid, [...(byMuid.get(muid) ?? []), id]);
  const uids = new Map((await query.select().from(t.users)).map(({ id, uid }) => [id, uid]));
  const reactions = new Set(
    (await query.select().from(t.reactions)).map((row) => `${uids.get(row.userId)} ${row.messageId} ${row.reaction}`),
  );
  const guids = new Map((await query.select().from(t.groups)).map(({ id, guid }) => [id, guid]));
  const members = new Set(
    (await query.select().from(t.memberships))
      .filter(({ toPosition }) => toPosition === null)
      .map(({ userId, groupId }) => `${uids.get(userId)} ${guids.get(groupId)}`),
  );

  const texts = new Map<number, string>();
  const deleted = new Set<number>();
  const last = new Map<string, Acknowledged>();
  for (const one of acknowledged) {
    if (one.did === 'text') {
      const ids = byMuid.get(one.muid) ?? [];
      if (ids.length !== 1 || ids[0] !== one.id) {
        differences.add(`I1: "${one.muid}" was acknowledged as ${one.id}, and is stored as [${ids.join()}]`);
      }
      if (byId.get(one.id)?.sender !== one.by) differences.add(`I1: message ${one.id} is not ${one.by}'s`);
      texts.set(one.id, one.text);
    } else if (one.did === 'edit') texts.set(one.id, one.text);
    else if (one.did === 'delete') deleted.add(one.id);
    else if (one.did === 'react') last.set(`${one.by} ${one.id} ${one.reaction}`, one);
    else last.set(`${one.uid} ${one.guid}`, one);
  }
  for (const [id, text] of texts) {
    const stored = byId.get(id);
    const wanted = deleted.has(id) ? null : text;
    const found = stored?.deletedAt == null ? stored?.text : null;
    if (found !== wanted) differences.add(`I1: message ${id} must say ${wanted}, and says ${found}`);
  }
  for (const [what, one] of last) {
    if (one.did === 'react' && byId.get(one.id)?.deletedAt === null && reactions.has(what) !== one.on) {
      differences.add(`I1: the reaction "${what}" must ${one.on ? '' : 'not '}be there`);
    }
    if (one.did === 'belong' && members.has(what) !== one.on) {
      differences.add(`I1: the membership "${what}" must ${one.on ? '' : 'not '}be there`);
    }
  }
  for (const [muid, ids] of byMuid) {
    if (!tried.has(muid)) differences.add(`I1: nobody sent "${muid}"`);
    if (ids.length > 1) differences.add(`I1: "${muid}" is stored ${ids.length} times`);
  }
}

/** That every message has its event (I3), and every event of a message its message. */
export function checkTold({ messages, log }: Truth, differences: Differences): void {
  const told = new Map<number, number>();
  const ids = new Set(messages.map(({ id }) => id));
  for (const { kind, messageId } of log) {
    if (messageId === null) continue;
    if (!ids.has(messageId)) differences.add(`I3: ${kind} is of message ${messageId}, which is not there`);
    if (kind === 'MESSAGE_SENT' || kind === 'MEMBERSHIP_CHANGED') told.set(messageId, (told.get(messageId) ?? 0) + 1);
  }
  for (const { id } of messages) {
    if (told.get(id) !== 1) differences.add(`I3: message ${id} has ${told.get(id) ?? 0} events`);
  }
}

/** That `seq` has no gap in any conversation (I2). */
export function checkNumbered({ messages }: Truth, differences: Differences): void {
  const last = new Map<number, number>();
  for (const { id, seq, conversationId } of messages) {
    const before = last.get(conversationId) ?? 0;
    if (seq !== before + 1) differences.add(`I2: message ${id} has seq ${seq} after ${before}`);
    last.set(conversationId, seq);
  }
}

/** What is left unread, counted the slow way: by conversation's name, of those that a user takes part in. */
export async function countUnread(db: Database, { messages, conversations }: Truth, town: Town) {
  const { t, db: query } = db.read;
  const uids = new Map((await query.select().from(t.users)).map(({ id, uid }) => [id, uid]));
  const counting = Map.groupBy(
    messages.filter(({ counts, deletedAt }) => counts && deletedAt === null),
    ({ conversationId }) => conversationId,
  );
  const found = new Map<string, Map<string, number>>(
    [town.owner, ...town.people, ...town.guests].map((uid) => [uid, new Map()]),
  );
  for (const { userId, conversationId, active, readUpTo, clearedUpTo } of await query.select().from(t.participants)) {
    const uid = uids.get(userId) ?? '';
    if (!active) continue;
    const beyond = Math.max(readUpTo, clearedUpTo);
    const unread = (counting.get(conversationId) ?? []).filter(({ id, sender }) => id > beyond && sender !== uid);
    found.get(uid)?.set(conversations.get(conversationId)?.name ?? '', unread.length);
  }
  return found;
}

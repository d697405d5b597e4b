import { asc } from 'drizzle-orm';
import { comparePlaces, decodeCursor, encodeCursor, type Place } from '../../src/events/cursor.ts';
import type { Database } from '../../src/store/handle.ts';

/** A message as the database keeps it, with its sender's uid. */
export interface StoredMessage {
  readonly id: number;
  readonly seq: number;
  readonly muid: string | null;
  readonly sender: string;
  readonly text: string | null;
  readonly category: string;
  readonly action: string | null;
  readonly conversationId: number;
  readonly counts: boolean;
  readonly deletedAt: number | null;
  readonly sentAt: number;
}

/** An event as the log keeps it; `line` is what a follower makes of it. */
export interface LogEntry {
  readonly cursor: string;
  readonly place: Place;
  readonly kind: string;
  readonly at: number;
  readonly line: string;
  readonly topics: readonly string[];
  readonly by: string | null;
  readonly user: string | null;
  readonly conversationId: number | null;
  readonly messageId: number | null;
  readonly upTo: number | null;
}

export interface Truth {
  readonly messages: readonly StoredMessage[];
  /** By the database's own number: what the conversation is called, and its group's guid. */
  readonly conversations: ReadonlyMap<number, { readonly name: string; readonly guid: string | null }>;
  /** In order. */
  readonly log: readonly LogEntry[];
}

/** Reads all that there is, behind the public door. */
export async function readTruth(db: Database): Promise<Truth> {
  const { t, db: query } = db.read;
  const uids = new Map(
    (await query.select({ id: t.users.id, uid: t.users.uid }).from(t.users)).map((u) => [u.id, u.uid]),
  );
  const uidOf = (id: number | null) => (id === null ? null : (uids.get(id) ?? `user ${id}`));
  const groups = new Map(
    (await query.select({ id: t.groups.id, guid: t.groups.guid }).from(t.groups)).map((g) => [g.id, g.guid]),
  );
  const conversations = new Map(
    (await query.select().from(t.conversations)).map(({ id, groupId, userA, userB }) => {
      const guid = groupId === null ? null : (groups.get(groupId) ?? '');
      return [id, { name: guid === null ? `${uidOf(userA)}_user_${uidOf(userB)}` : `group_${guid}`, guid }];
    }),
  );
  const rows = await query.select().from(t.messages).orderBy(asc(t.messages.id));
  const messages = rows.map((row) => ({ ...row, sender: uidOf(row.senderId) ?? '' }));

  const [epoch] = (await query.select().from(t.meta)).filter(({ name }) => name === 'epoch').map(({ value }) => value);
  const topics = new Map<number, string[]>();
  for (const { position, topic } of await query.select().from(t.eventTopics)) {
    const known = topics.get(position);
    if (known) known.push(topic);
    else topics.set(position, [topic]);
  }
  const events = await query.select().from(t.events).orderBy(asc(t.events.xid), asc(t.events.position));
  const log = events.map((event): LogEntry => {
    const { kind, at, byId, userId, conversationId, messageId, position, xid } = event;
    const details = (event.details ?? {}) as { upTo?: number; reaction?: string; guid?: string; sessionId?: string };
    const named = /^(MESSAGES_|CONVERSATION_)/.test(kind) ? conversations.get(conversationId ?? 0)?.name : undefined;
    const parts = [
      kind,
      /^(MESSAGE|REACTION)_/.test(kind) ? messageId : undefined,
      details.reaction,
      named,
      details.upTo,
      details.guid,
      /^(MEMBERSHIP|USER)_/.test(kind) ? uidOf(userId) : undefined,
      details.sessionId,
    ];
    return {
      cursor: encodeCursor(epoch ?? '', { xid, position }),
      place: { xid, position },
      kind,
      at,
      line: parts.filter((part) => part !== undefined && part !== null).join(' '),
      topics: topics.get(position) ?? [],
      by: uidOf(byId),
      user: uidOf(userId),
      conversationId,
      messageId,
      upTo: details.upTo ?? null,
    };
  });
  return { messages, conversations, log };
}

const INTO = new Set(['joined', 'added']);
const OUT_OF = new Set(['left', 'kicked', 'banned']);

/**
 * What a user was allowed to hear after a cursor, by the log alone: all of their own topic, and of groups from the event with which
 * they came in up to the one with which they went. `groups` are those that they were in from the beginning.
 */
export function allowed({ log, messages }: Truth, uid: string, groups: readonly string[], after: string): LogEntry[] {
  const actions = new Map(messages.filter(({ action }) => action !== null).map(({ id, action }) => [id, action ?? '']));
  const heard = new Set([`user:${uid}`, ...groups.map((guid) => `group:${guid}`)]);
  const from = placeOf(after);
  const found: LogEntry[] = [];
  for (const entry of log) {
    if (comparePlaces(entry.place, from) > 0 && entry.topics.some((topic) => heard.has(topic))) found.push(entry);
    if (entry.kind !== 'MEMBERSHIP_CHANGED' || entry.user !== uid) continue;
    const action = actions.get(entry.messageId ?? 0) ?? '';
    const topic = entry.topics.find((name) => name.startsWith('group:')) ?? '';
    if (INTO.has(action)) heard.add(topic);
    if (OUT_OF.has(action)) heard.delete(topic);
  }
  return found;
}

function placeOf(cursor: string) {
  const place = decodeCursor(cursor);
  if (!place) throw new Error(`"${cursor}" is no cursor`);
  return place;
}

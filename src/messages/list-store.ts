import { and, eq, getTableColumns, gt, isNotNull, isNull, lt, ne, placeholder as ph, type SQL, sql } from 'drizzle-orm';
import type { Awaitable } from '../awaitable.ts';
import { removedConversations } from '../conversations/removed-store.ts';
import type { Handle } from '../store/handle.ts';
import { type Condition, type Page, pagedBy, type Range } from '../store/keyset.ts';
import type { Message } from './message.ts';

/** Where messages are listed from: one conversation as a user may read it, all that a user may read, or everything. */
export type Source =
  | { readonly of: 'conversation'; readonly id: number; readonly after: number; readonly readUpTo: number }
  | { readonly of: 'participant' }
  | { readonly of: 'everything' };

/** Which messages a list holds; what is left out does not matter. Users are row ids; `match` is the dialect's `matchQuery`. */
export interface MessageConditions {
  readonly viewerId: number;
  readonly match?: string | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly types?: readonly string[] | undefined;
  readonly parentId?: number | undefined;
  readonly hideReplies?: boolean | undefined;
  readonly hideDeleted?: boolean | undefined;
  readonly hideFromBlockedUsers?: boolean | undefined;
  readonly unreadOnly?: boolean | undefined;
  readonly updatedAfter?: number | undefined;
  readonly sentAfter?: number | undefined;
  readonly sentBefore?: number | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly mentionedIds?: readonly number[] | undefined;
  readonly hasAttachments?: boolean | undefined;
  readonly hasLinks?: boolean | undefined;
  readonly hasMentions?: boolean | undefined;
  readonly hasReactions?: boolean | undefined;
  readonly pinned?: boolean | undefined;
  readonly saved?: boolean | undefined;
}

/** A page of messages by id: oldest first, or newest first. */
export function listMessages(
  handle: Handle,
  source: Source,
  conditions: MessageConditions,
  order: 'ascending' | 'descending',
  range: Range,
): Awaitable<Page<Message>> {
  const { db, t } = handle;
  const { messages: m, participants: p } = t;
  const { words } = handle.sql;
  const searching = conditions.match !== undefined;
  const by = searching ? words.id : m.id;
  const all = [
    ...fromSource(handle, source, conditions.viewerId, searching),
    ...toConditions(handle, source, conditions),
  ];
  const name = `messages ${source.of}`;
  return pagedBy(handle, name, { by, order, kind: 'number' }, range, all, (where, { orderBy, limit }) => {
    const rows = db.select(getTableColumns(m));
    const found = searching ? rows.from(words.table).innerJoin(m, eq(m.id, words.id)) : rows.from(m);
    const read =
      source.of === 'participant'
        ? found.$dynamic().innerJoin(p, and(eq(p.conversationId, m.conversationId), eq(p.userId, ph('viewer'))))
        : found.$dynamic();
    return read
      .where(and(...where))
      .orderBy(orderBy)
      .limit(limit);
  });
}

function fromSource(handle: Handle, source: Source, viewer: number, searching: boolean): Condition[] {
  const { messages: m, participants: p } = handle.t;
  const kept = { name: 'kept', where: () => sql`not ${m.purged}` };
  switch (source.of) {
    case 'everything':
      return [kept, { name: 'there', where: () => sql`${m.conversationId} not in ${removedConversations(handle)}` }];
    case 'participant':
      return [kept, { name: 'mine', where: () => sql`${p.active} and ${m.id} > ${p.clearedUpTo}`, params: { viewer } }];
    case 'conversation': {
      const { id: conversation, after } = source;
      // A search goes by the words, which name the conversation too; the plus keeps the planner off the index by conversation.
      const of = searching ? sql`+${m.conversationId}` : m.conversationId;
      const where = () => sql`${of} = ${ph('conversation')} and ${m.id} > ${ph('after')}`;
      return [kept, { name: searching ? 'found in' : 'in', where, params: { conversation, after } }];
    }
  }
}

function toConditions(handle: Handle, source: Source, conditions: MessageConditions): Condition[] {
  const { messages: m } = handle.t;
  const { among } = handle.sql;
  const made: Condition[] = [];
  /** Adds the condition where its value is given; the value is its parameter, under its own name. */
  const given = <Name extends keyof MessageConditions>(name: Name, where: (value: ReturnType<typeof ph>) => SQL) => {
    const value = conditions[name];
    if (value !== undefined) made.push({ name, where: () => where(ph(name)), params: { [name]: value } });
  };
  /** Adds the condition, or its opposite, where the flag is given. */
  const flag = (name: keyof MessageConditions, where: () => SQL) => {
    const value = conditions[name];
    if (value === true) made.push({ name, where });
    if (value === false) made.push({ name: `not ${name}`, where: () => sql`not (${where()})` });
  };
  /** Adds the condition where the flag is set. */
  const only = (name: keyof MessageConditions, condition: Omit<Condition, 'name'>) => {
    if (conditions[name] === true) made.push({ name, ...condition });
  };

  given('match', (value) => handle.sql.words.match(value as never));
  given('categories', (value) => among(m.category, value as never));
  given('types', (value) => among(m.type, value as never));
  given('parentId', (value) => eq(m.parentId, value));
  given('updatedAfter', (value) => and(isNotNull(m.updatedAt), gt(m.updatedAt, value)) as SQL);
  given('sentAfter', (value) => gt(m.sentAt, value));
  given('sentBefore', (value) => lt(m.sentAt, value));
  given('tags', (value) => taggedWith(handle, value));
  given('mentionedIds', (value) => mentioning(handle, value));
  only('hideReplies', { where: () => isNull(m.parentId) });
  only('hideDeleted', { where: () => isNull(m.deletedAt) });
  only('hideFromBlockedUsers', fromUnblocked(handle, conditions.viewerId));
  only('unreadOnly', unread(handle, source, conditions.viewerId));
  flag('hasAttachments', () => isNotNull(m.url));
  flag('hasLinks', () => sql`${m.hasLinks}`);
  flag('hasMentions', () => sql`${m.mentionCount} > 0`); // as the partial index says it, not by a parameter
  flag('hasReactions', () => sql`${m.reactionCount} > 0`);
  flag('pinned', () => isNotNull(m.pinnedAt));
  if (conditions.saved !== undefined) made.push(savedBy(handle, conditions.viewerId, conditions.saved));
  return made;
}

function taggedWith({ db, sql: { among }, t: { messages: m, messageTags } }: Handle, tags: unknown): SQL {
  const tagged = db
    .select({ id: messageTags.messageId })
    .from(messageTags)
    .where(among(messageTags.tag, tags as never));
  return sql`${m.id} in ${tagged}`;
}

function mentioning({ db, sql: { among }, t: { messages: m, mentions } }: Handle, users: unknown): SQL {
  const of = and(eq(mentions.messageId, m.id), among(mentions.userId, users as never));
  return sql`exists ${db.select({ id: mentions.userId }).from(mentions).where(of)}`;
}

function fromUnblocked({ db, t: { messages: m, blocks } }: Handle, viewer: number): Omit<Condition, 'name'> {
  const where = () => {
    const blocked = db
      .select({ id: blocks.blockedId })
      .from(blocks)
      .where(eq(blocks.blockerId, ph('viewer')));
    return sql`${m.senderId} not in ${blocked}`;
  };
  return { where, params: { viewer } };
}

/** What counts as unread: after the read mark, by others, not deleted, not a reply. */
function unread(
  { t: { messages: m, participants: p } }: Handle,
  source: Source,
  viewer: number,
): Omit<Condition, 'name'> {
  const counting = () => and(m.counts, isNull(m.deletedAt), ne(m.senderId, ph('viewer')));
  if (source.of !== 'conversation')
    return { where: () => and(gt(m.id, p.readUpTo), counting()) as SQL, params: { viewer } };
  const { readUpTo } = source;
  return { where: () => and(gt(m.id, ph('readUpTo')), counting()) as SQL, params: { viewer, readUpTo } };
}

function savedBy({ db, t: { messages: m, saves } }: Handle, viewer: number, wanted: boolean): Condition {
  const where = () => {
    const mine = db
      .select({ id: saves.messageId })
      .from(saves)
      .where(eq(saves.userId, ph('viewer')));
    return wanted ? sql`${m.id} in ${mine}` : sql`${m.id} not in ${mine}`;
  };
  return { name: wanted ? 'saved' : 'not saved', where, params: { viewer } };
}

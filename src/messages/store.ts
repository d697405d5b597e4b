import { and, eq, gt, isNull, ne, placeholder as ph, sql } from 'drizzle-orm';
import type { Awaitable } from '../awaitable.ts';
import { store } from '../store/handle.ts';
import type { Page, Range } from '../store/keyset.ts';
import { paged } from '../store/keyset.ts';
import { listMessages, type MessageConditions, type Source } from './list-store.ts';
import type { Message } from './message.ts';

export const messageStore = store((handle) => {
  const { db, t, one, all } = handle;
  const { among } = handle.sql;
  const { messages: m, participants: p, reactions, attachments, edits, mentions, saves, users } = t;
  const ofIds = (ids: readonly number[]) => ({ ids });
  const ofViewer = (viewer: number, ids: readonly number[]) => ({ viewer, ids });
  const byName = { by: users.sortKey, order: 'ascending', kind: 'string' } as const;

  return {
    byId: one(
      () =>
        db
          .select()
          .from(m)
          .where(eq(m.id, ph('id'))),
      (id: number) => ({ id }),
    ),
    byIds: all(
      () =>
        db
          .select()
          .from(m)
          .where(among(m.id, ph('ids'))),
      ofIds,
    ),
    list: (
      source: Source,
      conditions: MessageConditions,
      order: 'ascending' | 'descending',
      range: Range,
    ): Awaitable<Page<Message>> => listMessages(handle, source, conditions, order, range),
    /** The conversations that a user belongs to now. */
    conversationsOf: all(
      () =>
        db
          .select({ id: p.conversationId })
          .from(p)
          .where(and(eq(p.userId, ph('viewer')), p.active))
          .limit(ph('limit')),
      (viewer: number, limit: number) => ({ viewer, limit }),
    ),
    /** The reactions to these messages, in no order; `first`: when each was first given. */
    reactionsTo: all(
      () =>
        db
          .select({
            messageId: reactions.messageId,
            reaction: reactions.reaction,
            count: sql<number>`count(*)`.mapWith(Number).as('count'),
            mine: sql<boolean>`max(case when ${reactions.userId} = ${ph('viewer')} then 1 else 0 end)`
              .mapWith(Boolean)
              .as('mine'),
            first: sql<number>`min(${reactions.at})`.mapWith(Number).as('first'),
          })
          .from(reactions)
          .where(among(reactions.messageId, ph('ids')))
          .groupBy(reactions.messageId, reactions.reaction),
      ofViewer,
    ),
    /** Who gave which reaction to these messages. */
    giversOf: all(
      () =>
        db
          .select({ messageId: reactions.messageId, reaction: reactions.reaction, userId: reactions.userId })
          .from(reactions)
          .where(among(reactions.messageId, ph('ids'))),
      ofIds,
    ),
    listReactors: paged(
      handle,
      byName,
      ({ within, orderBy, limit }) =>
        db
          .select({ id: users.id, sortKey: users.sortKey })
          .from(reactions)
          .innerJoin(users, eq(users.id, reactions.userId))
          .where(and(eq(reactions.messageId, ph('id')), eq(reactions.reaction, ph('reaction')), ...within))
          .orderBy(orderBy)
          .limit(limit),
      (id: number, reaction: string) => ({ id, reaction }),
    ),
    attachmentsOf: all(
      () =>
        db
          .select()
          .from(attachments)
          .where(among(attachments.messageId, ph('ids')))
          .orderBy(attachments.messageId, attachments.position),
      ofIds,
    ),
    editsOf: all(
      () =>
        db
          .select()
          .from(edits)
          .where(among(edits.messageId, ph('ids')))
          .orderBy(edits.messageId, edits.position),
      ofIds,
    ),
    /** Who is mentioned in these messages, each message's by name. */
    mentionsIn: all(
      () =>
        db
          .select({ messageId: mentions.messageId, userId: mentions.userId })
          .from(mentions)
          .innerJoin(users, eq(users.id, mentions.userId))
          .where(among(mentions.messageId, ph('ids')))
          .orderBy(mentions.messageId, users.sortKey),
      ofIds,
    ),
    /** When the viewer saved those of these messages that they did. */
    savesAmong: all(
      () =>
        db
          .select({ id: saves.messageId, savedAt: saves.savedAt })
          .from(saves)
          .where(and(eq(saves.userId, ph('viewer')), among(saves.messageId, ph('ids')))),
      ofViewer,
    ),
    /** How many replies to these messages the viewer has not read. */
    unreadRepliesTo: all(
      () =>
        db
          .select({
            id: sql<number>`${m.parentId}`.mapWith(Number).as('id'),
            count: sql<number>`count(*)`.mapWith(Number).as('count'),
          })
          .from(m)
          .innerJoin(p, and(eq(p.conversationId, sql`+${m.conversationId}`), eq(p.userId, ph('viewer')))) // by the thread, not by all that is unread
          .where(
            and(among(m.parentId, ph('ids')), gt(m.id, p.readUpTo), ne(m.senderId, ph('viewer')), isNull(m.deletedAt)),
          )
          .groupBy(m.parentId),
      ofViewer,
    ),
  };
});

import { and, eq, isNotNull, ne, sql } from 'drizzle-orm';
import type { Handle } from '../store/handle.ts';

/** What a deleted group is called once nothing is left of it: its name goes last. */
export const NAMELESS = '';

/** Selects the ids of conversations of deleted groups of which something is left, which is for nobody to see. */
export const removedConversations = ({ db, t: { conversations: c, groups } }: Handle) =>
  db
    .select({ id: c.id })
    .from(groups)
    .innerJoin(c, eq(c.groupId, groups.id))
    .where(and(isNotNull(groups.deletedAt), ne(groups.name, sql.raw(`'${NAMELESS}'`))));

import { and, eq, gt, isNotNull, like, or, placeholder as ph, sql } from 'drizzle-orm';
import { store } from '../store/handle.ts';

const PAGE = 200;

export const filesStore = store(({ db, t: { attachments: a, files }, sql: { among }, all, one }) => ({
  /** Attachments that Parley keeps itself, after one of them. */
  kept: all(
    () =>
      db
        .select()
        .from(a)
        .where(
          and(
            like(a.url, 'media:%'),
            or(
              gt(a.messageId, sql`${ph('message')}`),
              and(eq(a.messageId, ph('message')), gt(a.position, sql`${ph('position')}`)),
            ),
          ),
        )
        .orderBy(a.messageId, a.position)
        .limit(PAGE),
    (message: number, position: number) => ({ message, position }),
  ),
  /** Of these files, those that a message has. */
  had: all(
    () =>
      db
        .select({ key: files.key })
        .from(files)
        .where(and(among(files.key, ph('keys')), isNotNull(files.messageId))),
    (keys: readonly string[]) => ({ keys }),
  ),
  /** Forgets what an import that was cut off left of a file. */
  forget: one(
    () =>
      db
        .delete(files)
        .where(and(eq(files.key, ph('key')), sql`${files.messageId} is null`))
        .returning({ key: files.key }),
    (key: string) => ({ key }),
  ),
}));

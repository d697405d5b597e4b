import { and, asc, eq, isNull, placeholder as ph, sql } from 'drizzle-orm';
import { store } from '../store/handle.ts';

export const fileStore = store(({ db, t: { files, messages, meta }, one, all }) => ({
  /** Tells of a file before its bytes are kept, so that they are found whatever comes between. Its size is 0 until it is a message's. */
  add: one(
    () =>
      db
        .insert(files)
        .values({
          key: ph('key'),
          name: ph('name'),
          mimeType: 'application/octet-stream',
          size: 0,
          createdAt: ph('createdAt'),
        })
        .returning({ key: files.key }),
    (key: string, name: string, createdAt: number) => ({ key, name, createdAt }),
  ),
  /** Makes a file a message's. */
  give: one(
    () =>
      db
        .update(files)
        .set({ messageId: sql`${ph('messageId')}`, mimeType: sql`${ph('mimeType')}`, size: sql`${ph('size')}` })
        .where(and(eq(files.key, ph('key')), isNull(files.messageId)))
        .returning({ key: files.key }),
    (key: string, messageId: number, mimeType: string, size: number) => ({ key, messageId, mimeType, size }),
  ),
  /** A file of a message that is there. */
  ofMessage: one(
    () =>
      db
        .select({ key: files.key, name: files.name, mimeType: files.mimeType, size: files.size })
        .from(files)
        .innerJoin(messages, eq(messages.id, files.messageId))
        .where(and(eq(files.key, ph('key')), isNull(messages.deletedAt))),
    (key: string) => ({ key }),
  ),
  /** Files of no message, the oldest first. */
  loose: all(
    () =>
      db
        .select({ key: files.key, size: files.size })
        .from(files)
        .where(isNull(files.messageId))
        .orderBy(asc(files.createdAt))
        .limit(ph('limit')),
    (limit: number) => ({ limit }),
  ),
  removeLoose: one(
    () =>
      db
        .delete(files)
        .where(and(eq(files.key, ph('key')), isNull(files.messageId)))
        .returning({ key: files.key }),
    (key: string) => ({ key }),
  ),
  meta: one(
    () =>
      db
        .select({ value: meta.value })
        .from(meta)
        .where(eq(meta.name, ph('name'))),
    (name: string) => ({ name }),
  ),
}));

import { and, asc, eq, gt, isNull, placeholder as ph, sql } from 'drizzle-orm';
import { store } from '../store/handle.ts';

/** In place of the time when a file was made: it is being removed, and becomes no message's any more. */
const DOOMED = 0;

export const fileStore = store(({ db, t: { files, messages, meta }, sql: { among }, one, all }) => ({
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
        .where(and(eq(files.key, ph('key')), isNull(files.messageId), gt(files.createdAt, DOOMED)))
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
        .select({ key: files.key })
        .from(files)
        .where(isNull(files.messageId))
        .orderBy(asc(files.createdAt))
        .limit(ph('limit')),
    (limit: number) => ({ limit }),
  ),
  /** Says of files that they are being removed, and gives those of which it is true: no message has them. */
  doom: all(
    () =>
      db
        .update(files)
        .set({ createdAt: DOOMED })
        .where(and(among(files.key, ph('keys')), isNull(files.messageId)))
        .returning({ key: files.key, size: files.size }),
    (keys: readonly string[]) => ({ keys }),
  ),
  /** Forgets files whose bytes are gone. */
  forget: all(
    () =>
      db
        .delete(files)
        .where(and(among(files.key, ph('keys')), isNull(files.messageId), eq(files.createdAt, DOOMED)))
        .returning({ key: files.key }),
    (keys: readonly string[]) => ({ keys }),
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

/**
 * A place in the log. Within one database places are ordered by `xid`, then by `position`: on SQLite, where one writer makes the
 * order, `xid` is always 0; on PostgreSQL it is the transaction's, as positions alone are not in the order of commit.
 */
export interface Place {
  readonly xid: number;
  readonly position: number;
}

/** Before anything has happened. */
export const BEGINNING: Place = { xid: 0, position: 0 };

/** Less than 0 where `a` comes before `b`, more where it comes after, 0 for the same place. */
export const comparePlaces = (a: Place, b: Place): number => a.xid - b.xid || a.position - b.position;

/** A place as clients know it: opaque, with the name of the log that it is a place of. */
export const encodeCursor = (epoch: string, { xid, position }: Place): string =>
  Buffer.from(`${epoch}:${xid}:${position}`).toString('base64url');

/** What a cursor says; undefined for any text that none is. */
export function decodeCursor(text: string): (Place & { readonly epoch: string }) | undefined {
  const [, epoch, xid, position] =
    /^([^:]+):(\d{1,15}):(\d{1,15})$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (!epoch) return undefined;
  const place = { xid: Number(xid), position: Number(position) };
  return encodeCursor(epoch, place) === text ? { epoch, ...place } : undefined;
}

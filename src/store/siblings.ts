const KEPT_MAX = 16;

let lately: (readonly object[])[] = [];

/**
 * Notes that rows were read together, for as long as the code runs that now does: who then needs something of one may read it for
 * all of them at once. The rows themselves, which others may share, know nothing of it.
 */
export function readTogether<Row extends object>(rows: Row[]): Row[] {
  if (rows.length < 2) return rows;
  if (lately.length === 0) queueMicrotask(forget);
  lately.push(rows);
  if (lately.length > KEPT_MAX) lately.shift();
  return rows;
}

function forget() {
  lately = [];
}

/** The rows that a row was read together with just now, itself among them. */
export function siblingsOf<Row extends object>(row: Row): readonly Row[] {
  const rows = lately.findLast((some) => some.includes(row));
  return (rows as readonly Row[] | undefined) ?? [row];
}

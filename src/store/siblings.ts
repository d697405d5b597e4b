/** Kept on the rows themselves: a WeakMap of them cost a third of a page's time in garbage collection. */
const SIBLINGS = Symbol('siblings');

interface Sibling<Row> {
  [SIBLINGS]?: readonly Row[];
}

/** Notes that rows were read together: who then needs something of one may read it for all of them at once. */
export function readTogether<Row extends object>(rows: Row[]): Row[] {
  if (rows.length > 1) for (const row of rows) (row as Sibling<Row>)[SIBLINGS] = rows;
  return rows;
}

/** The rows that a row was read together with, itself among them. */
export const siblingsOf = <Row extends object>(row: Row): readonly Row[] => (row as Sibling<Row>)[SIBLINGS] ?? [row];

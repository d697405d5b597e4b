import type { Awaitable } from '../awaitable.ts';

/** How many rows an export reads at a time. */
export const PAGE = 1_000;

/** Takes a piece of an export, and resolves when there is room for the next. */
export type Write = (text: string) => Promise<void>;

/** All the rows of a list, a page at a time; `list` gives those after a row. */
export async function* pages<Row>(list: (last: Row | undefined) => Awaitable<Row[]>): AsyncGenerator<Row[]> {
  let last: Row | undefined;
  for (;;) {
    const rows = await list(last);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    last = rows.at(-1);
  }
}

import { asc, type Column, desc, placeholder as ph, type SQL, sql } from 'drizzle-orm';
import { type Awaitable, andThen } from '../awaitable.ts';
import type { Handle, Params, Query } from './handle.ts';
import { readTogether } from './siblings.ts';

/** A part of an ordered list: what lies between two keys of it, from the front or, `backward`, from the end. */
export interface Range<Key extends string | number = string | number> {
  readonly after: Key | undefined;
  readonly before: Key | undefined;
  readonly limit: number;
  readonly backward: boolean;
}

/** Rows in the order of their list, and whether the range holds more of them beyond the limit. */
export interface Page<Row> {
  readonly rows: Row[];
  readonly more: boolean;
}

/** What a statement of a list is made with: its bounds, its order, and one row more than are shown. */
export interface Bounds {
  readonly within: [SQL, SQL];
  readonly orderBy: SQL;
  readonly limit: ReturnType<typeof ph>;
}

type Order = 'ascending' | 'descending';
const LOWEST = { number: Number.MIN_SAFE_INTEGER, string: '' };
const HIGHEST = { number: Number.MAX_SAFE_INTEGER, string: '\u{10ffff}'.repeat(256) }; // no key has 256 of them

/** The bounds of a list by `column`, read in the given direction, for a statement whose parameters `rangeParams` gives. */
function bounds(column: Column | SQL, direction: Order): Bounds {
  return {
    within: [sql`${column} > ${ph('above')}`, sql`${column} < ${ph('below')}`],
    orderBy: direction === 'ascending' ? asc(column) : desc(column),
    limit: ph('limit'),
  };
}

/** The direction in which a range of a list is read. */
function directionOf(list: Order, { backward }: Range): Order {
  if (!backward) return list;
  return list === 'ascending' ? 'descending' : 'ascending';
}

/** The parameters of a statement made with `bounds`. */
function rangeParams({ order, kind }: List, { after, before, limit }: Range): Params {
  const [above, below] = order === 'ascending' ? [after, before] : [before, after];
  return { above: above ?? LOWEST[kind], below: below ?? HIGHEST[kind], limit: limit + 1 };
}

/** The page that the rows of such a statement make. */
function pageOf<Row extends object>(range: Range, rows: Awaitable<Row[]>): Awaitable<Page<Row>> {
  return andThen(rows, (read) => {
    const more = read.length > range.limit;
    const shown = more ? read.slice(0, range.limit) : read;
    return { rows: readTogether(range.backward ? shown.reverse() : shown), more };
  });
}

interface List {
  readonly by: Column | SQL;
  readonly order: Order;
  readonly kind: 'number' | 'string';
}

/** A list's statement, prepared for both directions: gives a page for a range and the statement's own parameters. */
export function paged<A extends unknown[], Row extends object>(
  handle: Handle,
  list: List,
  build: (bounds: Bounds) => Query<Row>,
  params: (...args: A) => Params,
) {
  const make = (direction: Order) =>
    handle.all(
      () => build(bounds(list.by, direction)),
      (range: Range, ...args: A) => ({ ...params(...args), ...rangeParams(list, range) }),
    );
  const statements = { ascending: make('ascending'), descending: make('descending') };
  return (range: Range, ...args: A): Awaitable<Page<Row>> =>
    pageOf(range, statements[directionOf(list.order, range)](range, ...args));
}

/** A condition of a filtered list: what it says, under a name that stands for its text, and its parameters. */
export interface Condition {
  readonly name: string;
  readonly where: () => SQL;
  readonly params?: Params;
}

/** A page of a list whose statement depends on which conditions there are. Each combination is prepared once. */
export function pagedBy<Row extends object>(
  handle: Handle,
  name: string,
  list: List,
  range: Range,
  conditions: readonly Condition[],
  build: (where: SQL[], bounds: Bounds) => Query<Row>,
): Awaitable<Page<Row>> {
  const direction = directionOf(list.order, range);
  const make = () => {
    const made = bounds(list.by, direction);
    return build([...conditions.map(({ where }) => where()), ...made.within], made);
  };
  const shape = [name, direction, ...conditions.map((condition) => condition.name)].join(' ');
  const params = Object.assign(rangeParams(list, range), ...conditions.map((condition) => condition.params));
  return pageOf(range, handle.shaped(shape, make, params));
}

/** The page of a list that is at hand, in its order, by a key that is a number. */
export function pageAtHand<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => number,
  order: Order,
  { after, before, limit, backward }: Range,
): Page<Row> {
  const sign = order === 'ascending' ? 1 : -1;
  const from = after === undefined ? 0 : firstIndex(rows, (row) => sign * (keyOf(row) - Number(after)) > 0);
  const to = before === undefined ? rows.length : firstIndex(rows, (row) => sign * (keyOf(row) - Number(before)) >= 0);
  const [first, end] = backward ? [Math.max(from, to - limit), to] : [from, Math.min(to, from + limit)];
  return { rows: rows.slice(first, end), more: backward ? first > from : end < to };
}

/** Where the rows begin of which something holds, as it does of all after the first. */
export function firstIndex<Row>(rows: readonly Row[], holds: (row: Row) => boolean): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(rows[middle] as Row)) high = middle;
    else low = middle + 1;
  }
  return low;
}

import type { InputShapeFromFields, InterfaceRef, ObjectRef } from '@pothos/core';
import { type Awaitable, andThen } from '../awaitable.ts';
import { ChatError } from '../errors.ts';
import type { Page, Range } from '../store/keyset.ts';
import { builder, type SchemaTypes } from './builder.ts';

/** How many a page holds where neither `first` nor `last` says. */
export const PAGE_SIZE = 30;

/** How many a page can hold. */
export const PAGE_SIZE_MAX = 100;

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

interface Edge<Node> {
  readonly cursor: string;
  readonly node: Node;
}

interface Connection<Node> {
  readonly nodes: readonly Node[];
  readonly cursorOf: (node: Node) => string;
  readonly range: Range;
  readonly more: boolean;
  readonly total: (() => Awaitable<number | null>) | undefined;
}

type Key = string | number;
type ListArgs = InputShapeFromFields<ReturnType<typeof pageArgs>>;

const PageInfoType = builder.objectRef<PageInfo>('PageInfo').implement({
  description: 'Where a page stands in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether the list goes on after this page.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', { description: 'Whether the list has more before this page.' }),
    startCursor: t.exposeString('startCursor', {
      nullable: true,
      description: 'The first edge’s cursor: give it as `before` for the page before this one. Null on an empty page.',
    }),
    endCursor: t.exposeString('endCursor', {
      nullable: true,
      description: 'The last edge’s cursor: give it as `after` for the next page. Null on an empty page.',
    }),
  }),
});

const pageArgs = () =>
  builder.args((t) => ({
    first: t.int({ description: `How many to give from the front, ${PAGE_SIZE_MAX} at the most.` }),
    after: t.string({ description: 'Only what comes after this cursor.' }),
    last: t.int({ description: `How many to give from the end, ${PAGE_SIZE_MAX} at the most.` }),
    before: t.string({ description: 'Only what comes before this cursor.' }),
  }));

/**
 * The connection type of a list, by Relay's cursor connections. Its cursors hold the list's name and the node's key in its order,
 * and nothing else: a cursor of another list is ERR_INVALID_CURSOR. Without `first` or `last` a page is 30 from `byDefault`.
 */
export function connection<Node>(
  name: string,
  node: ObjectRef<SchemaTypes, Node> | InterfaceRef<SchemaTypes, Node>,
  list: {
    readonly keyOf: (node: Node) => Key;
    readonly kind: 'number' | 'string';
    readonly byDefault?: 'first' | 'last';
  },
) {
  const nodeName = name.replace(/Connection$/, '');
  const edge = builder.objectRef<Edge<Node>>(`${nodeName}Edge`).implement({
    description: `A ${nodeName} in its place in a list.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'The place: give it as `after` or `before`.' }),
      node: t.field({ type: node, description: 'What stands there.', resolve: (parent) => parent.node as never }),
    }),
  });
  const type = builder.objectRef<Connection<Node>>(name).implement({
    description: `A page of a list of ${nodeName}s.`,
    fields: (t) => ({
      nodes: t.field({ type: [node], description: 'What the page holds.', resolve: ({ nodes }) => nodes as never }),
      edges: t.field({
        type: [edge],
        description: 'What the page holds, each with its cursor.',
        resolve: ({ nodes, cursorOf }) => nodes.map((one) => ({ node: one, cursor: cursorOf(one) })),
      }),
      pageInfo: t.field({ type: PageInfoType, description: 'Where the page stands in the list.', resolve: pageInfo }),
      totalCount: t.int({
        nullable: true,
        description: 'How many the whole list holds; null where counting them would not be cheap.',
        resolve: ({ total }) => total?.() ?? null,
      }),
    }),
  });
  return {
    type,
    args: pageArgs,
    /** The page that `args` ask for, read by `read`; `total` counts the whole list, and `byDefault` is instead of the list's. */
    resolve(
      args: ListArgs,
      read: (range: Range) => Awaitable<Page<Node>>,
      {
        total,
        byDefault = list.byDefault ?? 'first',
      }: { total?: () => Awaitable<number | null>; byDefault?: 'first' | 'last' } = {},
    ): Awaitable<Connection<Node>> {
      const range = rangeOf(name, list.kind, byDefault, args);
      const cursorOf = (one: Node) => encodeCursor(name, list.keyOf(one));
      return andThen(read(range), ({ rows, more }) => ({ nodes: rows, cursorOf, range, more, total }));
    },
  };
}

function pageInfo<Node>({ nodes, cursorOf, range, more }: Connection<Node>): PageInfo {
  const [first, last] = [nodes[0], nodes.at(-1)];
  return {
    hasNextPage: range.backward ? range.before !== undefined : more,
    hasPreviousPage: range.backward ? more : range.after !== undefined,
    startCursor: first === undefined ? null : cursorOf(first),
    endCursor: last === undefined ? null : cursorOf(last),
  };
}

function rangeOf(name: string, kind: 'number' | 'string', byDefault: 'first' | 'last', args: ListArgs): Range {
  const [first, last] = [args.first ?? undefined, args.last ?? undefined];
  if (first !== undefined && last !== undefined)
    throw new ChatError('ERR_BAD_REQUEST', 'Give `first` or `last`, not both.');
  const backward = first === undefined && (last !== undefined || (byDefault === 'last' && !args.after));
  const limit = first ?? last ?? PAGE_SIZE;
  const which = backward ? 'last' : 'first';
  if (limit < 0) throw new ChatError('ERR_BAD_REQUEST', `\`${which}\` is ${limit}, and must be 0 or more.`);
  if (limit > PAGE_SIZE_MAX) {
    throw new ChatError('ERR_LIMIT_EXCEEDED', `\`${which}\` is ${limit}: a page holds ${PAGE_SIZE_MAX} at the most.`);
  }
  return {
    after: args.after == null ? undefined : decodeCursor(name, kind, 'after', args.after),
    before: args.before == null ? undefined : decodeCursor(name, kind, 'before', args.before),
    limit,
    backward,
  };
}

function encodeCursor(name: string, key: Key): string {
  return Buffer.from(JSON.stringify([name, key])).toString('base64url');
}

function decodeCursor(name: string, kind: 'number' | 'string', argument: string, cursor: string): Key {
  try {
    const [list, key] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const fits = kind === 'number' ? Number.isSafeInteger(key) : typeof key === 'string' && !/[\0\p{Cs}]/u.test(key);
    if (list === name && fits && encodeCursor(name, key) === cursor) return key;
  } catch {
    // not JSON: refused below like any other text that is not a cursor
  }
  throw new ChatError(
    'ERR_INVALID_CURSOR',
    `\`${argument}\` is not a cursor of this list: give one from its \`pageInfo\` or \`edges\`.`,
  );
}

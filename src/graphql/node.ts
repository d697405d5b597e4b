import type { Awaitable } from '../awaitable.ts';
import { ChatError } from '../errors.ts';
import { requireViewer } from '../viewer.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';

const NODES_MAX = 100;

/** How things of one type are found again by their `id`. */
interface NodeSource {
  /** The GraphQL type's name: of the value itself, where the type is an interface. */
  readonly typeOf: (value: object) => string | undefined;
  /** The part of the id that `find` takes; undefined where the id is of another type. */
  readonly keyOf: (id: string) => string | undefined;
  readonly find: (key: string, context: Context) => Awaitable<object | null | undefined>;
}

const sources: NodeSource[] = [];

/** Every thing with a global id. */
export const NodeType = builder.interfaceRef<object>('Node').implement({
  description: 'A thing with an id of its own, by which `node` finds it again.',
  fields: (t) => ({ id: t.id({ description: 'Unique among all things of all types.', resolve: () => '' }) }),
  resolveType: (value) => sources.map(({ typeOf }) => typeOf(value)).find((name) => name !== undefined) as never,
});

/** Lets `node` find things of a type: each slice adds its own. */
export function addNode(source: NodeSource): void {
  sources.push(source);
}

/** Takes ids such as `user:ada`, and gives what stands after the prefix. */
export const prefixed = (prefix: string) => (id: string) =>
  id.startsWith(prefix) ? id.slice(prefix.length) : undefined;

function findNode(id: string, context: Context): Awaitable<object | null> {
  requireViewer(context.viewer);
  for (const { keyOf, find } of sources) {
    const key = keyOf(id);
    if (key !== undefined) return (find(key, context) ?? null) as Awaitable<object | null>;
  }
  return null;
}

builder.queryFields((t) => ({
  node: t.field({
    type: NodeType,
    nullable: true,
    description: 'The thing with this id; null where there is none, or the viewer may not see it.',
    args: { id: t.arg.id({ required: true, description: 'A thing’s `id`.' }) },
    resolve: (_root, { id }, context) => findNode(id, context),
  }),
  nodes: t.field({
    type: [NodeType],
    nullable: { list: false, items: true },
    description: `The things with these ids, in their order, each as \`node\` gives it. ${NODES_MAX} at the most.`,
    args: { ids: t.arg.idList({ required: true, description: 'The things’ `id`s.' }) },
    resolve: (_root, { ids }, context) => {
      if (ids.length > NODES_MAX)
        throw new ChatError('ERR_LIMIT_EXCEEDED', `\`ids\` holds ${ids.length}: ${NODES_MAX} at the most.`);
      return ids.map((id) => findNode(id, context)) as never;
    },
  }),
}));

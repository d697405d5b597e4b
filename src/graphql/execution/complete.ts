import {
  type FieldNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { Awaitable } from '../../awaitable.ts';
import { sizeOf } from '../limits/characters.ts';
import type { Complete, Selection } from './fields.ts';
import { ignore, locate, type Path, type Run } from './run.ts';

/** The field whose value is completed. */
export interface Completing {
  readonly schema: GraphQLSchema;
  /** Such as `User.name`. */
  readonly name: string;
  readonly nodes: readonly FieldNode[];
  /** What the field selects of an object type. */
  readonly selectionOn: (type: GraphQLObjectType) => Selection;
}

/** How values of a type are completed. */
export function completeOf(type: GraphQLOutputType, field: Completing): Complete {
  if (isNonNullType(type)) return required(completeOf(type.ofType, field), field);
  if (isListType(type)) return list(type.ofType, field);
  if (isLeafType(type)) return leaf(type);
  if (isObjectType(type)) return object(type, field);
  return abstract(type, field);
}

function required(complete: Complete, { name }: Completing): Complete {
  const present = (value: unknown) => {
    if (value === null) throw new Error(`Cannot return null for non-nullable field ${name}.`);
    return value;
  };
  return (value, run, path) => {
    const completed = complete(value, run, path);
    return completed instanceof Promise ? completed.then(present) : present(completed);
  };
}

function leaf(type: GraphQLLeafType): Complete {
  return (value, run) => {
    if (value === null || value === undefined) return null;
    if (typeof value === 'object' && value instanceof Error) throw value;
    const output = type.coerceOutputValue(value);
    if (output === null || output === undefined) throw new Error(`${type.name} has no output for a value`);
    run.size += typeof output === 'string' ? output.length : sizeOf(output);
    return output;
  };
}

function list(itemType: GraphQLOutputType, field: Completing): Complete {
  const complete = completeOf(itemType, field);
  const mayBeNull = !isNonNullType(itemType);
  const failed = (error: unknown, run: Run, path: Path) => {
    const located = locate(error, field.nodes, path);
    if (!mayBeNull) throw located;
    run.add(located, path);
    return null;
  };
  const later = async (item: Promise<unknown>, run: Run, path: Path) => {
    try {
      const value = await item;
      run.requireWanted();
      return await complete(value, run, path);
    } catch (error) {
      return failed(error, run, path);
    }
  };
  const itemOf = (item: unknown, run: Run, path: Path): Awaitable<unknown> => {
    if (item instanceof Promise) return later(item, run, path);
    try {
      const completed = complete(item, run, path);
      if (!(completed instanceof Promise)) return completed;
      return completed.catch((error) => failed(error, run, path));
    } catch (error) {
      return failed(error, run, path);
    }
  };
  return (value, run, path) => {
    if (value === null || value === undefined) return null;
    if (value instanceof Error) throw value;
    if (!Array.isArray(value))
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${field.name}".`);
    const items: unknown[] = [];
    let waits = false;
    try {
      for (let key = 0; key < value.length; key++) {
        if (run.isTooLong) break; // nobody is sent this
        const item = itemOf(value[key], run, { before: path, key });
        waits ||= item instanceof Promise;
        items.push(item);
      }
    } catch (error) {
      ignore(items);
      throw error;
    }
    return waits ? Promise.all(items) : items;
  };
}

function object(type: GraphQLObjectType, { selectionOn }: Completing): Complete {
  let select: Selection | undefined;
  return (value, run, path) => {
    if (value === null || value === undefined) return null;
    if (value instanceof Error) throw value;
    select ??= selectionOn(type);
    return select(value, run, path);
  };
}

function abstract(type: GraphQLAbstractType, { schema, selectionOn }: Completing): Complete {
  const selections = new Map<unknown, Selection>();
  const named = (name: unknown): Selection => {
    const found = typeof name === 'string' ? schema.getType(name) : undefined;
    if (!isObjectType(found) || !schema.isSubType(type, found)) {
      throw new Error(`a value of ${type.name} is of no type of it, but "${name}"`);
    }
    const select = selectionOn(found);
    selections.set(name, select);
    return select;
  };
  return (value, run, path) => {
    if (value === null || value === undefined) return null;
    if (value instanceof Error) throw value;
    const name = type.resolveType?.(value, run.context, undefined as never, type);
    const select = selections.get(name) ?? named(name);
    return select(value, run, path);
  };
}

import type { FieldNode, GraphQLFieldResolver } from 'graphql';
import type { Awaitable } from '../../awaitable.ts';
import type { Arguments } from './arguments.ts';
import { ignore, locate, type Path, type Run } from './run.ts';

/** Makes of what a resolver gave what stands in the answer (section 6.4.3 of the specification). Throws where it can't. */
export type Complete = (value: unknown, run: Run, path: Path) => Awaitable<unknown>;

/** What is selected of an object type. */
export interface ObjectPlan {
  readonly fields: readonly FieldPlan[];
}

/** A field as it is selected. */
export interface FieldPlan {
  /** Its name in the answer. */
  readonly key: string;
  /** Its name in the type. */
  readonly name: string;
  readonly nodes: readonly FieldNode[];
  /** Undefined for a property of the object of the field's name. */
  readonly resolve: GraphQLFieldResolver<unknown, unknown> | undefined;
  readonly args: Arguments;
  readonly complete: Complete;
  /** Whether an error makes this field null, and not what it stands in. */
  readonly mayBeNull: boolean;
}

type Answer = Record<string, unknown>;

/** The fields of an object as the answer has them, at once where all are there at once. Throws what makes the whole object null. */
export function executeFields(
  { fields }: ObjectPlan,
  source: unknown,
  run: Run,
  path: Path | undefined,
): Awaitable<Answer> {
  const answer: Answer = {};
  let waiting: Promise<void>[] | undefined;
  for (const field of fields) {
    let value: Awaitable<unknown>;
    try {
      value = executeField(field, source, run, path);
    } catch (error) {
      if (waiting) ignore(waiting);
      throw error;
    }
    if (value instanceof Promise) {
      put(answer, field.key, undefined); // keeps its place
      waiting ??= [];
      waiting.push(value.then((there) => put(answer, field.key, there)));
    } else put(answer, field.key, value);
  }
  return waiting ? Promise.all(waiting).then(() => answer) : answer;
}

/** The same, each field once the one before it is done: a document's mutations. */
export async function executeInTurn({ fields }: ObjectPlan, source: unknown, run: Run): Promise<Answer> {
  const answer: Answer = {};
  for (const field of fields) {
    run.requireWanted();
    put(answer, field.key, await executeField(field, source, run, undefined));
  }
  return answer;
}

function put(answer: Answer, key: string, value: unknown): void {
  if (key !== '__proto__') answer[key] = value;
  else Object.defineProperty(answer, key, { value, enumerable: true, configurable: true, writable: true });
}

function executeField(field: FieldPlan, source: unknown, run: Run, before: Path | undefined): Awaitable<unknown> {
  const path = { before, key: field.key };
  try {
    const value = resolve(field, source, run);
    if (value instanceof Promise) return later(field, value, run, path);
    const completed = field.complete(value, run, path);
    if (!(completed instanceof Promise)) return completed;
    return completed.catch((error) => failed(field, error, run, path));
  } catch (error) {
    return failed(field, error, run, path);
  }
}

function resolve({ resolve, name, args }: FieldPlan, source: unknown, run: Run): unknown {
  if (resolve) return resolve(source, args(run.variables), run.context, undefined as never);
  return (source as Record<string, unknown>)[name];
}

async function later(field: FieldPlan, value: Promise<unknown>, run: Run, path: Path): Promise<unknown> {
  try {
    const there = await value;
    run.requireWanted();
    return await field.complete(there, run, path);
  } catch (error) {
    return failed(field, error, run, path);
  }
}

function failed({ nodes, mayBeNull }: FieldPlan, error: unknown, run: Run, path: Path): null {
  const located = locate(error, nodes, path);
  if (!mayBeNull) throw located;
  run.add(located, path);
  return null;
}

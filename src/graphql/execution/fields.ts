import type { FieldNode, GraphQLFieldResolver } from 'graphql';
import type { Awaitable } from '../../awaitable.ts';
import { SIGNS } from '../limits/characters.ts';
import type { Arguments } from './arguments.ts';
import { ignore, locate, type Path, type Run } from './run.ts';

/** Makes of what a resolver gave what stands in the answer (section 6.4.3 of the specification). Throws where it can't. */
export type Complete = (value: unknown, run: Run, path: Path) => Awaitable<unknown>;

/** An object, as the answer has it. */
export type Answer = Record<string, unknown>;

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
  /** What `typeof` says of values that stand in the answer as they are; undefined where all are to be completed. */
  readonly plain: 'string' | 'boolean' | undefined;
  /** Whether an error makes this field null, and not what it stands in. */
  readonly mayBeNull: boolean;
}

/** What is selected of an object type: gives the fields' values, at once where all are there. Throws what makes the object null. */
export type Selection = (source: unknown, run: Run, path: Path | undefined) => Awaitable<Answer>;

const PLAIN = { string: '(run.size += v.length, v)', boolean: 'v' };
const COMPILED_AFTER = 50; // executions: most documents that nobody asks again are gone by then

/** Executes the fields of a selection: one after the other at first, and by code made for them where that is done again and again. */
export function selectionOf(fields: readonly FieldPlan[]): Selection {
  let executed = 0;
  let select = inLoop(fields);
  return (source, run, path) => {
    if (executed <= COMPILED_AFTER && executed++ === COMPILED_AFTER) select = compiled(fields);
    return select(source, run, path);
  };
}

function inLoop(fields: readonly FieldPlan[]): Selection {
  const size = sizeOfKeys(fields);
  return (source, run, path) => {
    run.size += size;
    const values: Awaitable<unknown>[] = [];
    try {
      for (const field of fields) values.push(executeField(field, source, run, path));
    } catch (error) {
      ignore(values);
      throw error;
    }
    const answer = Object.fromEntries(fields.map(({ key }, n) => [key, values[n]]));
    return values.some((value) => value instanceof Promise) ? settle(answer) : answer;
  };
}

/** Characters that the fields' names take in each object. */
const sizeOfKeys = (fields: readonly FieldPlan[]): number =>
  fields.reduce((sum, { key }) => sum + key.length + SIGNS, 0);

function executeField(field: FieldPlan, source: unknown, run: Run, path: Path | undefined): Awaitable<unknown> {
  const { name, resolve, args } = field;
  let value: unknown;
  try {
    value = resolve
      ? resolve(source, args(run.variables), run.context, undefined as never)
      : (source as Record<string, unknown>)[name];
  } catch (error) {
    return failed(field, error, run, path);
  }
  return complete(field, value, run, path);
}

/**
 * Code that executes the fields and makes one object of them, of one shape: a loop over them takes twice as long. The names in the
 * code are those of the answer, as texts, and our own.
 */
function compiled(fields: readonly FieldPlan[]): Selection {
  if (fields.length === 0) return () => ({});
  const all = fields.map((_field, n) => `v${n}`);
  const names = fields.flatMap((_field, n) => [`f${n}`, `r${n}`, `a${n}`]);
  const steps = fields.map(({ name, resolve, plain }, n) => {
    const got = resolve ? `r${n}(source, a${n}(run.variables), run.context)` : `source[${JSON.stringify(name)}]`;
    const completed = `complete(f${n}, v, run, path)`;
    const value = plain ? `typeof v === '${plain}' ? ${PLAIN[plain]} : ${completed}` : completed;
    return `try { v = ${got}; v${n} = ${value}; } catch (error) { v${n} = failed(f${n}, error, run, path); }`;
  });
  const answer = fields.map(({ key }, n) => `[${JSON.stringify(key)}]: v${n}`);
  const code = `return (source, run, path) => {
    run.size += ${sizeOfKeys(fields)};
    let v, ${all.join(', ')};
    try { ${steps.join('\n')} } catch (error) { ignore([${all.join(', ')}]); throw error; }
    const answer = { ${answer.join(', ')} };
    return ${all.map((value) => `${value} instanceof Promise`).join(' || ')} ? settle(answer) : answer;
  }`;
  const make = new Function('complete', 'failed', 'ignore', 'settle', ...names, code);
  return make(complete, failed, ignore, settle, ...fields.flatMap((field) => [field, field.resolve, field.args]));
}

/** The same, each field once the one before it is done: a document's mutations. */
export function inTurn(fields: readonly FieldPlan[]): Selection {
  const steps = fields.map((field) => [field.key, selectionOf([field])] as const);
  return async (source, run, path) => {
    const entries: [string, unknown][] = [];
    for (const [key, select] of steps) {
      run.requireWanted();
      const answer = await select(source, run, path);
      entries.push([key, answer[key]]);
    }
    return Object.fromEntries(entries);
  };
}

async function settle(answer: Answer): Promise<Answer> {
  const values = await Promise.all(Object.values(answer));
  for (const [n, key] of Object.keys(answer).entries()) answer[key] = values[n];
  return answer;
}

function complete(field: FieldPlan, value: unknown, run: Run, before: Path | undefined): Awaitable<unknown> {
  const path = { before, key: field.key };
  if (value instanceof Promise) return later(field, value, run, path);
  try {
    const completed = field.complete(value, run, path);
    if (!(completed instanceof Promise)) return completed;
    return completed.catch((error) => failedAt(field, error, run, path));
  } catch (error) {
    return failedAt(field, error, run, path);
  }
}

async function later(field: FieldPlan, value: Promise<unknown>, run: Run, path: Path): Promise<unknown> {
  try {
    const there = await value;
    run.requireWanted();
    return await field.complete(there, run, path);
  } catch (error) {
    return failedAt(field, error, run, path);
  }
}

const failed = (field: FieldPlan, error: unknown, run: Run, before: Path | undefined): null =>
  failedAt(field, error, run, { before, key: field.key });

function failedAt({ nodes, mayBeNull }: FieldPlan, error: unknown, run: Run, path: Path): null {
  const located = locate(error, nodes, path);
  if (!mayBeNull) throw located;
  run.add(located, path);
  return null;
}

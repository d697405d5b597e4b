import { type GraphQLError, locatedError, type VariableValues } from 'graphql';

/** Where in the answer something stands; undefined for the answer itself. */
export interface Path {
  readonly before: Path | undefined;
  readonly key: string | number;
}

/** One execution of a plan. */
export class Run {
  readonly context: unknown;
  readonly variables: VariableValues;
  readonly errors: GraphQLError[] = [];
  /** Characters of text and JSON in the answer so far. */
  size = 0;
  readonly #sizeMax: number;
  readonly #isOver: () => boolean;
  readonly #nulled = new Set<Path | undefined>();

  /** `isOver` says whether nobody waits for the answer any more: what is still to be read is left then, as where `size` is beyond its limit. */
  constructor(context: unknown, variables: VariableValues, isOver: () => boolean, sizeMax: number) {
    this.context = context;
    this.variables = variables;
    this.#isOver = isOver;
    this.#sizeMax = sizeMax;
  }

  get isTooLong(): boolean {
    return this.size > this.#sizeMax;
  }

  /** Throws where nobody waits any more, or the answer is too long to be one. */
  requireWanted(): void {
    if (this.isTooLong || this.#isOver()) throw new Error('the execution is over');
  }

  /** Keeps an error of what stands at `path` and is null for it, unless something around it is null already. */
  add(error: GraphQLError, path: Path | undefined): void {
    for (let place = path; place; place = place.before) if (this.#nulled.has(place)) return;
    if (this.#nulled.has(undefined)) return;
    this.#nulled.add(path);
    this.errors.push(error);
  }
}

/** The error with its place in the answer; one that has a place keeps it. */
export const locate = (error: unknown, nodes: Parameters<typeof locatedError>[1], path: Path): GraphQLError =>
  locatedError(error, nodes, keysOf(path));

function keysOf(path: Path): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let place: Path | undefined = path; place; place = place.before) keys.push(place.key);
  return keys.reverse();
}

/** Values that nobody waits for any more may fail unheard. */
export function ignore(values: readonly unknown[]): void {
  for (const value of values) if (value instanceof Promise) value.catch(() => {});
}

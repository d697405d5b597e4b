import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  isObjectType,
} from 'graphql';
import type { Awaitable } from '../../awaitable.ts';
import { limitError } from './limits.ts';
import { isPage } from './page.ts';

/** What a request's context may hold: when all of it has arrived. */
interface Arriving {
  readonly received?: Promise<void> | undefined;
}

/** What is known of when a request's answer is to be there. */
interface Due {
  /** In ms of `performance.now()`, and for how many seconds that was. */
  due?: { readonly at: number; readonly seconds: number };
}

/**
 * Reads no further page for a request whose time is over. Where reads are there at once, as on SQLite, nothing else can end it: no
 * timer comes between them.
 */
export function readPagesInTime(schema: GraphQLSchema): GraphQLSchema {
  const pages = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap((type) => Object.values(type.getFields()))
    .filter(isPage);
  for (const field of pages) {
    const { resolve } = field;
    if (!resolve) throw new Error(`no resolver gives the page ${field.name}`);
    field.resolve = (source, args, context) => {
      const { due } = context as Due;
      if (due && performance.now() > due.at) throw tookTooLong(due.seconds);
      return resolve(source, args, context, undefined as never); // no resolver of ours asks for more
    };
  }
  return schema;
}

const tookTooLong = (seconds: number, isWrite = false): GraphQLError =>
  limitError(`The answer took longer than ${seconds} s.${isWrite ? MAY_BE_DONE : ''}`);

const MAY_BE_DONE =
  ' What it was to do may be done all the same: look before you ask again. A message with a `muid` is sent once, however often you ask.';

/**
 * Executes as `execute` does, and gives up where the answer takes longer than `seconds`, of which files take none while they
 * arrive. An answer that is there at once, as on SQLite, costs no timer.
 */
export function executeWithin(seconds: number, execute: (args: ExecutionArgs) => Awaitable<ExecutionResult>) {
  return (args: ExecutionArgs): Awaitable<ExecutionResult> => {
    const stop = new AbortController();
    const { received } = (args.contextValue ?? {}) as Arriving;
    const isWrite = getOperationAST(args.document, args.operationName)?.operation === 'mutation';
    const takesFiles = received && isWrite;
    const due = { at: takesFiles ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1000, seconds };
    Object.assign(args.contextValue as Due, { due });
    const result = execute({ ...args, abortSignal: stop.signal });
    if (!(result instanceof Promise))
      return performance.now() > due.at ? { errors: [tookTooLong(seconds, isWrite)] } : result;
    return new Promise((resolve, reject) => {
      let [timer, answered]: [NodeJS.Timeout | undefined, boolean] = [undefined, false];
      const start = () => {
        if (answered) return;
        due.at = performance.now() + seconds * 1000;
        timer = setTimeout(() => {
          resolve({ errors: [tookTooLong(seconds, isWrite)] });
          stop.abort();
        }, seconds * 1000);
      };
      if (received) received.then(start);
      else start();
      result.then(resolve, reject).finally(() => {
        answered = true;
        clearTimeout(timer);
      });
    });
  };
}

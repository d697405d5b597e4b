import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Awaitable } from '../../awaitable.ts';
import { limitError } from './limits.ts';

/**
 * Executes as `execute` does, and gives up where the answer takes longer than `seconds`. An answer that is there at once, as on
 * SQLite, costs no timer.
 */
export function executeWithin(seconds: number, execute: (args: ExecutionArgs) => Awaitable<ExecutionResult>) {
  return (args: ExecutionArgs): Awaitable<ExecutionResult> => {
    const stop = new AbortController();
    const result = execute({ ...args, abortSignal: stop.signal });
    if (!(result instanceof Promise)) return result;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        resolve({ errors: [limitError(`The answer took longer than ${seconds} s.`)] });
        stop.abort();
      }, seconds * 1000);
      result.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  };
}

import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Awaitable } from '../../awaitable.ts';
import { limitError } from './limits.ts';

/** What a request's context may hold: when all of it has arrived. */
interface Arriving {
  readonly received?: Promise<void> | undefined;
}

/**
 * Executes as `execute` does, and gives up where the answer takes longer than `seconds`, of which files take none while they
 * arrive. An answer that is there at once, as on SQLite, costs no timer.
 */
export function executeWithin(seconds: number, execute: (args: ExecutionArgs) => Awaitable<ExecutionResult>) {
  return (args: ExecutionArgs): Awaitable<ExecutionResult> => {
    const stop = new AbortController();
    const result = execute({ ...args, abortSignal: stop.signal });
    if (!(result instanceof Promise)) return result;
    return new Promise((resolve, reject) => {
      let [timer, answered]: [NodeJS.Timeout | undefined, boolean] = [undefined, false];
      const start = () => {
        if (answered) return;
        timer = setTimeout(() => {
          resolve({ errors: [limitError(`The answer took longer than ${seconds} s.`)] });
          stop.abort();
        }, seconds * 1000);
      };
      const { received } = (args.contextValue ?? {}) as Arriving;
      if (received) received.then(start);
      else start();
      result.then(resolve, reject).finally(() => {
        answered = true;
        clearTimeout(timer);
      });
    });
  };
}

import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { type Awaitable, andThen } from '../../awaitable.ts';
import { limitError } from './limits.ts';

/** What stands around a value in JSON, or is a number or truth value. */
export const SIGNS = 4;

/** About how many characters a value takes as JSON. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return SIGNS + value.length;
  if (typeof value !== 'object' || value === null) return SIGNS;
  let size = SIGNS;
  for (const [key, one] of Object.entries(value)) size += key.length + sizeOf(one);
  return size;
}

/** What stands for an answer of more characters than that. */
export const tooLong = (max: number): ExecutionResult => ({
  errors: [limitError(`The answer would have more than ${max} characters: ask for less at once.`)],
});

/** Executes as `execute` does; an answer of more characters than that is an error. */
export function executeUpTo(max: number, execute: (args: ExecutionArgs) => Awaitable<ExecutionResult>) {
  const bounded = (result: ExecutionResult) => (sizeOf(result.data) > max ? tooLong(max) : result);
  return (args: ExecutionArgs): Awaitable<ExecutionResult> => andThen(execute(args), bounded);
}

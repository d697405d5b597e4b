import { type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { maxAliases } from './aliases.ts';
import { executeUpTo } from './characters.ts';
import { maxDepth } from './depth.ts';
import type { Limits } from './limits.ts';
import { parseWithin } from './parse.ts';
import { refuse } from './refuse.ts';
import { executeWithin } from './time.ts';

/**
 * Holds every operation, on whatever transport, to the limits. What is within them graphql-js itself executes, and `subscribe`
 * subscribes to.
 */
export function useLimits(limits: Limits, subscribe: (args: ExecutionArgs) => unknown): Plugin {
  const parse = parseWithin(limits.tokens);
  const rules = [maxDepth(limits.depth), maxAliases(limits.aliases)];
  const executeInTime = executeWithin(limits.seconds, executeUpTo(limits.characters, execute));
  return {
    onParse: ({ setParseFn }) => setParseFn(parse),
    onValidate({ addValidationRule }) {
      for (const rule of rules) addValidationRule(rule);
    },
    onExecute({ args, setExecuteFn, setResultAndStopExecution }) {
      const refusal = refuse(args, limits);
      if (refusal) setResultAndStopExecution({ errors: [refusal] } as ExecutionResult as never);
      else setExecuteFn(executeInTime as never);
    },
    onSubscribe({ args, setSubscribeFn, setResultAndStopExecution }) {
      const refusal = refuse(args, limits);
      if (refusal) setResultAndStopExecution({ errors: [refusal] } as ExecutionResult as never);
      else setSubscribeFn(subscribe as never);
    },
  };
}

import { type ExecutionArgs, type ExecutionResult, execute, type GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { maxAliases } from './aliases.ts';
import { costOf } from './cost.ts';
import { maxDepth } from './depth.ts';
import { type Limits, limitError } from './limits.ts';
import { parseWithin } from './parse.ts';
import { refuseLongArguments } from './size.ts';
import { refuseUnkeptText } from './text.ts';
import { executeWithin } from './time.ts';
import { variablesOf } from './variables.ts';

const VARIABLES_DEPTH_MAX = 50;

/**
 * Holds every operation, on whatever transport, to the limits. What is within them graphql-js itself executes, and `subscribe`
 * subscribes to.
 */
export function useLimits(limits: Limits, subscribe: (args: ExecutionArgs) => unknown): Plugin {
  const parse = parseWithin(limits.tokens);
  const rules = [maxDepth(limits.depth), maxAliases(limits.aliases)];
  const executeInTime = executeWithin(limits.seconds, execute);
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

function refuse(args: ExecutionArgs, limits: Limits): GraphQLError | undefined {
  if (isDeeper(args.variableValues, VARIABLES_DEPTH_MAX)) {
    return limitError(`The variables are nested too deeply: ${VARIABLES_DEPTH_MAX} levels at the most.`);
  }
  const unkept = refuseUnkeptText(args);
  if (unkept) return unkept;
  const variables = variablesOf(args.document, args.operationName, args.variableValues);
  const long = refuseLongArguments(args.document, variables);
  if (long) return long;
  const cost = costOf(args, variables);
  if (cost <= limits.cost) return undefined;
  return limitError(
    `The answer could hold ${cost} values: ${limits.cost} at the most. Ask for smaller pages, or fewer of them inside each other.`,
  );
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels < 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

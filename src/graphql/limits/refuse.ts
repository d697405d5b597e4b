import type { ExecutionArgs, GraphQLError } from 'graphql';
import { isDeeper } from '../../json.ts';
import { costOf } from './cost.ts';
import { type Limits, limitError } from './limits.ts';
import { refuseLongArguments } from './size.ts';
import { refuseUnkeptText } from './text.ts';
import { variablesOf } from './variables.ts';

const VARIABLES_DEPTH_MAX = 50;

/** Why an operation of a valid document is not executed: what it would cost, or what its variables hold. */
export function refuse(args: ExecutionArgs, limits: Limits): GraphQLError | undefined {
  if (isDeeper(args.variableValues, VARIABLES_DEPTH_MAX + 1)) {
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

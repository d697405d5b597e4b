import {
  type ExecutionArgs,
  type ExecutionResult,
  execute as executeByGraphQL,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import { type Awaitable, andThen } from '../../awaitable.ts';
import { executeUpTo, tooLong } from '../limits/characters.ts';
import type { Selection } from './fields.ts';
import { makeOperation, type Operation } from './plan.ts';
import { Run } from './run.ts';

/** What is asked of a valid document's operation. */
export type Asked = Pick<
  ExecutionArgs,
  'document' | 'operationName' | 'variableValues' | 'rootValue' | 'contextValue' | 'abortSignal'
>;

const never = () => false;

/**
 * Executes operations of valid documents with the results of graphql-js, in a fraction of its time: each document is made ready once,
 * and what resolvers give at once is in the answer at once. Resolvers get their parent, arguments and context, and no `info`. What
 * is unusual, such as introspection or variables that don't fit, graphql-js itself executes. An answer with more than so many
 * characters of text and JSON is an error instead.
 */
export function createExecutor(schema: GraphQLSchema, sizeMax = Number.POSITIVE_INFINITY) {
  const known = new WeakMap<OperationDefinitionNode, Operation | null>();
  const executeUnusual = executeUpTo(sizeMax, executeByGraphQL);

  function operationOf({ document, operationName }: Asked): Operation | null {
    const node = getOperationAST(document, operationName);
    if (!node) return null;
    let operation = known.get(node);
    if (operation === undefined) {
      operation = makeOperation(schema, document, node) ?? null;
      known.set(node, operation);
    }
    return operation;
  }

  return function execute(asked: Asked): Awaitable<ExecutionResult> {
    const operation = operationOf(asked);
    const variables = operation?.variables(asked.variableValues);
    const select = variables && operation?.selectionUnder(variables.coerced);
    if (!select) return executeUnusual({ schema, ...asked });
    const { rootValue, contextValue, abortSignal } = asked;
    const run = new Run(contextValue, variables, abortSignal ? () => abortSignal.aborted : never, sizeMax);
    return andThen(executeSelection(select, rootValue, run), (result) => (run.isTooLong ? tooLong(sizeMax) : result));
  };
}

export type Execute = ReturnType<typeof createExecutor>;

function executeSelection(select: Selection, rootValue: unknown, run: Run): Awaitable<ExecutionResult> {
  const resultOf = (data: Record<string, unknown> | null): ExecutionResult =>
    run.errors.length > 0 ? { errors: run.errors, data } : { data };
  const failed = (error: unknown) => {
    run.add(error as never, undefined);
    return resultOf(null);
  };
  try {
    const data = select(rootValue, run, undefined);
    return data instanceof Promise ? data.then(resultOf, failed) : resultOf(data);
  } catch (error) {
    return failed(error);
  }
}

import { type ExecutionResult, GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import type { Handler } from './handler.ts';
import type { SocketSession } from './socket-session.ts';
import type { Subscription, Subscriptions } from './subscribe.ts';

/** What a `subscribe` message asks for. */
export interface Asked {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/** On whose socket an operation runs. */
interface Place {
  readonly session: SocketSession;
  readonly requestId: string;
}

/** An operation that is refused before it runs: its document, or that it is one too many. */
export class NotRun extends Error {
  readonly errors: readonly GraphQLError[];
  constructor(errors: readonly GraphQLError[]) {
    super('not run');
    this.errors = errors;
  }
}

interface Options {
  readonly schema: GraphQLSchema;
  readonly handler: Handler;
  readonly startedIn: Subscriptions['startedIn'];
}

/** Runs what sockets ask for the way that HTTP does, under the same limits. */
export function createOperations({ schema, handler, startedIn }: Options) {
  /** The answer, or a subscription to attach to. Throws NotRun where the document can't be run. */
  return async function run(asked: Asked, { session, requestId }: Place): Promise<ExecutionResult | Subscription> {
    const { query, operationName, variables: variableValues } = asked;
    const way = handler.getEnveloped({ requestId, session, params: asked } as never);
    const document = way.parse(query);
    const errors: readonly GraphQLError[] = way.validate(schema, document);
    if (errors.length > 0) throw new NotRun(errors);
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new NotRun([notFound(operationName)]);
    const contextValue: object = await way.contextFactory();
    const args = { schema, document, operationName, variableValues, contextValue };
    if (operation.operation !== 'subscription') return way.execute(args);
    const result = await way.subscribe(args);
    return startedIn(contextValue) ?? result;
  };
}

export type Run = ReturnType<typeof createOperations>;

const notFound = (name: string | null | undefined) =>
  new GraphQLError(
    name == null
      ? 'The document has several operations: say which by `operationName`.'
      : 'The document has no operation of the name in `operationName`.',
  );

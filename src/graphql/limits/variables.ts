import { type DocumentNode, getOperationAST, valueFromASTUntyped } from 'graphql';

/** An operation's variables as its fields will see them: its defaults stand for those not given, and an explicit null stays. */
export function variablesOf(
  document: DocumentNode,
  operationName: string | null | undefined,
  given: Readonly<Record<string, unknown>> | null | undefined,
): Readonly<Record<string, unknown>> {
  const defaults: Record<string, unknown> = {};
  for (const { variable, defaultValue } of getOperationAST(document, operationName)?.variableDefinitions ?? []) {
    if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
  }
  return { ...defaults, ...given };
}

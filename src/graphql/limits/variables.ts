import { type DocumentNode, getOperationAST, valueFromASTUntyped } from 'graphql';

/** An operation's variables as its fields will see them: its defaults stand for those not given, and an explicit null stays. */
export function variablesOf(
  document: DocumentNode,
  operationName: string | null | undefined,
  given: Readonly<Record<string, unknown>> | null | undefined,
): Readonly<Record<string, unknown>> {
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  const defaults = definitions.flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)] as const] : [],
  );
  return defaults.length > 0 ? { ...Object.fromEntries(defaults), ...given } : (given ?? {});
}

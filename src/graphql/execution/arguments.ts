import {
  type FieldNode,
  type GraphQLField,
  getArgumentValues,
  isNonNullType,
  Kind,
  type ValueNode,
  type VariableValues,
} from 'graphql';

/** A field's arguments, given the operation's variables. Throws a GraphQLError where they don't fit. */
export type Arguments = (variables: VariableValues) => Record<string, unknown>;

type Field = GraphQLField<unknown, unknown>;

/** An argument: its value, or the variable that it is from. */
interface Part {
  readonly name: string;
  readonly value?: unknown;
  readonly from?: string;
  readonly nullable?: boolean;
}

const NO_VARIABLES: VariableValues = { sources: {}, coerced: {} };

/**
 * Makes ready what of a field's arguments the document says; what variables say is put in at each execution. Whatever is not this
 * simple, such as a variable inside an input object, graphql-js works out at each execution.
 */
export function argumentsOf(field: Field, node: FieldNode): Arguments {
  const coerced: Arguments = (variables) => getArgumentValues(field, node, variables);
  const given = new Map((node.arguments ?? []).map(({ name, value }) => [name.value, value]));
  if ([...given.values()].some((value) => value.kind !== Kind.VARIABLE && holdsVariable(value))) return coerced;
  const isVariable = ({ name }: { name: string }) => given.get(name)?.kind === Kind.VARIABLE;
  const constant = constantOf(
    { ...field, args: field.args.filter((one) => !isVariable(one)) } as unknown as Field,
    node,
  );
  if (!constant) return coerced;
  const parts = field.args.flatMap(({ name, type }): Part[] => {
    const value = given.get(name);
    if (value?.kind === Kind.VARIABLE) return [{ name, from: value.name.value, nullable: !isNonNullType(type) }];
    return name in constant ? [{ name, value: constant[name] }] : [];
  });
  if (!parts.some(({ from }) => from)) return () => constant;
  return (variables) => {
    const values: Record<string, unknown> = {};
    for (const part of parts) {
      const value = part.from ? variables.coerced[part.from] : part.value;
      if (part.from && (value === undefined || (value === null && !part.nullable))) return coerced(variables);
      values[part.name] = value;
    }
    return values;
  };
}

function constantOf(field: Field, node: FieldNode): Record<string, unknown> | undefined {
  try {
    return getArgumentValues(field, node, NO_VARIABLES);
  } catch {
    return undefined; // it is told where the field is executed
  }
}

function holdsVariable(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(holdsVariable);
  if (value.kind === Kind.OBJECT) return value.fields.some((field) => holdsVariable(field.value));
  return value.kind === Kind.VARIABLE;
}

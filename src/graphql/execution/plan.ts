import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNullableType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { argumentsOf } from './arguments.ts';
import { completeOf } from './complete.ts';
import { type FieldPlan, inTurn, type Selection, selectionOf } from './fields.ts';
import { type Conditions, collectFields } from './selection.ts';
import { type Variables, variablesOf } from './variables.ts';

const CONDITIONS_MAX = 4;
const SELECTIONS_MAX = 2; // made ready under different conditions, an operation takes as much memory each time

/** Scalars of which values of one kind are in the answer as they are. */
const PLAIN: Record<string, FieldPlan['plain']> = { String: 'string', ID: 'string', Boolean: 'boolean' };

/** An operation of a valid document, made ready to be executed again and again. */
export interface Operation {
  readonly variables: Variables;
  /**
   * What it selects of the root, under the values of the variables that `@skip` and `@include` name; undefined where one is null,
   * which graphql-js refuses.
   */
  readonly selectionUnder: (variables: Conditions) => Selection | undefined;
}

/**
 * Makes an operation ready. Undefined where graphql-js is to execute it: introspection, which is asked seldom, and one with
 * more conditions than anybody writes.
 */
export function makeOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  node: OperationDefinitionNode,
): Operation | undefined {
  const rootType = schema.getRootType(node.operation);
  const { conditions, introspects } = factsOf(document);
  if (!rootType || introspects || conditions.length > CONDITIONS_MAX) return undefined;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const selections = new Map<string, Selection>();
  return {
    variables: variablesOf(schema, node.variableDefinitions),
    selectionUnder(variables) {
      if (conditions.some((name) => variables[name] === null)) return undefined;
      const held = conditions.map((name) => variables[name] === true);
      const key = held.join();
      let select = selections.get(key);
      if (!select) {
        const values = Object.fromEntries(conditions.map((name, n) => [name, held[n]]));
        const fields = planner({ schema, fragments, conditions: values })([node.selectionSet], rootType);
        select = node.operation === 'mutation' ? inTurn(fields) : selectionOf(fields);
        const [oldest] = selections.keys();
        if (oldest !== undefined && selections.size === SELECTIONS_MAX) selections.delete(oldest);
        selections.set(key, select);
      }
      return select;
    },
  };
}

/** The variables that decide what is selected, and whether anything of the schema itself is. */
function factsOf(document: DocumentNode): { conditions: readonly string[]; introspects: boolean } {
  const conditions = new Set<string>();
  let introspects = false;
  visit(document, {
    Field({ name }) {
      introspects ||= name.value === '__schema' || name.value === '__type';
    },
    Directive({ name, arguments: given }) {
      const value = given?.[0]?.value;
      if ((name.value === 'skip' || name.value === 'include') && value?.kind === Kind.VARIABLE) {
        conditions.add(value.name.value);
      }
    },
  });
  return { conditions: [...conditions], introspects };
}

type Among = Parameters<typeof collectFields>[2];

/** Plans what selection sets select: each part once it is first needed, and one that several fragments lead to only once. */
function planner(among: Among) {
  const { schema } = among;
  const known = new WeakMap<FieldNode, Map<GraphQLObjectType, Selection>>();

  function fieldsOf(sets: readonly SelectionSetNode[], type: GraphQLObjectType): FieldPlan[] {
    return [...collectFields(sets, type, among)].map(([key, nodes]) => fieldOf(key, nodes, type));
  }

  function fieldOf(key: string, nodes: readonly FieldNode[], type: GraphQLObjectType): FieldPlan {
    const [node] = nodes as [FieldNode];
    const name = node.name.value;
    const field = schema.getField(type, name);
    if (!field) throw new Error(`${type.name} has no field ${name}`);
    const selectionOn = (of: GraphQLObjectType) => selectedBy(nodes, of);
    return {
      key,
      name,
      nodes,
      resolve: name === '__typename' ? () => type.name : field.resolve,
      args: argumentsOf(field, node),
      complete: completeOf(field.type, { schema, name: `${type.name}.${name}`, nodes, selectionOn }),
      plain: PLAIN[getNullableType(field.type).toString()],
      mayBeNull: !isNonNullType(field.type),
    };
  }

  function selectedBy(nodes: readonly FieldNode[], type: GraphQLObjectType): Selection {
    const [first] = nodes as [FieldNode];
    const found = nodes.length === 1 ? known.get(first)?.get(type) : undefined;
    if (found) return found;
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const select = selectionOf(fieldsOf(sets, type));
    if (nodes.length === 1) known.set(first, (known.get(first) ?? new Map()).set(type, select));
    return select;
  }

  return fieldsOf;
}

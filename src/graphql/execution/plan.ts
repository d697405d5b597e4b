import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getOperationAST,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { argumentsOf } from './arguments.ts';
import { completeOf } from './complete.ts';
import type { FieldPlan, ObjectPlan } from './fields.ts';
import { type Conditions, collectFields } from './selection.ts';

const CONDITIONS_MAX = 4;

/** An operation of a valid document, made ready to be executed again and again. */
export interface Operation {
  readonly node: OperationDefinitionNode;
  /** The plan of its root, under the values of the variables that `@skip` and `@include` name. */
  readonly planUnder: (variables: Conditions) => ObjectPlan;
}

/**
 * Makes an operation ready. Undefined where there is none of this name, and where graphql-js is to execute it: introspection, which
 * is asked seldom, and one with more conditions than anybody writes.
 */
export function makeOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): Operation | undefined {
  const node = getOperationAST(document, operationName);
  const rootType = node && schema.getRootType(node.operation);
  if (!node || !rootType) return undefined;
  const { conditions, introspects } = factsOf(document);
  if (introspects || conditions.length > CONDITIONS_MAX) return undefined;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const plans = new Map<string, ObjectPlan>();
  return {
    node,
    planUnder(variables) {
      const held = conditions.map((name) => variables[name] === true);
      const key = held.join();
      let plan = plans.get(key);
      if (!plan) {
        const values = Object.fromEntries(conditions.map((name, n) => [name, held[n]]));
        plan = planner({ schema, fragments, conditions: values })([node.selectionSet], rootType);
        plans.set(key, plan);
      }
      return plan;
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

/** Plans selections: each part once it is first needed, and one that several fragments lead to only once. */
function planner(among: Among) {
  const { schema } = among;
  const known = new WeakMap<FieldNode, Map<GraphQLObjectType, ObjectPlan>>();

  function planOf(sets: readonly SelectionSetNode[], type: GraphQLObjectType): ObjectPlan {
    const fields = [...collectFields(sets, type, among)].map(([key, nodes]) => fieldOf(key, nodes, type));
    return { fields };
  }

  function fieldOf(key: string, nodes: readonly FieldNode[], type: GraphQLObjectType): FieldPlan {
    const [node] = nodes as [FieldNode];
    const name = node.name.value;
    const field = schema.getField(type, name);
    if (!field) throw new Error(`${type.name} has no field ${name}`);
    const completing = {
      schema,
      name: `${type.name}.${name}`,
      nodes,
      planOf: (of: GraphQLObjectType) => selectedBy(nodes, of),
    };
    return {
      key,
      name,
      nodes,
      resolve: name === '__typename' ? () => type.name : field.resolve,
      args: argumentsOf(field, node),
      complete: completeOf(field.type, completing),
      mayBeNull: !isNonNullType(field.type),
    };
  }

  function selectedBy(nodes: readonly FieldNode[], type: GraphQLObjectType): ObjectPlan {
    const [first, second] = nodes;
    const plans = (second ? undefined : known.get(first as FieldNode)) ?? new Map<GraphQLObjectType, ObjectPlan>();
    if (!second) known.set(first as FieldNode, plans);
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const plan = plans.get(type) ?? planOf(sets, type);
    plans.set(type, plan);
    return plan;
  }

  return planOf;
}

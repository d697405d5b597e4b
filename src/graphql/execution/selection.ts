import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** What `@skip` and `@include` read: the values of the variables that they name. */
export type Conditions = Readonly<Record<string, unknown>>;

interface Collecting {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly conditions: Conditions;
  readonly type: GraphQLObjectType;
  readonly spread: Set<string>;
  readonly fields: Map<string, FieldNode[]>;
}

/**
 * The fields that selection sets select of an object type, by the names that they have in the answer, in their order: CollectFields
 * of the GraphQL specification (September 2025, section 6.3.2).
 */
export function collectFields(
  sets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
  among: Pick<Collecting, 'schema' | 'fragments' | 'conditions'>,
): Map<string, FieldNode[]> {
  const collecting: Collecting = { ...among, type, spread: new Set(), fields: new Map() };
  for (const set of sets) collect(set, collecting);
  return collecting.fields;
}

function collect({ selections }: SelectionSetNode, collecting: Collecting): void {
  for (const selection of selections) {
    if (!isIncluded(selection, collecting.conditions)) continue;
    if (selection.kind === Kind.FIELD) {
      const name = selection.alias?.value ?? selection.name.value;
      const nodes = collecting.fields.get(name);
      if (nodes) nodes.push(selection);
      else collecting.fields.set(name, [selection]);
      continue;
    }
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : spreadOnce(selection.name.value, collecting);
    if (fragment && applies(fragment, collecting)) collect(fragment.selectionSet, collecting);
  }
}

function spreadOnce(name: string, { fragments, spread }: Collecting): FragmentDefinitionNode | undefined {
  if (spread.has(name)) return undefined;
  const fragment = fragments.get(name);
  if (fragment) spread.add(name);
  return fragment;
}

function applies(
  { typeCondition }: InlineFragmentNode | FragmentDefinitionNode,
  { schema, type }: Collecting,
): boolean {
  if (!typeCondition) return true;
  const named = schema.getType(typeCondition.name.value);
  return named === type || (isAbstractType(named) && schema.isSubType(named, type));
}

function isIncluded({ directives }: SelectionNode, conditions: Conditions): boolean {
  return !directives?.some((directive) => excludes(directive, conditions));
}

function excludes(directive: DirectiveNode, conditions: Conditions): boolean {
  const excluding = { skip: true, include: false }[directive.name.value];
  if (excluding === undefined) return false;
  const value = directive.arguments?.[0]?.value;
  if (value?.kind === Kind.VARIABLE) return conditions[value.name.value] === excluding;
  return value?.kind === Kind.BOOLEAN && value.value === excluding;
}

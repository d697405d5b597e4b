import {
  type ExecutionArgs,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  getNullableType,
  getOperationAST,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { PAGE_SIZE, PAGE_SIZE_MAX } from '../connection.ts';
import { isPage } from './page.ts';

const LIST_SIZE = 5; // what a list without pages, such as a message's reactions, is taken to hold
const JSON_VALUES = 20; // what a value of any JSON is taken to hold
const SEARCHED = 100; // a page that is not simply the next of its list may be looked for in many rows
const PAGE_ARGUMENTS: ReadonlySet<string> = new Set(['first', 'after', 'last', 'before']);

/** What operations cost in which no variable says how much. */
const known = new WeakMap<OperationDefinitionNode, number>();

/**
 * How many values an operation's answer could hold: one for each field, and each item of a list, times the page sizes and lists that
 * it stands in. What is asked for twice counts twice, each type's part of a fragment counts, and introspection does not.
 */
export function costOf(args: ExecutionArgs, variables: Readonly<Record<string, unknown>>): number {
  const operation = getOperationAST(args.document, args.operationName);
  return operation ? (known.get(operation) ?? reckon(args, operation, variables)) : 0;
}

function reckon(
  { schema, document }: ExecutionArgs,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  let varies = false;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const ofFragments = new Map<string, number>();
  const cost = ofSet(operation.selectionSet, schema.getRootType(operation.operation), LIST_SIZE);
  if (!varies) known.set(operation, cost);
  return cost;

  /** `listSize` is what a list directly inside holds: a connection's `nodes` and `edges` hold its page. */
  function ofSet(set: SelectionSetNode, type: GraphQLNamedType | null | undefined, listSize: number): number {
    let sum = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) sum += ofField(selection, type, listSize);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) sum += ofFragment(selection.name.value, listSize);
      else {
        const name = selection.typeCondition?.name.value;
        sum += ofSet(selection.selectionSet, name ? schema.getType(name) : type, listSize);
      }
    }
    return sum;
  }

  function ofFragment(name: string, listSize: number): number {
    const key = `${name} ${listSize}`;
    const fragment = fragments.get(name);
    const found = ofFragments.get(key);
    if (found !== undefined || !fragment) return found ?? 0;
    const cost = ofSet(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value), listSize);
    ofFragments.set(key, cost);
    return cost;
  }

  function ofField(node: FieldNode, type: GraphQLNamedType | null | undefined, listSize: number): number {
    const name = node.name.value;
    if (name === '__typename') return 1;
    if (name.startsWith('__') || !(isObjectType(type) || isInterfaceType(type))) return 0;
    const field = type.getFields()[name];
    if (!field || !node.selectionSet) return field && getNamedType(field.type).name === 'JSON' ? JSON_VALUES : 1;
    const inner = ofSet(node.selectionSet, getNamedType(field.type), pageOf(node, field));
    const values = isListOfObjects(field) ? (1 + inner) * listLength(node, listSize) : inner;
    return 1 + values + (isPage(field) && isSearched(node) ? SEARCHED : 0);
  }

  function pageOf(node: FieldNode, field: GraphQLField<unknown, unknown>): number {
    if (!isPage(field)) return LIST_SIZE;
    const asked = argument(node, 'first') ?? argument(node, 'last');
    return typeof asked === 'number' ? Math.min(Math.max(asked, 1), PAGE_SIZE_MAX) : PAGE_SIZE;
  }

  /** `nodes` holds as many as it was given ids. */
  function listLength(node: FieldNode, listSize: number): number {
    const ids = argument(node, 'ids');
    return Array.isArray(ids) ? ids.length : listSize;
  }

  function argument(node: FieldNode, name: string): unknown {
    const value = node.arguments?.find((one) => one.name.value === name)?.value;
    if (value?.kind === Kind.VARIABLE) {
      varies = true;
      return variables[value.name.value];
    }
    if (value?.kind === Kind.INT) return Number(value.value);
    return value?.kind === Kind.LIST ? value.values : undefined;
  }
}

const isListOfObjects = ({ type }: GraphQLField<unknown, unknown>): boolean =>
  isListType(getNullableType(type)) && isCompositeType(getNamedType(type));

const isSearched = ({ arguments: given = [] }: FieldNode): boolean =>
  given.some(({ name, value }) => !PAGE_ARGUMENTS.has(name.value) && value.kind !== Kind.NULL);

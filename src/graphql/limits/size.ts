import { type DocumentNode, type GraphQLError, Kind, type ValueNode, visit } from 'graphql';
import { limitError } from './limits.ts';

const LIST_MAX = 100;
const SEARCH_MAX = 255;

interface Argument {
  readonly name: string;
  readonly value: ValueNode;
}

const known = new WeakMap<DocumentNode, readonly Argument[]>();

/** Refuses lists and texts to search for that are longer than anyone needs, wherever an argument or an input's field has one. */
export function refuseLongArguments(
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): GraphQLError | undefined {
  const seen = new Set<unknown>();
  for (const { name, value } of argumentsOf(document)) {
    const refusal =
      value.kind === Kind.VARIABLE
        ? refuseValue(name, variables[value.name.value], seen)
        : refuseSize(name, value.kind === Kind.LIST ? value.values : value.kind === Kind.STRING && value.value);
    if (refusal) return refusal;
  }
  return undefined;
}

function argumentsOf(document: DocumentNode): readonly Argument[] {
  const found = known.get(document);
  if (found) return found;
  const all: Argument[] = [];
  const take = ({ name, value }: { readonly name: { readonly value: string }; readonly value: ValueNode }) => {
    if (value.kind === Kind.VARIABLE || value.kind === Kind.LIST || value.kind === Kind.STRING) {
      all.push({ name: name.value, value });
    }
  };
  visit(document, { Argument: take, ObjectField: take });
  known.set(document, all);
  return all;
}

/** A variable's value, and what is inside it: once, however often the document uses it. */
function refuseValue(name: string, value: unknown, seen: Set<unknown>): GraphQLError | undefined {
  const refusal = refuseSize(name, value);
  if (refusal || typeof value !== 'object' || value === null || seen.has(value)) return refusal;
  seen.add(value);
  for (const [key, inner] of Object.entries(value)) {
    const found = refuseValue(Array.isArray(value) ? name : key, inner, seen);
    if (found) return found;
  }
  return undefined;
}

function refuseSize(name: string, value: unknown): GraphQLError | undefined {
  if (Array.isArray(value) && value.length > LIST_MAX) {
    return limitError(`\`${name}\` holds ${value.length}: ${LIST_MAX} at the most.`);
  }
  if (name === 'search' && typeof value === 'string' && value.length > SEARCH_MAX) {
    return limitError(`\`${name}\` has ${value.length} characters: ${SEARCH_MAX} at the most.`);
  }
  return undefined;
}

import {
  coerceInputLiteral,
  coerceInputValue,
  type GraphQLDefaultInput,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNullableInputType,
  type GraphQLSchema,
  getNullableType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
  type VariableDefinitionNode,
  type VariableValues,
} from 'graphql';

type Source = VariableValues['sources'][string];
type SlotDefinition = Pick<GraphQLInputField, 'name' | 'type' | 'default'> & { readonly defaultValue?: unknown };
type Given = Readonly<Record<string, unknown>>;

/** An operation's variables, given what a request says of them; undefined where graphql-js is to look at them. */
export type Variables = (given: Given | null | undefined) => VariableValues | undefined;

/** The value as resolvers get it; undefined, or an error, where it does not fit or is unusual. */
type Coerce = (value: unknown) => unknown;

/** A variable, or a field of an input object. */
interface Slot {
  readonly name: string;
  readonly coerce: Coerce;
  /** What it is where nothing is given. */
  readonly fallback: unknown;
  readonly isRequired: boolean;
}

/**
 * An object that has nothing but what is put in, as those of `Object.create(null)`: but V8 makes and reads these faster, as
 * instances of a class.
 */
class Bare<Value = unknown> {
  [name: string]: Value;
}
Object.setPrototypeOf(Bare.prototype, null);
Reflect.deleteProperty(Bare.prototype, 'constructor');

const NONE: VariableValues = { sources: {}, coerced: {} };

const known = new WeakMap<GraphQLInputObjectType, Coerce>();

/**
 * Makes an operation's variables ready to be coerced again and again, to what graphql-js makes of them where all fit. Where any does
 * not, graphql-js is to say what is wrong with it; and it sees to what is seldom given, as one value for a list.
 */
export function variablesOf(schema: GraphQLSchema, definitions: readonly VariableDefinitionNode[] = []): Variables {
  if (definitions.length === 0) return () => NONE;
  const signatures = definitions.flatMap((definition) => signatureOf(schema, definition) ?? []);
  if (signatures.length < definitions.length) return () => undefined;
  let slots: readonly (Slot & Source)[] | undefined; // made where they are first asked for: a default may fail to fit
  return (given) => {
    const sources: Record<string, Source> = new Bare<Source>();
    const coerced = new Bare();
    try {
      slots ??= signatures.map((signature) => ({ signature, ...slotOf(signature) }));
      for (const slot of slots) {
        const { name, signature } = slot;
        const value = given && Object.hasOwn(given, name) ? given[name] : undefined;
        sources[name] = value === undefined ? { signature } : { signature, value };
        if (!fill(coerced, slot, value)) return undefined;
      }
    } catch {
      return undefined; // it is told where graphql-js executes
    }
    return { sources, coerced };
  };
}

function signatureOf(schema: GraphQLSchema, node: VariableDefinitionNode): Source['signature'] | undefined {
  const type = typeFromAST(schema, node.type);
  if (!isInputType(type)) return undefined;
  const literal = node.defaultValue;
  return { name: node.variable.name.value, type, default: literal && { literal } };
}

function slotOf({ name, type, default: written, defaultValue }: SlotDefinition): Slot {
  const fallback = written ? defaultOf(written, type) : defaultValue;
  const isRequired = fallback === undefined && (isNonNullType(type) || written !== undefined);
  return { name, coerce: coercionTo(type), fallback, isRequired };
}

const defaultOf = ({ literal, value }: GraphQLDefaultInput, type: GraphQLInputType): unknown =>
  literal ? coerceInputLiteral(literal, type) : coerceInputValue(value, type);

/** Puts what is given into its place; false where it does not fit. */
function fill(into: Record<string, unknown>, { name, coerce, fallback, isRequired }: Slot, given: unknown): boolean {
  const value = given === undefined ? fallback : coerce(given);
  if (value === undefined) return given === undefined && !isRequired;
  into[name] = value;
  return true;
}

function coercionTo(type: GraphQLInputType): Coerce {
  const coerce = coercionToSome(getNullableType(type));
  const missing = isNonNullType(type) ? undefined : null;
  return (value) => (value == null ? missing : coerce(value));
}

/** For what is not null. */
function coercionToSome(type: GraphQLNullableInputType): Coerce {
  if (isListType(type)) return listOf(coercionTo(type.ofType));
  if (!isInputObjectType(type)) return (value) => type.coerceInputValue(value);
  const coerce = known.get(type) ?? objectOf(type);
  known.set(type, coerce);
  return coerce;
}

function listOf(coerce: Coerce): Coerce {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const items: unknown[] = [];
    for (const item of value) {
      const coerced = coerce(item);
      if (coerced === undefined) return undefined;
      items.push(coerced);
    }
    return items;
  };
}

function objectOf(type: GraphQLInputObjectType): Coerce {
  if (type.isOneOf) return () => undefined;
  let slots: readonly Slot[] | undefined; // made once asked for: the type may have itself in it
  const names = new Set(Object.keys(type.getFields()));
  return (value) => {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined;
    const given = value as Given;
    for (const name in given) if (!names.has(name)) return undefined;
    slots ??= Object.values(type.getFields()).map(slotOf);
    const coerced = new Bare();
    for (const slot of slots) if (!fill(coerced, slot, given[slot.name])) return undefined;
    return coerced;
  };
}

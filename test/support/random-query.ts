import fc, { type Arbitrary } from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';

/** What stands in the world of the tests, and what does not. */
const TEXTS = [
  'ada',
  'bob',
  'plaza',
  'cellar',
  '101',
  '202',
  '209',
  'user:ada',
  'message:202',
  'tea',
  '',
  'nobody',
  'é 😀',
];
const DEPTH_MAX = 5;

/** Documents of one query each, valid by the schema, with arguments that mostly find something. */
export function randomQueries(schema: GraphQLSchema): Arbitrary<string> {
  const query = schema.getQueryType() as GraphQLNamedType;
  return fc
    .tuple(selectionSet(query, 0), fc.constantFrom('', 'query ', 'query Named '))
    .map(([set, head]) => `${head}${set}`);

  function selectionSet(type: GraphQLNamedType, depth: number): Arbitrary<string> {
    const parts = [fieldsOf(type, depth)];
    if (isAbstractType(type)) {
      const members = fc.constantFrom(...schema.getPossibleTypes(type));
      parts.push(
        members.chain((member) =>
          fieldsOf(member, depth).map((fields) => [`... on ${member} { ${fields.join(' ')} }`]),
        ),
      );
    }
    return fc.tuple(...parts).map((found) => `{ ${found.flat().join(' ')} }`);
  }

  function fieldsOf(type: GraphQLNamedType, depth: number): Arbitrary<string[]> {
    const fields = isUnionType(type) || !('getFields' in type) ? [] : Object.values(type.getFields());
    const open = (fields as GraphQLField<unknown, unknown>[]).filter(
      (field) => depth < DEPTH_MAX || !isCompositeType(getNamedType(field.type)),
    );
    const some = fc.uniqueArray(fc.nat({ max: Math.max(0, open.length - 1) }), { minLength: 1, maxLength: 4 });
    return some
      .chain((chosen) => fc.tuple(...chosen.flatMap((n) => (open[n] ? [fieldText(open[n], depth)] : []))))
      .map((texts) => ['__typename', ...texts]);
  }

  function fieldText(field: GraphQLField<unknown, unknown>, depth: number): Arbitrary<string> {
    const type = getNamedType(field.type);
    const set = isCompositeType(type) ? selectionSet(type, depth + 1) : fc.constant('');
    const alias = fc.option(fc.constantFrom('a', 'b'), { freq: 8, nil: undefined });
    const directive = fc.constantFrom('', '', '', ' @include(if: true)', ' @skip(if: true)');
    return fc.tuple(alias, argumentsText(field.args), directive, set).map(([name, args, when, inner]) => {
      // Of one name there may be only one: an alias is the field's own, so that no two differ.
      const known = name ? `${name}_${field.name}: ` : '';
      return `${known}${field.name}${args}${when} ${inner}`.trim();
    });
  }

  function argumentsText(args: readonly GraphQLArgument[]): Arbitrary<string> {
    const each = args.map((arg) =>
      isRequiredArgument(arg)
        ? valueText(arg.type, 0).map((value) => `${arg.name}: ${value}`)
        : fc.option(
            valueText(arg.type, 0).map((value) => `${arg.name}: ${value}`),
            { freq: 1, nil: undefined },
          ),
    );
    return fc.tuple(...each).map((texts) => {
      const given = texts.filter((text) => text !== undefined);
      return given.length > 0 ? `(${given.join(', ')})` : '';
    });
  }

  function valueText(type: GraphQLInputType, depth: number): Arbitrary<string> {
    if (isNonNullType(type)) return valueText(type.ofType, depth);
    if (isListType(type)) {
      return fc.array(valueText(type.ofType, depth), { maxLength: 3 }).map((values) => `[${values.join(', ')}]`);
    }
    if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) || depth < 1);
      return fc
        .tuple(...fields.map((field) => valueText(field.type, depth + 1).map((value) => `${field.name}: ${value}`)))
        .map((texts) => `{ ${texts.join(', ')} }`);
    }
    if (type.name === 'Int') return fc.constantFrom('0', '1', '3', '-1');
    if (type.name === 'Timestamp') return fc.constantFrom('0', '1700000000');
    if (type.name === 'Boolean') return fc.constantFrom('true', 'false');
    return fc.constantFrom(...TEXTS).map((text) => JSON.stringify(text));
  }
}

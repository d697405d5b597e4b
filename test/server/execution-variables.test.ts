import fc from 'fast-check';
import {
  buildSchema,
  execute,
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLScalarType,
  getVariableValues,
  type OperationDefinitionNode,
  parse,
  type ValueNode,
  type VariableValues,
  valueFromASTUntyped,
} from 'graphql';
import { expect, test } from 'vitest';
import { createExecutor } from '../../src/graphql/execution/executor.ts';
import { variablesOf } from '../../src/graphql/execution/variables.ts';

/** What may be given: its scalars, defaults and names are as odd as graphql-js allows. */
const schema = buildSchema(
  `
  scalar JSON
  scalar Any
  scalar Even
  enum Colour { RED GREEN }
  input Leaf { n: Int, s: String, f: Float, b: Boolean, i: ID, e: Colour, v: Even, j: JSON }
  input Node {
    many: [Node!], id: ID!, n: Int = 2, list: [Int!] = [1, 2], self: Node, lists: [[Colour]], sure: Boolean! = true,
    leaf: Leaf = { v: 4, e: GREEN }
  }
  input One @oneOf { n: Int, s: String }
  input Odd { v: Even = 3, constructor: Int }
  type Query {
    Int(x: Int): Int, Float(x: Float): Int, String(x: String): Int, ID(x: ID): Int, Boolean(x: Boolean): Int,
    Colour(x: Colour): Int, Even(x: Even): Int, JSON(x: JSON): Int, Leaf(x: Leaf): Int, Ints(x: [Int]): Int,
    Colours(x: [[Colour!]]): Int, Nodes(x: [Node]): Int, One(x: One): Int, Odd(x: Odd): Int, Any(x: Any): Int,
    Node(x: Node, y: Any = 8, z: Int!): Int
  }
`,
  { assumeValid: true },
);

const scalar = (name: string) => schema.getType(name) as GraphQLScalarType;
scalar('Any').coerceInputLiteral = (node: ValueNode) => valueFromASTUntyped(node);
scalar('Even').coerceInputValue = (value: unknown) => {
  if (value === 12) return undefined;
  if (typeof value === 'number' && value % 2 === 0) return { half: value / 2 };
  throw new Error('not even');
};
const { v, j } = (schema.getType('Leaf') as GraphQLInputObjectType).getFields();
Object.assign(v ?? {}, { default: { value: 8 } });
Object.assign(j ?? {}, { defaultValue: ['of old'] });
Object.assign((schema.getType('Colour') as GraphQLEnumType).getValue('GREEN') ?? {}, { value: 5 });

let seen: unknown[] = [];
for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
  field.resolve = (_source: unknown, args: object) => {
    seen.push([field.name, Object.entries(args).map(([name, value]) => [name, shown(value)])]);
    return seen.length;
  };
}

/** All that can be seen of a value, in its order, and what it has without having been given it. */
function shown(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(shown);
  const names: string[] = [];
  for (const name in value) names.push(name);
  const all = names.map((name) => [name, shown((value as Record<string, unknown>)[name])]);
  return {
    all,
    own: Object.keys(value),
    more: ['toString', '__proto__', 'constructor'].filter((name) => name in value),
  };
}

/** Fields of the query: the type of their argument, and defaults for a variable of it, of which the last doesn't fit. */
const FIELDS: Record<string, readonly [type: string, ...defaults: string[]]> = {
  Int: ['Int', '3', '"3"'],
  Float: ['Float', '3', 'RED'],
  String: ['String', '"s"', '1'],
  ID: ['ID', '7', '1.5'],
  Boolean: ['Boolean', 'false', '0'],
  Colour: ['Colour', 'GREEN', 'green'],
  Even: ['Even', '4', '5'],
  JSON: ['JSON', '{a: [1]}', 'null'],
  Leaf: ['Leaf', '{}', '{i: 4, n: null, b: true}', '{x: 1}'],
  Node: ['Node', '{id: "d"}', '{self: {id: 1, list: 5, leaf: null}, id: 2}', '{n: 1}'],
  Ints: ['[Int]', '[1, null]', '6', '[1.5]'],
  Colours: ['[[Colour!]]', '[[RED], null]', 'GREEN', '[[null]]'],
  Nodes: ['[Node]', '[{id: "d"}, null]', '[{}]'],
  One: ['One', '{n: 1}', '{n: 1, s: "s"}'],
  Odd: ['Odd', '{v: 4}', '{}'],
};
const USUAL = Object.keys(FIELDS).filter((name) => name !== 'One' && name !== 'Odd');

const NONSENSE: unknown[] = [
  ...[null, undefined, 'RED', 'red', '12', 12, 3, 1.5, -0, 2 ** 31, 2 ** 53, 1e300, true, '', [], [null], [[4]], {}],
  ...['{"__proto__": 1}', '{"__proto__": {"id": "a"}}', '{"id": "a", "x": 1}', '{"id": 1, "__proto__": null}'].map(
    (text) => JSON.parse(text),
  ),
  { id: 'a', x: undefined },
  Object.assign(Object.create(null), { id: 'a' }),
  Object.create({ id: 'inherited', x: 1 }),
  new Set([1, 2]),
];

/** Values by the fields that they are given to: all fit, or some are nonsense here and there. */
function valuesFor(isUsual: boolean): Record<string, fc.Arbitrary<unknown>> {
  const some = (fitting: fc.Arbitrary<unknown>) =>
    isUsual
      ? fitting
      : fc.oneof({ weight: 25, arbitrary: fitting }, { weight: 1, arbitrary: fc.constantFrom(...NONSENSE) });
  const maybe = (fitting: fc.Arbitrary<unknown>) =>
    fc.option(some(fitting), { maxDepth: 4, depthIdentifier: 'inputs' });
  const int = fc.integer();
  const id = fc.oneof(fc.string(), fc.maxSafeInteger());
  const colour = fc.constantFrom('RED', 'GREEN');
  const leaves = {
    n: int,
    s: fc.string(),
    f: fc.oneof(int, fc.double({ noDefaultInfinity: true, noNaN: true })),
    b: fc.boolean(),
    i: id,
    e: colour,
    v: fc.constantFrom(0, 2, 4),
    j: fc.jsonValue({ maxDepth: 2 }).filter((value) => value !== null),
  };
  const leaf = fc.record(Object.fromEntries(Object.entries(leaves).map(([name, value]) => [name, maybe(value)])), {
    requiredKeys: [],
  });
  const listOf = (item: fc.Arbitrary<unknown>) => fc.array(item, { maxLength: 3 });
  const { Node } = fc.letrec<{ Node: object }>((tie) => ({
    Node: fc.record(
      {
        id: some(id),
        leaf: maybe(leaf),
        sure: some(leaves.b),
        lists: maybe(listOf(maybe(listOf(maybe(colour))))),
        self: maybe(tie('Node')),
        list: maybe(listOf(some(int))),
        n: maybe(int),
        many: maybe(listOf(some(tie('Node')))),
      },
      { requiredKeys: isUsual ? ['id'] : [] },
    ),
  }));
  return {
    Int: int,
    Float: leaves.f,
    String: leaves.s,
    ID: id,
    Boolean: leaves.b,
    Colour: colour,
    Even: leaves.v,
    JSON: leaves.j,
    Leaf: leaf,
    Node,
    Ints: listOf(maybe(int)),
    Colours: listOf(maybe(listOf(some(colour)))),
    Nodes: listOf(maybe(Node)),
    One: fc.record({ n: maybe(int), s: maybe(leaves.s) }, { requiredKeys: [] }),
    Odd: fc.record({ v: maybe(leaves.v), constructor: maybe(int) }, { requiredKeys: [] }),
  };
}

interface Asking {
  readonly text: string;
  readonly variableValues: Record<string, unknown> | undefined;
}

/** Operations, and what is given to them. */
function askings(isUsual: boolean): fc.Arbitrary<Asking> {
  const values = valuesFor(isUsual);
  const variable = (field: string) => {
    const [type, ...defaults] = FIELDS[field] as [string];
    const value = values[field] as fc.Arbitrary<unknown>;
    const nonsense = fc.constantFrom(...NONSENSE);
    return fc.record({
      name: fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'),
      field: fc.constant(field),
      type: fc.constantFrom(type, `${type}!`),
      written: fc.constantFrom(undefined, undefined, ...(isUsual ? defaults.slice(0, -1) : defaults)),
      given: isUsual ? value : fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: nonsense }),
      isGiven: fc.boolean(),
      isNull: fc.nat(9).map((n) => n === 0),
    });
  };
  const all = (isUsual ? USUAL : Object.keys(FIELDS)).map(variable);
  return fc.uniqueArray(fc.oneof(...all), { minLength: 1, maxLength: 4, selector: ({ name }) => name }).map((asked) => {
    const definitions = asked.map(({ name, type, written }) => `$${name}: ${type} ${written ? `= ${written}` : ''}`);
    const uses = asked.map(
      ({ name, field }, n) =>
        `a${n}: ${field}(x: $${name}) b${n}: Any(x: {in: [$${name}]}) c${n}: JSON(x: {in: $${name}})
         d${n}: Node(z: 1, x: {leaf: {j: $${name}}, id: 1${field === 'Int' ? `, n: $${name}` : ''}}, y: $${name})`,
    );
    const isNeeded = ({ type, written }: { type: string; written?: string | undefined }) =>
      type.endsWith('!') && !written;
    const givenOf = ({ type, given, isNull }: { type: string; given: unknown; isNull: boolean }) =>
      isNull && !type.endsWith('!') ? null : given;
    const given = asked.filter((one) => one.isGiven || (isUsual && isNeeded(one)));
    return {
      text: `query Q(${definitions.join(', ')}) { ${uses.join(' ')} }`,
      variableValues: given.length > 0 ? Object.fromEntries(given.map((one) => [one.name, givenOf(one)])) : undefined,
    };
  });
}

/** What graphql-js, and what we, make of the variables. */
function coerced({ text, variableValues }: Asking) {
  const [node] = parse(text).definitions as [OperationDefinitionNode];
  const { variableValues: theirs } = getVariableValues(schema, node.variableDefinitions ?? [], variableValues ?? {});
  return [theirs, variablesOf(schema, node.variableDefinitions)(variableValues)].map(shownOf);
}

function shownOf(variables: VariableValues | undefined) {
  if (!variables) return undefined;
  const sources = Object.entries(variables.sources).map(([name, source]) => {
    const { name: own, type, default: written } = source.signature;
    return [name, Object.keys(source), shown(source.value), own, String(type), written];
  });
  return { coerced: shown(variables.coerced), sources };
}

test('variables that fit are what graphql-js makes of them', () => {
  fc.assert(
    fc.property(askings(true), (asking) => {
      const [theirs, ours] = coerced(asking);
      expect(theirs).toBeDefined();
      expect(ours).toStrictEqual(theirs);
    }),
    { numRuns: 300 },
  );
});

test('nonsense is left to graphql-js, and what is odd but fits is what graphql-js makes of it', () => {
  let [fitting, left] = [0, 0];
  for (const [field, [type]] of Object.entries(FIELDS)) {
    for (const value of NONSENSE) {
      for (const given of [value, { v: value }, { id: 1, self: value }, [value]]) {
        const text = `query Q($a: ${type}) { ${field}(x: $a) }`;
        const [theirs, ours] = coerced({ text, variableValues: { a: given } });
        if (ours) expect(ours).toStrictEqual(theirs);
        if (ours) fitting += 1;
        else left += 1;
      }
    }
  }
  expect(fitting).toBeGreaterThan(100);
  expect(left).toBeGreaterThan(200);
});

test('where anything does not fit, or is unusual, graphql-js is to look at it', () => {
  let [fitting, left] = [0, 0];
  fc.assert(
    fc.property(askings(false), (asking) => {
      const [theirs, ours] = coerced(asking);
      if (ours) expect(ours).toStrictEqual(theirs);
      if (theirs) fitting += 1;
      if (!ours) left += 1;
    }),
    { numRuns: 800 },
  );
  expect(fitting).toBeGreaterThan(100);
  expect(left).toBeGreaterThan(100);
});

test.each([true, false])('resolvers are given what graphql-js gives them, where all fits: %s', async (isUsual) => {
  const mine = createExecutor(schema);
  let called = 0;
  await fc.assert(
    fc.asyncProperty(askings(isUsual), async ({ text, variableValues }) => {
      const asked = { document: parse(text), variableValues };
      const results = [];
      for (const run of [() => execute({ schema, ...asked }), () => mine(asked), () => mine(asked)]) {
        seen = [];
        const { data, errors } = await run();
        results.push({ answer: JSON.stringify({ data, errors }), seen });
      }
      const [expected, ...ours] = results;
      for (const result of ours) expect(result).toStrictEqual(expected);
      called += seen.length;
    }),
    { numRuns: 150 },
  );
  expect(called).toBeGreaterThan(200);
});

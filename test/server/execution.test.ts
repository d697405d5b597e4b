import fc from 'fast-check';
import { buildSchema, execute, type GraphQLSchema, isIntrospectionType, isObjectType, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { createExecutor } from '../../src/graphql/execution/executor.ts';
import { schema as parleys } from '../../src/schema.ts';

/** Any mixture of what a schema can have: its values come from `outcome`. */
const schema = buildSchema(`
  enum Colour { RED GREEN }
  input Size { height: Int = 2, of: [String!], colour: Colour }
  interface Thing { name(x: Int = 3, y: String, size: Size): String, part: Thing, parts: [Thing] }
  type Big implements Thing {
    name(x: Int = 3, y: String, size: Size): String, part: Thing, parts: [Thing], sure: String!, big: Big!, colour: Colour
  }
  type Small implements Thing {
    name(x: Int = 3, y: String, size: Size): String, part: Thing, parts: [Thing], few: [Small!], all: [Small!]!, counts: [Int!]
  }
  union Any = Big | Small
  type Query { thing: Thing, any(n: Int!): Any, big: Big!, small: Small, list: [Thing!], lists: [[Any]], count: Int, id: ID, ok: Boolean }
  type Mutation { thing: Thing, count: Int, big: Big!, small: Small }
`);

interface Source {
  readonly seed: number;
  readonly __typename: string;
}

/** A number below `below` that depends on nothing but the words: the same for both executions, in whatever order they ask. */
function chance(below: number, ...words: readonly unknown[]): number {
  let hash = 17;
  for (const letter of JSON.stringify(words)) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
  return ((hash ^ (hash >>> 15)) >>> 3) % below;
}

/** What every resolver of the schema gives: mostly something that fits; null, an error and nonsense now and then. */
function equip(to: GraphQLSchema, late: boolean) {
  for (const type of Object.values(to.getTypeMap())) {
    if ('resolveType' in type) type.resolveType = (value: unknown) => (value as Source).__typename;
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      field.resolve = (source: Source | undefined, args: object) => {
        const seed = chance(1_000_000, source?.seed, field.name, args);
        const value = () => valueFor(String(field.type), seed, args);
        return late && chance(3, seed, 'late') === 0 ? Promise.resolve().then(value) : value();
      };
    }
  }
}

function valueFor(type: string, seed: number, args: object, spare = 0): unknown {
  const kind = chance(spare ? 26 : 14, seed, 'kind');
  if (kind === 0) return null;
  if (kind === 1) throw new Error(`failed ${seed}`);
  if (kind === 2) return new Error(`gave an error ${seed}`);
  if (type.endsWith('!')) return valueFor(type.slice(0, -1), chance(1_000_000, seed), args, 1);
  if (type.startsWith('[')) {
    const item = type.slice(1, -1);
    return Array.from({ length: chance(4, seed, 'length') }, (_, n) => {
      try {
        return valueFor(item, chance(1_000_000, seed, n), args, 1);
      } catch (error) {
        return error;
      }
    });
  }
  if (type === 'String') return `${seed} ${JSON.stringify(args)}`;
  if (type === 'Int') return kind === 3 ? 'no number' : seed;
  if (type === 'ID') return seed;
  if (type === 'Boolean') return seed % 2 === 0;
  if (type === 'Colour') return ['RED', 'GREEN', 'RED', 'GREY'][seed % 4];
  const possible = { Thing: ['Big', 'Small'], Any: ['Small', 'Big'] }[type] ?? [type];
  return { seed, __typename: possible[seed % possible.length] };
}

const ARGS = [
  '',
  '(x: 1)',
  '(x: $n)',
  '(y: $y)',
  '(x: $n, y: "y")',
  '(size: $size)',
  '(size: {of: [$y, "b"]})',
  '(size: {colour: RED})',
];
const directive = fc.constantFrom(
  '',
  '',
  '',
  ' @skip(if: $a)',
  ' @include(if: $b)',
  ' @include(if: true)',
  ' @skip(if: true)',
);
const named = fc.oneof(
  fc.constantFrom('name', 'k: name', '__proto__: name', 'constructor: name'),
  fc.nat({ max: ARGS.length - 1 }).map((n) => `n${n}: name${ARGS[n]}`),
);

/** Selections on Thing, which every composite type of the schema is or has. */
const { things } = fc.letrec<{ things: string; one: string }>((tie) => ({
  things: fc.array(tie('one'), { minLength: 1, maxLength: 4 }).map((all) => `{ ... on Thing { ${all.join(' ')} } }`),
  one: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'things' },
    fc.tuple(named, directive).map(([name, when]) => `${name}${when}`),
    fc.constantFrom('...F', '...G', '__typename'),
    fc.tuple(fc.constantFrom('part', 'parts', 'p: part'), directive, tie('things')).map((words) => words.join(' ')),
    fc.tuple(directive, tie('things')).map(([when, set]) => `... ${when} ${set}`),
    tie('things').map((set) => `... on Big { sure colour b: big ${set} }`),
    tie('things').map((set) => `... on Small { counts few { name } all ${set} }`),
  ),
}));

const documents = fc
  .record({
    root: fc.array(
      fc.oneof(
        fc.constantFrom('count', 'q: count @include(if: $b)', 'small { name }', 'small { counts }', '__typename'),
        fc
          .tuple(fc.constantFrom('thing', 'big', 'small', 't: thing', '... @skip(if: $a) { thing'), things)
          .map(([f, s]) => (f.startsWith('...') ? `${f} ${s} }` : `${f} ${s}`)),
      ),
      { minLength: 1, maxLength: 4 },
    ),
    reads: fc.constantFrom(
      '',
      '',
      'id ok',
      'list { name }',
      'any(n: 4) { ... on Thing { name } }',
      'lists { __typename ...F }',
    ),
    kind: fc.constantFrom('query', 'query', 'mutation'),
    f: things,
    g: things,
  })
  .map(({ root, reads, kind, f, g }) => {
    const variables = '($a: Boolean!, $b: Boolean! = true, $n: Int, $y: String! = "default", $size: Size)';
    const fragments = `fragment F on Thing ${f.replaceAll(/\.\.\.[FG]\b/g, 'name')} fragment G on Big ${g.replaceAll(/\.\.\.[FG]\b/g, '...F')}`;
    return `${kind} Q${variables} { use: __typename @skip(if: $a) ${root.join(' ')} ${kind === 'query' ? reads : ''} } ${fragments}`;
  });

const variables = fc.record(
  {
    a: fc.boolean(),
    b: fc.boolean(),
    n: fc.constantFrom(5, null, 'wrong'),
    y: fc.constantFrom('y', 'é', null),
    size: fc.constantFrom({}, null, { height: 9, colour: 'GREEN' }, { of: ['x'] }, { unknown: 1 }),
  },
  { requiredKeys: ['a'] },
);

for (const late of [false, true]) {
  test(`random documents give what graphql-js gives, where ${late ? 'some values come late' : 'all values are at hand'}`, async () => {
    equip(schema, late);
    const mine = createExecutor(schema);
    let [compared, failed] = [0, 0];
    await fc.assert(
      fc.asyncProperty(documents, variables, async (text, variableValues) => {
        const document = parse(text);
        const invalid = validate(schema, document).filter(({ message }) => !/never used/.test(message));
        fc.pre(invalid.length === 0);
        const asked = { document, variableValues, rootValue: { seed: 1 } };
        const expected = await execute({ schema, ...asked });
        for (let times = late ? 2 : 60; times > 0; times--) {
          const result = await mine(asked);
          // Which of several failures takes what stands around them may depend on which came first.
          const [one, other] = [expected, result].map(({ errors }) => (late ? Boolean(errors) : errors));
          expect(JSON.stringify(result.data)).toBe(JSON.stringify(expected.data));
          expect(JSON.stringify(other)).toBe(JSON.stringify(one));
          if (!late)
            expect(result.errors?.map(({ nodes }) => nodes)).toEqual(expected.errors?.map(({ nodes }) => nodes));
        }
        compared += 1;
        if (expected.errors) failed += 1;
      }),
      { numRuns: late ? 300 : 200 },
    );
    expect(compared).toBeGreaterThan(50);
    expect(failed).toBeGreaterThan(10);
    expect(failed).toBeLessThan(compared - 10);
  });
}

test('what is at hand is answered at once', () => {
  equip(schema, false);
  const result = createExecutor(schema)({ document: parse('{ id ok }'), rootValue: { seed: 1 } });
  expect(result).not.toBeInstanceOf(Promise);
});

test('a document’s mutations run one after the other', async () => {
  const done: string[] = [];
  const inTurn = buildSchema('type Query { x: Int } type Mutation { set(n: Int!): Int }');
  const set = inTurn.getMutationType()?.getFields()['set'];
  Object.assign(set ?? {}, {
    async resolve(_source: unknown, { n }: { n: number }) {
      done.push(`start ${n}`);
      await new Promise((resolve) => setImmediate(resolve));
      done.push(`end ${n}`);
      return n;
    },
  });
  const document = parse('mutation { a: set(n: 1) b: set(n: 2) }');
  expect(await createExecutor(inTurn)({ document })).toEqual({ data: { a: 1, b: 2 } });
  expect(done).toEqual(['start 1', 'end 1', 'start 2', 'end 2']);
});

test('no resolver of the schema asks for more than its parent, arguments and context', () => {
  for (const type of Object.values(parleys.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    expect(type.isTypeOf, type.name).toBeUndefined();
    for (const { name, resolve } of Object.values(type.getFields())) {
      expect(resolve?.length ?? 0, `${type.name}.${name}`).toBeLessThan(4);
    }
  }
});

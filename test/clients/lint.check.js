import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import plugin from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';
import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Every rule there is for schemas and for Relay, and a description everywhere. */
const RULES = {
  ...plugin.configs['flat/schema-all'].rules,
  ...plugin.configs['flat/schema-relay'].rules,
  'require-description': {
    types: true,
    rootField: true,
    DirectiveDefinition: true,
    FieldDefinition: true,
    EnumValueDefinition: true,
    InputValueDefinition: true,
  },
  'relay-edge-types': { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
  alphabetize: 'off', // it sorts another way than graphql's own printer, see below
  'require-field-of-type-query-in-mutation-result': 'off', // a payload holds what the mutation has done
};

/** Where the schema means to break a rule. An exemption that nothing needs any more fails the test. */
const EXEMPTIONS = [
  { rule: 'no-root-type', line: /^type (Mutation|Subscription) /, why: 'a chat is written to and listened to' },
  { rule: 'strict-id-in-types', line: /^type \w+(Connection|Edge) /, why: 'a page of a list has no identity' },
  { rule: 'strict-id-in-types', line: /^type \w+(Payload|Result) /, why: 'an answer has no identity' },
  { rule: 'strict-id-in-types', line: /^type \w+Event implements Event /, why: 'its cursor tells it from others' },
  { rule: 'strict-id-in-types', line: /^type CallSignal /, why: 'it passes by, and is kept nowhere' },
  {
    rule: 'strict-id-in-types',
    line: /^type (Attachment|MessageEdit|MessageReceipt|PageInfo|ReactionCount) /,
    why: 'a part of a message, found through it alone',
  },
  { rule: 'relay-edge-types', line: /^type MessageReceiptEdge /, why: 'a part of a message, found through it alone' },
  {
    rule: 'no-typename-prefix',
    line: /^ {2}(action|actionBy|actionFor|actionOn|call[A-Z]\w+|conversation[A-Z]\w+): /,
    why: 'the data model calls them so',
  },
  { rule: 'require-nullable-result-in-root', line: /: (\w+Connection|Int|String)!$/, why: 'there always is one' },
  {
    rule: 'require-nullable-result-in-root',
    line: /: \w+Payload!$/,
    why: 'what is refused has an error and no payload',
  },
];

test('schema.graphql passes the rules of @graphql-eslint for schemas and for Relay', async () => {
  const source = readFileSync(`${ROOT}schema.graphql`, 'utf8').split('\n');
  const found = (await lint()).map(({ line, ruleId, message }) => {
    const text = source[line - 1] ?? '';
    const rule = ruleId?.replace('@graphql-eslint/', '') ?? 'parser';
    return { rule, text, said: `${line}: ${text.trim()}: ${message} (${rule})` };
  });
  const exempts = ({ rule, line }, one) => rule === one.rule && line.test(one.text);
  const broken = found.filter((one) => !EXEMPTIONS.some((exemption) => exempts(exemption, one)));
  const unused = EXEMPTIONS.filter((exemption) => !found.some((one) => exempts(exemption, one)));
  assert.deepEqual(
    broken.map(({ said }) => said),
    [],
  );
  assert.deepEqual(unused, []);
});

test('schema.graphql is in the order of graphql’s own printer', () => {
  const text = readFileSync(`${ROOT}schema.graphql`, 'utf8');
  assert.equal(`${printSchema(lexicographicSortSchema(buildSchema(text)))}\n`, text);
});

async function lint() {
  const rules = Object.entries(RULES).map(([name, setting]) => {
    if (name.startsWith('@')) return [name, setting];
    return [`@graphql-eslint/${name}`, setting === 'off' ? 'off' : ['error', setting]];
  });
  const eslint = new ESLint({
    cwd: ROOT,
    overrideConfigFile: true,
    overrideConfig: {
      files: ['schema.graphql'],
      plugins: { '@graphql-eslint': plugin },
      languageOptions: {
        parser: plugin.parser,
        parserOptions: { graphQLConfig: { schema: `${ROOT}schema.graphql` } },
      },
      rules: Object.fromEntries(rules),
    },
  });
  const [result] = await eslint.lintFiles('schema.graphql');
  return result?.messages ?? [];
}

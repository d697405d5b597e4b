import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type FieldDefinitionNode,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
  parse,
  print,
} from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../src/schema.ts';

const promised = new Map(
  parse(readFileSync('test/data/contract.graphql', 'utf8')).definitions.map((one) => [nameOf(one as Named), one]),
);

/**
 * Personal beyond what the contract marks: who has deleted a conversation for themself sees none of its messages beside others, and
 * a group's people are for its members.
 */
const ALSO_PERSONAL = new Set(['parent', 'quoted', 'replies', 'members', 'bannedMembers']);

test('schema.graphql is what the code says (`npm run schema` writes it)', () => {
  const printed = execFileSync(process.execPath, ['test/support/print-schema.ts'], { encoding: 'utf8' });
  expect(readFileSync('schema.graphql', 'utf8')).toBe(printed);
});

test.each([...promised])('%s is as clients were promised', (name, definition) => {
  const type = schema.getType(name);
  const real = new Set([...(type ? [`there is ${type}`, ...factsOf(type)] : []), ...connections().flatMap(factsOf)]);
  const told = [`there is ${name}`, ...promisesOf(name, definition)];
  expect(told.filter((fact) => !real.has(fact))).toEqual([]);
});

test('nothing has to be given that clients were not told of', () => {
  const types = [...promised.keys()].map((name) => schema.getType(name)).filter((type) => type !== undefined);
  const required = types.flatMap((type) => requiredBy(type));
  const told = new Set([...promised].flatMap(([name, definition]) => promisesOf(name, definition)));
  expect(required.filter((fact) => !told.has(fact))).toEqual([]);
});

/** What the contract says of a type, a line each. */
function promisesOf(name: string, promise: DefinitionNode): string[] {
  switch (promise.kind) {
    case 'EnumTypeDefinition':
      return (promise.values ?? []).map((value) => `${name} has ${nameOf(value)}`);
    case 'UnionTypeDefinition':
      return (promise.types ?? []).map((type) => `${name} has ${nameOf(type)}`);
    case 'InputObjectTypeDefinition':
      return (promise.fields ?? []).map((field) => `${name}.${nameOf(field)}: ${print(field.type)}`);
    case 'ObjectTypeDefinition':
    case 'InterfaceTypeDefinition': {
      const interfaces = (promise.interfaces ?? []).map(nameOf);
      const fields = [...interfaces.flatMap((one) => fieldsOf(one)), ...(promise.fields ?? [])];
      const personal = isPersonal(promise);
      return [
        ...interfaces.map((one) => `${name} implements ${one}`),
        ...fields.flatMap((field) => promisesOfField(name, field, personal || isPersonal(field))),
      ];
    }
    default:
      return [];
  }
}

function promisesOfField(name: string, field: FieldDefinitionNode, personal: boolean): string[] {
  const path = `${name}.${nameOf(field)}`;
  const type = print(field.type);
  return [
    `${path}: ${type}${personal ? ' personal' : ''}`,
    ...(field.arguments ?? []).map((arg) => `${path}(${nameOf(arg)}: ${print(arg.type)})`),
    ...(type.endsWith('Connection!') ? promisesOfConnection(path, type.slice(0, -1)) : []),
  ];
}

function promisesOfConnection(path: string, connection: string): string[] {
  const edge = connection.replace('Connection', 'Edge');
  const node = connection === 'MessageConnection' ? 'BaseMessage' : connection.replace('Connection', '');
  return [
    ...['first: Int', 'after: String', 'last: Int', 'before: String'].map((arg) => `${path}(${arg})`),
    `${connection}.nodes: [${node}!]!`,
    `${connection}.edges: [${edge}!]!`,
    `${connection}.pageInfo: PageInfo!`,
    `${edge}.cursor: String!`,
    `${edge}.node: ${node}!`,
  ];
}

/** What the schema says of a type, in the same words. */
function factsOf(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return type.getValues().map(({ name }) => `${type} has ${name}`);
  if (isUnionType(type)) return type.getTypes().map((one) => `${type} has ${one}`);
  if (isInputObjectType(type))
    return Object.values(type.getFields()).map((field) => `${type}.${field.name}: ${field.type}`);
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  const fields = Object.values(type.getFields()).flatMap((field) => {
    // All that Query gives is as the viewer may see it: there the mark says nothing.
    const shown = field.extensions['personal'] && type !== schema.getQueryType() && !ALSO_PERSONAL.has(field.name);
    const personal = shown ? ' personal' : '';
    const args = field.args.map((arg) => `${type}.${field.name}(${arg.name}: ${arg.type})`);
    return [`${type}.${field.name}: ${field.type}${personal}`, ...args];
  });
  return [...type.getInterfaces().map((one) => `${type} implements ${one}`), ...fields];
}

function requiredBy(type: GraphQLNamedType): string[] {
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter(isRequiredInputField);
    return required.map((field) => `${type}.${field.name}: ${field.type}`);
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) =>
    field.args.filter(isRequiredArgument).map((arg) => `${type}.${field.name}(${arg.name}: ${arg.type})`),
  );
}

const connections = () => Object.values(schema.getTypeMap()).filter(({ name }) => /(Connection|Edge)$/.test(name));

/** An interface's fields, those of its own interfaces included. */
function fieldsOf(name: string): FieldDefinitionNode[] {
  const definition = promised.get(name);
  if (definition?.kind !== 'InterfaceTypeDefinition') return [];
  return [...(definition.fields ?? [])];
}

function isPersonal({ directives }: { readonly directives?: readonly ConstDirectiveNode[] | undefined }): boolean {
  return directives?.some((directive) => nameOf(directive) === 'personal') ?? false;
}

interface Named {
  readonly name: { readonly value: string };
}

function nameOf({ name }: Named): string {
  return name.value;
}

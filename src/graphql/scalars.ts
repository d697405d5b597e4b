import { GraphQLError, Kind, type ValueNode } from 'graphql';
import type { Json } from '../json.ts';
import { Upload } from '../upload.ts';
import { builder } from './builder.ts';

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'ERR_BAD_REQUEST' } });
}

const isTimestamp = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function timestamp(value: unknown): number {
  if (isTimestamp(value)) return value;
  throw badInput('A Timestamp is whole seconds since 1970-01-01T00:00:00Z, such as 1547011919.');
}

builder.scalarType('Timestamp', {
  description: 'Seconds since 1970-01-01T00:00:00Z, as a whole number: what every time in the data model is.',
  serialize: timestamp,
  parseValue: timestamp,
  parseLiteral: (node) => timestamp(node.kind === Kind.INT ? Number(node.value) : undefined),
});

builder.scalarType('JSON', {
  description: 'Any JSON value; metadata and customData are stored and returned without being interpreted.',
  serialize: (value) => value as Json,
  parseValue: (value) => value as Json,
  parseLiteral: literal,
});

builder.scalarType('URL', {
  description: 'An address: absolute, or a path on this server.',
  serialize: String,
  parseValue(value) {
    if (typeof value === 'string' && URL.canParse(value)) return value;
    throw badInput('A URL is an absolute address, such as "https://example.com/a.png".');
  },
});

function file(value?: unknown): Upload {
  if (value instanceof Upload) return value;
  throw badInput(
    'A File is a part of a multipart request, by the GraphQL multipart request specification, and null in its place in the variables.',
  );
}

builder.scalarType('File', {
  description:
    'A file in a multipart request: only ever given, by the GraphQL multipart request specification, and never answered.',
  serialize() {
    throw new Error('a File is only ever given');
  },
  parseValue: file,
  parseLiteral: () => file(),
});

/** A JSON value written in the document itself; variables inside it are not known here and are refused. */
function literal(node: ValueNode): Json {
  switch (node.kind) {
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return node.value;
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map(literal);
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, literal(value)]));
    case Kind.VARIABLE:
      throw badInput('Give the whole JSON value as one variable.');
  }
}

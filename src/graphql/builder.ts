import SchemaBuilder from '@pothos/core';
import type { Json } from '../json.ts';
import type { Upload } from '../upload.ts';
import type { Context } from './context.ts';

/** Pothos' types of our schema: nothing is null unless a field says so. */
interface Types {
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string | number };
    Timestamp: { Input: number; Output: number };
    JSON: { Input: Json; Output: Json };
    URL: { Input: string; Output: string };
    File: { Input: Upload; Output: never };
  };
}

/** `Types` over Pothos' defaults. */
export type SchemaTypes = PothosSchemaTypes.ExtendDefaultTypes<Types>;

export const builder = new SchemaBuilder<Types>({ defaultFieldNullability: false });

builder.queryType({
  description: 'What can be asked. Everything is as the viewer may see it: what they may not see is absent.',
});

/** Marks a field whose value depends on who asks. No other field's may. */
export const personal = { extensions: { personal: true } } as const;

builder.mutationType({
  description: 'What can be done. Each is on disk before it is answered, and what it did is in the log.',
});

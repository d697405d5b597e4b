import type {
  FieldMap,
  InputFieldBuilder,
  InputFieldMap,
  InputShapeFromFields,
  ObjectFieldBuilder,
} from '@pothos/core';
import type { Awaitable } from '../awaitable.ts';
import { builder, type SchemaTypes } from './builder.ts';
import { type Context, forgetRead } from './context.ts';

interface Mutation<Fields extends InputFieldMap, Result extends object> {
  readonly description: string;
  readonly input: (t: InputFieldBuilder<SchemaTypes, 'InputObject'>) => Fields;
  /** Does it: unpacks nothing but the input, and calls one function of a service. */
  readonly resolve: (input: InputShapeFromFields<Fields>, context: Context) => Awaitable<Result>;
  readonly payload: (t: ObjectFieldBuilder<SchemaTypes, Result>) => FieldMap;
}

/** The requests in which a mutation has run. */
const changed = new WeakSet<Context>();

/** Adds a mutation of one `input`, and the types of its input and its payload: for `doThis`, `DoThisInput` and `DoThisPayload`. */
export function addMutation<Fields extends InputFieldMap, Result extends object>(
  name: string,
  { description, input, resolve, payload }: Mutation<Fields, Result>,
): void {
  const typeName = name.charAt(0).toUpperCase() + name.slice(1);
  const inputType = builder.inputType(`${typeName}Input`, { description: `What \`${name}\` takes.`, fields: input });
  const payloadType = builder
    .objectRef<Result>(`${typeName}Payload`)
    .implement({ description: `What \`${name}\` gives.`, fields: payload });
  builder.mutationField(name, (t) =>
    t.field({
      type: payloadType,
      description,
      args: { input: t.arg({ type: inputType, required: true, description: 'What to do, and with what.' }) },
      resolve: (_root, args, context) => {
        // A document's mutations run one after the other, each with its selection.
        if (changed.has(context)) forgetRead(context);
        changed.add(context);
        return resolve((args as unknown as { input: InputShapeFromFields<Fields> }).input, context) as never;
      },
    }),
  );
}

// Prints the schema as `schema.graphql` holds it: `npm run schema`.
import { printSchema } from 'graphql';
import { schema } from '../../src/schema.ts';

process.stdout.write(`${printSchema(schema)}\n`);

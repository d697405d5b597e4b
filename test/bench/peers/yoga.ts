// GraphQL Yoga on `node:http`: its caches of parsed and validated documents and its masking of errors are on, as they are by default.
// Usage: node test/bench/peers/yoga.ts <database>
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createYoga } from 'graphql-yoga';
import { connect, fileOfArguments, say } from './database.ts';
import { createService } from './schema.ts';

const { schema, contextFor } = createService(connect(fileOfArguments()));
const yoga = createYoga({
  schema,
  graphiql: false,
  landingPage: false,
  context: ({ request }) => contextFor(request.headers.get('authorization') ?? undefined),
});
const server = createServer(yoga);
server.listen(0, '127.0.0.1', () => say((server.address() as AddressInfo).port));

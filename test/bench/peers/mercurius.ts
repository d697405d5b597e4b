// Mercurius on Fastify, with its JIT from the first request of a document on.
// Usage: node test/bench/peers/mercurius.ts <database>
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { connect, fileOfArguments, say } from './database.ts';
import { createService } from './schema.ts';

const { schema, contextFor } = createService(connect(fileOfArguments()));
const app = Fastify();
app.register(mercurius, { schema, jit: 1, context: (request) => contextFor(request.headers.authorization) });
await app.listen({ host: '127.0.0.1', port: 0 });
say((app.server.address() as AddressInfo).port);

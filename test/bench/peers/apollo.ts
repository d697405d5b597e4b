// Apollo Server on Express, with the integration that Apollo maintains and the draining that it recommends; its store of documents and its
// protection from CSRF are on, as they are by default. Usage: node test/bench/peers/apollo.ts <database>
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { connect, fileOfArguments, say } from './database.ts';
import { type Context, createService } from './schema.ts';

const { schema, contextFor } = createService(connect(fileOfArguments()));
const app = express();
const http = createServer(app);
const server = new ApolloServer<Context>({
  schema,
  plugins: [ApolloServerPluginDrainHttpServer({ httpServer: http })],
});
await server.start();
const context = async ({ req }: { req: express.Request }) => contextFor(req.headers.authorization);
app.use('/graphql', express.json(), expressMiddleware(server, { context }));
http.listen(0, '127.0.0.1', () => say((http.address() as AddressInfo).port));

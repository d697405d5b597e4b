// Apollo Server on Express, set up as in apollo.ts, whose `sendTextMessage` runs the statements of Parley's in a transaction of its own:
// a commit, and so an fsync, for each message. Usage: node test/bench/peers/apollo-sending.ts <database>
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { openStatements } from '../sending-statements.ts';
import { fileOfArguments, say } from './database.ts';

const typeDefs = `
  scalar Timestamp
  enum ReceiverType { USER GROUP }
  input SendTextMessageInput { receiverType: ReceiverType! receiverId: ID! text: String! }
  type User { uid: ID! }
  type TextMessage { id: ID! sentAt: Timestamp! text: String! sender: User! }
  type SendTextMessagePayload { message: TextMessage! }
  type Query { me: User }
  type Mutation { sendTextMessage(input: SendTextMessageInput!): SendTextMessagePayload! }
`;

interface Input {
  readonly receiverId: string;
  readonly text: string;
}

interface Context {
  readonly authorization: string | undefined;
}

const { client, words, find, send } = openStatements(fileOfArguments());
const commitEach = client.transaction((...message: Parameters<typeof send>) => {
  const sent = send(...message);
  words.keep();
  return sent;
}).immediate;

const resolvers = {
  Mutation: {
    sendTextMessage(_root: unknown, { input }: { input: Input }, { authorization }: Context) {
      const { sender, group } = find(authorization, input.receiverId);
      return { message: commitEach(sender, group, input.text) };
    },
  },
};

const app = express();
const http = createServer(app);
const plugins = [ApolloServerPluginDrainHttpServer({ httpServer: http })];
const server = new ApolloServer<Context>({ typeDefs, resolvers, plugins });
await server.start();
const context = async ({ req }: { req: express.Request }) => ({ authorization: req.headers.authorization });
app.use('/graphql', express.json(), expressMiddleware(server, { context }));
http.listen(0, '127.0.0.1', () => say((http.address() as AddressInfo).port));

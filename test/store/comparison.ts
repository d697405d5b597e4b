import { type DocumentNode, type ExecutionResult, parse } from 'graphql';
import { expect } from 'vitest';
import { createApp } from '../../src/app.ts';
import { createContext } from '../../src/graphql/context.ts';
import { createExecutor } from '../../src/graphql/execution/executor.ts';
import { schema } from '../../src/schema.ts';
import type { Database } from '../../src/store/handle.ts';
import type { User } from '../../src/users/user.ts';
import type { TestServer } from '../support/server.ts';
import { PEOPLE, WRITTEN } from '../writing/model/plain.ts';

const MESSAGES = '{ pageInfo { hasPreviousPage startCursor } nodes { id ... on TextMessage { text } } }';
const LISTED = 'conversationId unreadMessageCount latestMessageId lastMessage { id sender { name } }';
const LISTS = `query ($after: String, $before: String) {
  front: conversations(first: 2, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { ${LISTED} messages(last: 2) ${MESSAGES} }
  }
  back: conversations(last: 2, before: $before) {
    pageInfo { hasPreviousPage startCursor } nodes { ${LISTED} messages(last: 7) ${MESSAGES} }
  }
  withUser: conversation(with: { receiverType: USER, receiverId: "bob" }) { ${LISTED} }
  withGroup: conversation(with: { receiverType: GROUP, receiverId: "closed" }) { ${LISTED} }
  user(uid: "bob") { name conversation { ${LISTED} } }
  group(guid: "closed") { name hasJoined conversation { ${LISTED} messages(last: 30) ${MESSAGES} } }
}`;
const [EVERYBODY, EVERYTHING, PAGES] = [parse(PEOPLE), parse(WRITTEN), parse(LISTS)];

const execute = createExecutor(schema);

interface Connection {
  readonly pageInfo: { readonly startCursor: string; readonly endCursor: string };
}

/**
 * Compares what a user is shown by the server, which has caches, and by a plain connection, which has none. Both are asked without a
 * turn between, for which there is no public door: so nothing is committed meanwhile.
 */
export function comparison(server: TestServer, plain: Database): (uid: string) => void {
  const uncached = createApp(plain);
  return (uid) => {
    const found = uncached.users.findAny(uid) as User | undefined;
    expect(server.services.users.findAny(uid)).toEqual(found);
    if (!found) return;
    const viewer = { kind: 'user', id: found.id, uid, byKey: false } as const;
    const ask = (document: DocumentNode, variableValues: Record<string, unknown> = {}) => {
      const [cached, truth] = [server.services, uncached].map((services) =>
        execute({ document, contextValue: createContext(services, viewer), variableValues }),
      );
      expect(cached).toEqual(truth);
      return (truth as ExecutionResult).data as Record<string, Connection> | null;
    };
    ask(EVERYBODY);
    ask(EVERYTHING);
    const { front, back } = ask(PAGES) ?? {};
    ask(PAGES, { after: front?.pageInfo.endCursor, before: back?.pageInfo.startCursor });
  };
}

import { afterAll, beforeAll, expect } from 'vitest';
import type { GraphQLAnswer, Who } from './client.ts';
import type { DialectName } from './database.ts';
import type { Line } from './seed.ts';
import { startTestServer, type TestServer } from './server.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read what they asked for, and fail where it is something else
type Data = any;

/** As whom a test asks: a uid, the API key itself, or nobody. */
export type As = string | 'KEY' | 'NOBODY';

export interface Asker {
  readonly server: () => TestServer;
  /** The answer's data; fails where it holds an error. */
  data(as: As, document: string, variables?: object): Promise<Data>;
  /** The codes of the answer's errors. */
  codes(as: As, document: string, variables?: object): Promise<unknown[]>;
  /** The whole answer. */
  answer(as: As, document: string, variables?: object): Promise<GraphQLAnswer>;
  /** What a mutation gives, as far as `fields` select it; fails where it is refused. */
  run(as: As, mutation: string, input: object, fields: string): Promise<Data>;
  /** The code with which a mutation is refused; fails where it is not. */
  refusal(as: As, mutation: string, input: object): Promise<unknown>;
}

const whoIs = (as: As): Who => {
  if (as === 'KEY') return {};
  return as === 'NOBODY' ? { anonymous: true } : { as };
};

/** Questions to a server. */
export function askerOf(server: () => TestServer): Asker {
  const answer = (as: As, document: string, variables?: object) => server().query(document, variables, whoIs(as));
  const mutate = (as: As, mutation: string, input: object, fields: string) => {
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    return answer(as, `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${fields} } }`, { input });
  };
  return {
    server,
    answer,
    async run(as, mutation, input, fields) {
      const { data, errors } = await mutate(as, mutation, input, fields);
      expect(errors).toEqual([]);
      return data[mutation];
    },
    async refusal(as, mutation, input) {
      const { data, errors } = await mutate(as, mutation, input, '__typename');
      expect(errors).toHaveLength(1);
      expect(data ?? null).toBeNull();
      return errors[0]?.extensions['code'];
    },
    async data(as, document, variables) {
      const { data, errors } = await answer(as, document, variables);
      expect(errors).toEqual([]);
      return data;
    },
    codes: async (as, document, variables) =>
      (await answer(as, document, variables)).errors.map(({ extensions }) => extensions['code']),
  };
}

/** A server with these lines for all the tests of a suite. */
export function useServer(dialect: DialectName, lines: readonly Line[]): Asker {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await startTestServer({ dialect, lines });
  });
  afterAll(() => server?.stop());
  return askerOf(() => server as TestServer);
}

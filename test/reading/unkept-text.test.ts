import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachDialect } from '../support/each-dialect.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const FIND = 'query ($roles: [String!]) { users(roles: $roles) { nodes { uid } } }';

eachDialect((dialect) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ dialect });
  });
  afterAll(() => server.stop());

  test.each([
    ['U+0000', 'a\0b'],
    ['half of a surrogate pair', 'a\ud800b'],
  ])('%s in a variable is refused, and the variable named', async (_what, text) => {
    const { errors, status } = await server.query(FIND, { roles: ['fine', text] });
    expect(errors).toMatchObject([
      { message: expect.stringContaining('$roles'), extensions: { code: 'ERR_BAD_REQUEST' } },
    ]);
    expect(status).toBe(400);
  });

  test('U+0000 in the document is refused', async () => {
    const { errors } = await server.query('{ users(roles: ["\\u0000"]) { nodes { uid } } }');
    expect(errors).toMatchObject([{ extensions: { code: 'ERR_BAD_REQUEST' } }]);
  });

  test('a whole surrogate pair is fine', async () => {
    const { errors } = await server.query(FIND, { roles: ['😀'] });
    expect(errors).toEqual([]);
  });
});

import { expect, test } from 'vitest';
import { eachDialect } from '../support/each-dialect.ts';
import { serverForTest } from '../support/server.ts';

eachDialect((dialect) => {
  test('is alive and ready once it has started', async () => {
    const { url } = await serverForTest({ dialect });
    const [health, ready] = await Promise.all([fetch(`${url}/health`), fetch(`${url}/ready`)]);
    expect([health.status, await health.json()]).toEqual([200, { status: 'alive' }]);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
  });

  test('is alive but not ready while its database does not answer', async () => {
    const { url, db } = await serverForTest({ dialect });
    await db.close();
    const [health, ready] = await Promise.all([fetch(`${url}/health`), fetch(`${url}/ready`)]);
    expect(health.status).toBe(200);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'the database does not answer' }]);
  });
});

test('a path where nothing is answers 404 and says what there is', async () => {
  const { url } = await serverForTest();
  const response = await fetch(`${url}/graphiql`);
  expect(response.status).toBe(404);
  expect(await response.text()).toContain('/graphql');
});

test('an answer carries the request id that came with the request', async () => {
  const { url } = await serverForTest();
  const response = await fetch(`${url}/health`, { headers: { 'x-request-id': 'abc-123' } });
  expect(response.headers.get('x-request-id')).toBe('abc-123');
});

test('a request id that could not stand in a log gets a new one', async () => {
  const { url } = await serverForTest();
  const response = await fetch(`${url}/health`, { headers: { 'x-request-id': 'two words' } });
  expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

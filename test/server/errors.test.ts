import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { createClient } from '../support/client.ts';
import { databaseForTest, runSql } from '../support/database.ts';
import { eachDialect } from '../support/each-dialect.ts';
import { serveParley } from '../support/parley.ts';
import { serverForTest } from '../support/server.ts';

const KEY = 'the key of a test server';

eachDialect((dialect) => {
  test('what nobody expected is masked, with the request id that the log has, and the log holds no values', async () => {
    const database = await databaseForTest(dialect);
    const parley = await serveParley({ PARLEY_DATABASE: database, PARLEY_API_KEY: KEY });
    const query = createClient(parley.url, KEY);
    await runSql(database, dialect === 'sqlite' ? 'drop table users' : 'drop table users cascade');
    const { data, errors, status, headers } = await query('{ user(uid: "somebody-secret") { name } }');
    expect([status, data]).toEqual([200, { user: null }]);
    expect(errors).toMatchObject([
      {
        message: 'Internal server error',
        path: ['user'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: headers.get('x-request-id') },
      },
    ]);
    parley.child.kill('SIGTERM');
    await parley.exited;
    expect(parley.stderr()).toContain(headers.get('x-request-id'));
    expect(parley.stderr()).toContain('users');
    expect(parley.stderr()).not.toContain('somebody-secret');
    expect(parley.stderr()).not.toContain(KEY);
  });
});

test('a client that leaves in the middle of a body is no unexpected error', async () => {
  const parley = await serveParley({ PARLEY_DATABASE: await databaseForTest('sqlite'), PARLEY_API_KEY: KEY });
  const socket = connect(Number(new URL(parley.url).port), '127.0.0.1');
  const head = 'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n';
  socket.write(`${head}Expect: 100-continue\r\n\r\n`);
  await once(socket, 'data'); // the server waits for the body now
  socket.destroy();
  parley.child.kill('SIGTERM');
  await parley.exited;
  expect(parley.stderr()).not.toContain('unexpected error');
});

test('a request with wrong credentials answers 401 with their code, whatever it asks', async () => {
  const { query } = await serverForTest();
  const { data, errors, status, headers } = await query('{ __typename }', {}, { token: 'no such key' });
  expect([status, data, headers.get('www-authenticate')]).toEqual([401, undefined, 'Bearer']);
  expect(errors[0]?.extensions).toEqual({ code: 'AUTH_ERR_APIKEY_NOT_FOUND' });
});

test('without credentials the schema answers, and what needs a viewer says so', async () => {
  const { query } = await serverForTest();
  const { data, errors, status } = await query(
    '{ __schema { queryType { name } } me { uid } }',
    {},
    { anonymous: true },
  );
  expect([status, data]).toEqual([200, { __schema: { queryType: { name: 'Query' } }, me: null }]);
  expect(errors).toMatchObject([{ path: ['me'], extensions: { code: 'AUTH_ERR_NO_ACCESS' } }]);
});

test('a document with a mistake in it says where, under its own code', async () => {
  const { query } = await serverForTest();
  expect((await query('{ me ')).errors).toMatchObject([
    { message: expect.stringContaining('Syntax Error'), extensions: { code: 'GRAPHQL_PARSE_FAILED' } },
  ]);
  expect((await query('{ you }')).errors).toMatchObject([
    { message: expect.stringContaining('"you"'), extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  ]);
});

test('a variable of the wrong type says which, and is the client’s error', async () => {
  const { query } = await serverForTest();
  const { errors } = await query('query ($first: Int) { users(first: $first) { totalCount } }', { first: 'ten' });
  expect(errors).toMatchObject([
    { message: expect.stringContaining('$first'), extensions: { code: 'ERR_BAD_REQUEST' } },
  ]);
});

test('the status of a mistake follows the media type that the client accepts', async () => {
  const { query } = await serverForTest();
  const accept = (type: string) => ({ headers: { accept: type } });
  expect((await query('{ you }', {}, accept('application/json'))).status).toBe(200);
  expect((await query('{ you }', {}, accept('application/graphql-response+json'))).status).toBe(400);
});

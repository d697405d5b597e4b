import { expect, test } from 'vitest';
import { serverForTest } from '../support/server.ts';

async function stream(url: string, query: string) {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return { type: response.headers.get('content-type'), text: await response.text() };
}

test('a client that accepts an event stream gets its answer as one', async () => {
  const { url } = await serverForTest();
  const { type, text } = await stream(url, '{ __typename }');
  expect(type).toBe('text/event-stream');
  expect(text).toContain('event: next\ndata: {"data":{"__typename":"Query"}}\n\nevent: complete');
});

test('the limits hold in an event stream too', async () => {
  const { url } = await serverForTest();
  for (const query of [
    `{ ${'__typename '.repeat(2_000)} }`,
    `{ ${Array.from({ length: 31 }, (_, n) => `a${n}: onlineUserCount`)} }`,
    '{ users(first: 100) { nodes { conversation { messages(last: 100) { nodes { id sentAt muid type status } } } } } }',
  ]) {
    expect((await stream(url, query)).text).toContain('"code":"ERR_LIMIT_EXCEEDED"');
  }
});

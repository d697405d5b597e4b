import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { serverForTest } from '../support/server.ts';

const ALLOWED = 'access-control-allow-origin';

test('pages of the origins that PARLEY_ORIGINS names may ask over HTTP, and no others', async () => {
  const { url } = await serverForTest({ env: { PARLEY_ORIGINS: 'https://app.example.org,http://localhost:3000' } });
  const ask = (origin: string | undefined, init: RequestInit = {}) =>
    fetch(`${url}/graphql?query={__typename}`, { ...init, ...(origin && { headers: { origin } }) });
  for (const origin of ['https://app.example.org', 'http://localhost:3000', url]) {
    for (const { headers } of [await ask(origin), await ask(origin, { method: 'OPTIONS' })]) {
      expect([headers.get(ALLOWED), headers.get('vary')]).toEqual([origin, 'origin']);
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
  }
  for (const origin of [
    'https://evil.example',
    'https://app.example.org:8443',
    'null',
    'https://app.example.org.evil',
  ]) {
    for (const { headers } of [await ask(origin), await ask(origin, { method: 'OPTIONS' })]) {
      expect([headers.get(ALLOWED), headers.get('vary')]).toEqual([null, 'origin']);
    }
  }
  const program = await ask(undefined);
  expect([program.status, program.headers.get(ALLOWED)]).toEqual([200, null]);
});

test.each([
  'app.example.org',
  'https://app.example.org/',
  'https://App.example.org',
  'ftp://a.example',
  '*',
  'https://a.example,',
])('PARLEY_ORIGINS takes no %s', (value) => {
  expect(() => readConfig({ PARLEY_ORIGINS: value })).toThrow('PARLEY_ORIGINS: takes origins as browsers write them');
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { ERROR_CODES } from '../src/errors.ts';

const rowsOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/^\| `([A-Z_]+)` \| ?(?:`([^`]*)`)?/gm)].map(([, name, value]) => [
    name,
    value,
  ]);

test('docs/errors.md explains every code, and no others', () => {
  const explained = rowsOf('docs/errors.md').map(([code]) => code);
  expect(explained.toSorted()).toEqual([...ERROR_CODES].sort());
});

test('docs/settings.md lists every setting with its default', () => {
  const listed = new Map(rowsOf('docs/settings.md').map(([name = '', value]) => [name, value]));
  listed.delete('NODE_ENV'); // Node's own
  expect([...listed.keys()].sort()).toEqual(settingNames().sort());
  const { development: _, ...defaults } = readConfig({});
  for (const [name, value] of Object.entries(defaults)) {
    const written = String(typeof value === 'boolean' ? Number(value) : value);
    expect(`${name} ${listed.get(name)}`).toBe(`${name} ${written}`);
  }
});

test('README.md says of every package what it is for', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const names = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith('@types/'));
  const [, told = ''] = /^## What it stands on\n(.*?)^## /ms.exec(readFileSync('README.md', 'utf8')) ?? [];
  expect(names.filter((name) => !told.includes(`\`${name}\``))).toEqual([]);
});

/** Those that a refusal of an unknown one names. */
function settingNames(): string[] {
  try {
    readConfig({ PARLEY_TYPO: '1' });
  } catch (error) {
    return /Those there are: (.*)/.exec((error as Error).message)?.[1]?.split(', ') ?? [];
  }
  return [];
}

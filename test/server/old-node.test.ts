import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';

const old = olderNode();

test.skipIf(!old)(
  'on an older Node it says in one line what it needs (left out where the path has no such Node)',
  () => {
    const { status, stdout, stderr } = spawnSync(old ?? '', ['src/main.ts', 'serve'], { encoding: 'utf8' });
    expect(stderr).toMatch(/^Parley needs Node 22\.18 or later, and this is v[\d.]+: .*\n$/);
    expect(stdout).toBe('');
    expect(status).toBe(1);
  },
);

/** A Node of the machine's own that is older than Parley needs. */
function olderNode(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .find((file) => isExecutable(file) && majorOf(file) < 22);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function majorOf(node: string): number {
  return Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }));
}

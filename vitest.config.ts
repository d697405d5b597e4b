import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const common = {
  experimental: { viteModuleRunner: false }, // Node itself loads tests and code, as it does in service
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

const LIVE = 'test/{live,faults}/**/*.test.ts';
const liveOnBoth = globSync(LIVE).filter((file) => readFileSync(file, 'utf8').includes('eachDialect'));

/**
 * What listens on PostgreSQL comes after the rest, one file at a time: there an event is told once no transaction of the whole
 * server can come before it, and the imports of other tests would hold that up.
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    globalSetup: 'test/support/templates.ts',
    isolate: false, // to load the schema anew for each file takes a quarter of the time; each file leaves nothing behind
    projects: [
      {
        test: {
          ...common,
          name: 'all but live',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{live,faults}/**', 'test/clients/**', 'test/bench/**'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: 'live on SQLite',
          include: [LIVE],
          env: { TEST_DIALECT: 'sqlite' },
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: 'live on PostgreSQL',
          include: liveOnBoth,
          env: { TEST_DIALECT: 'postgres' },
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

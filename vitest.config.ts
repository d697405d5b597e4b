import { defineConfig } from 'vitest/config';

const common = {
  experimental: { viteModuleRunner: false }, // Node itself loads tests and code, as it does in service
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

/**
 * What listens comes after the rest, one file at a time: on PostgreSQL an event is told once no transaction of the whole server can
 * come before it, and the imports of other tests would hold that up.
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
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
          name: 'live',
          include: ['test/{live,faults}/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    experimental: { viteModuleRunner: false }, // Node itself loads tests and code, as it does in service
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});

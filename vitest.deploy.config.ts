import { defineConfig } from 'vitest/config';

/** The servers of `deploy/`, apart from the other tests: they need programs that few have. */
export default defineConfig({
  test: {
    name: 'deploy',
    include: ['test/deploy/**/*.test.ts'],
    globalSetup: ['test/e2e/support/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

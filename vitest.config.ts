import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { findChromium } from './scripts/find-browser.mjs';

const runtimeDependencies = ['papaparse', '@noble/hashes/sha2.js', 'fast-check', 'comlink'];

/** Pure tests of the core run twice: in Node, and in a real Chromium. The rest needs Node. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**'],
          globalSetup: ['test/support/build.ts'],
          setupFiles: ['test/support/seed.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        optimizeDeps: { include: runtimeDependencies },
        test: {
          name: 'browser',
          include: ['test/unit/**/*.test.ts', 'test/browser/**/*.test.ts'],
          exclude: ['test/unit/schema.test.ts'],
          setupFiles: ['test/support/seed.ts'],
          testTimeout: 120_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                executablePath: findChromium() ?? 'chromium-not-found',
                args: [
                  '--no-sandbox',
                  '--disable-dev-shm-usage',
                  '--disable-gpu',
                  '--disable-background-networking',
                  '--disable-component-update',
                  '--disable-sync',
                  '--no-first-run',
                ],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});

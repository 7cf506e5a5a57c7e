import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArguments, findChromium } from './scripts/find-browser.mjs';
import { kernel } from './scripts/kernel.mjs';
import { workerText } from './scripts/worker-text.mjs';

const runtimeDependencies = [
  'papaparse',
  'pako',
  '@noble/hashes/sha2.js',
  'fast-check',
  'comlink',
  'react',
  'react/jsx-dev-runtime',
  'react-dom',
  'react-dom/client',
  'react-aria-components',
];

/**
 * Pure tests of the core run twice: in Node, and in a real Chromium. Tests of the built page are
 * driven from Node, with a Chromium of their own. The rest needs Node.
 */
export default defineConfig({
  test: {
    projects: [
      {
        plugins: [kernel()],
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['browser', 'bridge', 'app', 'e2e', 'deploy'].map((room) => `test/${room}/**`),
          globalSetup: ['test/support/build.ts'],
          setupFiles: ['test/support/seed.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/support/setup.ts'],
          // What a test waits for may take long on a busy machine; it never decides the outcome.
          expect: { poll: { timeout: 60_000 } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins: [kernel(), workerText()],
        optimizeDeps: { include: runtimeDependencies },
        test: {
          name: 'browser',
          include: [
            'test/unit/**/*.test.ts',
            'test/browser/**/*.test.ts',
            'test/bridge/**/*.test.ts',
            'test/app/**/*.test.{ts,tsx}',
          ],
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
                args: chromiumArguments,
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});

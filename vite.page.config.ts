import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { workerText } from './scripts/worker-text.mjs';

/** The demo claims file and its published secret, beside the page. */
function demoFiles(): Plugin {
  return {
    name: 'velora-demo-files',
    generateBundle() {
      for (const name of ['claims.csv', 'demo.key']) {
        const source = readFileSync(join(import.meta.dirname, 'samples', name));
        this.emitFile({ type: 'asset', fileName: `demo/${name}`, source });
      }
    },
  };
}

/**
 * Leaves out the component library's words in other languages than the page's own. What is undefined
 * there falls back to English.
 */
function englishOnly(): Plugin {
  const other =
    /[\\/]react-(?:aria|stately)[^\\/]*[\\/].*[\\/]intl[\\/].*[\\/](?!en-US)[a-z]{2}-[A-Z]{2}\.m?js$/;
  return {
    name: 'velora-english-only',
    load: (id) => (other.test(id) ? 'export default undefined;' : null),
  };
}

/**
 * The page: static files that work from any folder of any server. Nothing is inlined, since the
 * policy allows neither `data:` nor inline scripts.
 */
export default defineConfig({
  base: './',
  publicDir: false,
  plugins: [react(), englishOnly(), workerText(), demoFiles()],
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    modulePreload: false,
    assetsInlineLimit: 0,
    // scripts/budget.mjs says what is too large.
    chunkSizeWarningLimit: 1000,
    license: { fileName: 'third-party-licenses.md' },
  },
});

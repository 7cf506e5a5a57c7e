import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { kernel } from './scripts/kernel.mjs';

/** What the embedded database loads when it opens; it looks for them beside the bundle. */
const databaseFiles = ['pglite.wasm', 'initdb.wasm', 'pglite.data'];

function embeddedDatabase(): Plugin {
  const folder = join(import.meta.dirname, 'node_modules', '@electric-sql', 'pglite', 'dist');
  return {
    name: 'velora-embedded-database',
    async generateBundle() {
      for (const name of databaseFiles) {
        const source = await readFile(join(folder, name));
        this.emitFile({ type: 'asset', fileName: `pglite/${name}`, source });
      }
    },
  };
}

/**
 * The command line, the receiver and the library for Node, each one file beside its chunks.
 * Dependencies are bundled: what the lock file pins is what runs, also after `npm install -g`.
 */
export default defineConfig({
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'dist',
    minify: false,
    license: { fileName: 'third-party-licenses.md' },
    rolldownOptions: {
      input: {
        index: 'src/index.ts',
        cli: 'src/cli/main.ts',
        'engine-thread': 'src/cli/engine-thread.ts',
        receiver: 'src/server/command/main.ts',
      },
      // The embedded database comes with some; nothing of ours does.
      checks: { eval: false },
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
  ssr: { noExternal: true },
  plugins: [kernel(), embeddedDatabase()],
});

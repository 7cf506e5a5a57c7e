import { defineConfig } from 'vite';

/**
 * The command line and the library for Node, each one file beside its chunks. Dependencies are
 * bundled: what the lock file pins is what runs, also after `npm install -g`.
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
      },
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
  ssr: { noExternal: true },
});

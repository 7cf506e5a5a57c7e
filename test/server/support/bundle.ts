import { join } from 'node:path';
import { build } from 'vite';

/** Builds a TypeScript file to one in this folder that `node` runs. Gives its path. */
export async function bundle(entry: string, folder: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: entry,
      outDir: folder,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'main.mjs' } },
    },
    ssr: { noExternal: true },
  });
  return join(folder, 'main.mjs');
}

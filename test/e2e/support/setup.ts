import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import buildAll from '../../support/build.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the page with its policy, bridge and workers, and no app. */
    readonly barePage: string;
  }
}

/** Builds the page as it is shipped, and a bare one in which tests drive the bridge themselves. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  buildAll();
  const folder = await mkdtemp(join(tmpdir(), 'velora-bare-page-'));
  const app = join(import.meta.dirname, 'bare-app.ts');
  await build({
    configFile: join(import.meta.dirname, '..', '..', '..', 'vite.page.config.ts'),
    logLevel: 'warn',
    build: { outDir: folder, emptyOutDir: true },
    plugins: [
      {
        name: 'velora-bare-app',
        enforce: 'pre',
        resolveId: (id) => (id === './app.tsx' ? app : null),
      },
    ],
  });
  project.provide('barePage', folder);
  return () => rm(folder, { recursive: true, force: true });
}

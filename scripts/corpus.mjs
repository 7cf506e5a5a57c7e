/**
 * npm run test:corpus -- FOLDER: builds `dist`, then runs public data that is not part of the
 * package: CSV cases of other readers, HMAC vectors, headers and health samples. What it checks is
 * in test/corpus; Vite loads it from source.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createServer } from 'vite';
import { kernel } from './kernel.mjs';

const expected = ['csv-cases.json', 'headers.tsv', 'health', 'hmac', 'restricted_zip3.json'];
const root = join(import.meta.dirname, '..');

const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined || folder.startsWith('-') || rest.length > 0) usage();
const corpus = resolve(folder);
const missing = expected.filter((name) => !existsSync(join(corpus, name)));
if (missing.length > 0) usage(`${folder} lacks ${missing.join(', ')}.`);

const build = spawnSync(
  process.execPath,
  ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (build.status !== 0) process.exit(1);

const server = await createServer({
  root,
  configFile: false,
  plugins: [kernel()],
  appType: 'custom',
  logLevel: 'error',
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
});
try {
  const { runCorpus } = await server.ssrLoadModule('/test/corpus/run.ts');
  /** @type {typeof import('../test/corpus/run.ts').runCorpus} */
  const run = runCorpus;
  process.exitCode = (await run(corpus, join(root, 'dist', 'cli.js'))) ? 0 : 1;
} finally {
  await server.close();
}

/**
 * @param {string} [problem]
 * @returns {never}
 */
function usage(problem) {
  if (problem !== undefined) console.error(problem);
  console.error(`usage: npm run test:corpus -- FOLDER, which holds ${expected.join(', ')}`);
  process.exit(2);
}

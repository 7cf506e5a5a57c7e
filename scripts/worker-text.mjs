import { join } from 'node:path';
import { build } from 'vite';
import { kernel } from './kernel.mjs';

const prefix = 'virtual:worker/';
const workers = ['tokenizer', 'segment'];
const licenses = 'third-party-licenses.md';

/**
 * A Vite plugin: `virtual:worker/tokenizer` and `virtual:worker/segment` are modules whose default
 * export is that worker, bundled as the text of one classic script. A worker that starts from a
 * `blob:` URL of such text inherits the page's policy, and one with a URL of its own does not.
 * What the workers bundle is added to the licence file of the build, where it writes one.
 * @returns {import('vite').Plugin}
 */
export function workerText() {
  let root = process.cwd();
  let minify = false;
  /** @type {Map<string, string>} */
  const notices = new Map();
  return {
    name: 'velora-worker-text',
    configResolved(config) {
      root = config.root;
      minify = config.isProduction && config.command === 'build';
    },
    resolveId(id) {
      const known = id.startsWith(prefix) && workers.includes(id.slice(prefix.length));
      return known ? `\0${id}` : null;
    },
    async load(id) {
      if (!id.startsWith(`\0${prefix}`)) return null;
      const name = id.slice(1 + prefix.length);
      const { text, notice, files } = await bundle(root, name, minify);
      for (const file of files) this.addWatchFile(file);
      notices.set(name, notice);
      return { code: `export default ${JSON.stringify(text)};`, map: null };
    },
    generateBundle: {
      order: 'post',
      handler(_options, output) {
        const file = output[licenses];
        if (file?.type === 'asset')
          file.source = merged([String(file.source), ...notices.values()]);
      },
    },
  };
}

/**
 * @param {string} root
 * @param {string} name
 * @param {boolean} minify
 */
async function bundle(root, name, minify) {
  /** @type {string[]} */
  let files = [];
  const result = await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2023',
      minify,
      modulePreload: false,
      license: { fileName: licenses },
      rolldownOptions: {
        input: join(root, 'workers', `${name}.worker.ts`),
        output: { format: 'iife', codeSplitting: false },
      },
    },
    plugins: [
      kernel(),
      {
        name: 'velora-worker-files',
        buildEnd() {
          files = [...this.getModuleIds()].filter((id) => !id.startsWith('\0'));
        },
      },
    ],
  });
  const { output } = /** @type {import('vite').Rolldown.RolldownOutput} */ (
    Array.isArray(result) ? result[0] : result
  );
  const chunks = output.filter((part) => part.type === 'chunk');
  if (chunks.length !== 1) throw new Error(`worker ${name} came out as ${chunks.length} files`);
  const notice = output.find((part) => part.type === 'asset' && part.fileName === licenses);
  return {
    text: chunks[0].code,
    notice: notice?.type === 'asset' ? String(notice.source) : '',
    files,
  };
}

/**
 * One licence file out of several: the sections of all, each package once.
 * @param {readonly string[]} texts
 */
function merged(texts) {
  const [head = ''] = (texts[0] ?? '').split(/^(?=## )/m);
  const sections = texts.flatMap((text) => text.split(/^(?=## )/m).slice(1));
  const unique = new Map(sections.map((section) => [section.split('\n', 1)[0], section.trim()]));
  const names = [...unique.keys()].sort();
  return `${[head.trim(), ...names.map((name) => unique.get(name))].join('\n\n')}\n`;
}

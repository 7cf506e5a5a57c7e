import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const name = 'virtual:kernel';
const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'assembly');

/**
 * A Vite plugin: `virtual:kernel` is a module whose default export is the WebAssembly kernel,
 * compiled from `assembly/`, in base64. So it is part of whatever is bundled: no file is fetched.
 * @returns {import('vite').Plugin}
 */
export function kernel() {
  return {
    name: 'velora-kernel',
    resolveId: (id) => (id === name ? `\0${name}` : null),
    async load(id) {
      if (id !== `\0${name}`) return null;
      for (const file of readdirSync(sources)) this.addWatchFile(join(sources, file));
      compiled ??= compileKernel();
      const text = Buffer.from(await compiled).toString('base64');
      return { code: `export default ${JSON.stringify(text)};`, map: null };
    },
  };
}

/** @type {Promise<Uint8Array> | undefined} */
let compiled;

/**
 * Compiles `assembly/index.ts`. The same source gives the same bytes. In a process of its own: the
 * types of the compiler would redefine those of JavaScript wherever this file is imported.
 * @returns {Promise<Uint8Array>}
 */
export async function compileKernel() {
  const folder = mkdtempSync(join(tmpdir(), 'velora-kernel-'));
  try {
    const out = join(folder, 'kernel.wasm');
    await promisify(execFile)(process.execPath, [
      join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js'),
      ...['index.ts', '--baseDir', sources, '--outFile', out],
      ...['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
    ]);
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

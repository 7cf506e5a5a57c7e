/**
 * npm start: serves the built page on 127.0.0.1 until Ctrl-C, at PORT, or else at 4173 or the next
 * free port. Builds first where nothing has been built.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { servePage } from './serve-page.mjs';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'dist', 'page');

if (!existsSync(join(folder, 'index.html'))) {
  console.log('Building the page …');
  execFileSync(process.execPath, [join(root, 'scripts', 'prepare.mjs')], { stdio: 'inherit' });
}

const page = await serve();
console.log(`
  Velora vault tokenizer: ${page.url}

  1. Open that address in Chrome, Edge, Firefox or Safari.
  2. Drop a claims file on it, or take the demo file that it offers.
  3. Your file stays on this machine: only what you upload there, or send on yourself, leaves it.

  Ctrl-C stops it. The same on the command line: npm run demo
`);

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void page.close());

async function serve() {
  const wished = process.env.PORT;
  if (wished !== undefined && wished !== '') {
    const port = Number(wished);
    if (!/^\d+$/.test(wished) || port > 65_535) stop('PORT must be a number from 0 to 65535.');
    return servePage({ folder, port }).catch((error) => stop(cannot(port, error)));
  }
  const first = 4173;
  for (let port = first; ; port += 1) {
    try {
      return await servePage({ folder, port });
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE' || port === first + 99) stop(cannot(port, error));
    }
  }
}

/** @param {number} port @param {unknown} error */
function cannot(port, error) {
  return `Port ${port} of 127.0.0.1 cannot be used (${codeOf(error)}): name another, PORT=8080 npm start`;
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code ?? 'unknown reason';
}

/**
 * @param {string} message
 * @returns {never}
 */
function stop(message) {
  console.error(message);
  process.exit(1);
}

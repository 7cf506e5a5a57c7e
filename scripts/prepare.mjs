/** After `npm ci` and before `npm pack`: builds `dist`, the command and the library with its types. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (/** @type {string[]} */ words) =>
  execFileSync(process.execPath, words, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });

rmSync(new URL('../dist/', import.meta.url), { recursive: true, force: true });
run(['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn']);
run(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json']);

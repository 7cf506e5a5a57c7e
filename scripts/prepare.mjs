/**
 * After `npm ci` and before `npm pack`: builds `dist`, the command, the library with its types and the
 * page, and links the command where `npx` looks for it in this checkout.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (/** @type {string[]} */ words) =>
  execFileSync(process.execPath, words, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });

rmSync(join(root, 'dist'), { recursive: true, force: true });
const vite = ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'];
run(vite);
run([...vite, '--config', 'vite.page.config.ts']);
run(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json']);

const command = join(root, 'dist', 'cli.js');
const link = join(root, 'node_modules', '.bin', 'velora-vault');
chmodSync(command, 0o755);
if (existsSync(join(root, 'node_modules', '.bin'))) {
  rmSync(link, { force: true });
  if (process.platform === 'win32') writeFileSync(`${link}.cmd`, `@node "${command}" %*\r\n`);
  else symlinkSync('../../dist/cli.js', link);
}

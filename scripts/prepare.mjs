/**
 * After `npm ci` and before `npm pack`: builds `dist`, the commands, the library with its types and the
 * page, and links the commands where `npx` looks for it in this checkout.
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

for (const [name, file] of [
  ['velora-vault', 'cli.js'],
  ['velora-receiver', 'receiver.js'],
]) {
  const command = join(root, 'dist', file);
  const link = join(root, 'node_modules', '.bin', name);
  chmodSync(command, 0o755);
  if (!existsSync(join(root, 'node_modules', '.bin'))) continue;
  rmSync(link, { force: true });
  if (process.platform === 'win32') writeFileSync(`${link}.cmd`, `@node "${command}" %*\r\n`);
  else symlinkSync(`../../dist/${file}`, link);
}

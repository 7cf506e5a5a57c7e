import { execFileSync } from 'node:child_process';

/** Builds `dist` once before the tests of the command line, of the package and of the page. */
export default function setup(): void {
  if (process.env['VELORA_TESTS_BUILT'] !== undefined) return;
  process.env['VELORA_TESTS_BUILT'] = 'yes';
  execFileSync(process.execPath, ['scripts/prepare.mjs'], { stdio: 'inherit' });
}

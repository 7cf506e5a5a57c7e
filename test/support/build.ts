import { execFileSync } from 'node:child_process';

/** Builds `dist` once before the tests of the command line and of the package. */
export default function setup(): void {
  execFileSync(process.execPath, ['scripts/prepare.mjs'], { stdio: 'inherit' });
}

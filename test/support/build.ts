import { execFileSync } from 'node:child_process';

/** Builds `dist` once before the tests of the command line and of the package. */
export default function setup(): void {
  execFileSync(
    process.execPath,
    ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error'],
    {
      stdio: 'inherit',
    },
  );
}

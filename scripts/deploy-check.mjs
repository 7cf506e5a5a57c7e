/**
 * npm run test:deploy: runs the servers of deploy/ with those very files, and looks at the page
 * behind each. Finds or installs nginx, Caddy, openssl and a Chromium; fails where one cannot be had.
 */
import { spawnSync } from 'node:child_process';
import { aptInstall, findChromium, findProgram } from './find-browser.mjs';

const outside = ['/usr/sbin', '/usr/local/sbin'];
process.env.PATH = [process.env.PATH, ...outside].join(':');

const needs = [
  { name: 'nginx', find: () => findProgram(['nginx']), debianPackage: 'nginx' },
  { name: 'Caddy', find: () => findProgram(['caddy']), debianPackage: 'caddy' },
  { name: 'openssl', find: () => findProgram(['openssl']), debianPackage: 'openssl' },
  { name: 'a Chromium, Chrome or Edge', find: findChromium, debianPackage: 'chromium' },
];

const absent = needs.filter(({ find }) => find() === null);
if (absent.length > 0) {
  const packages = absent.map(({ debianPackage }) => debianPackage);
  console.error(`Not found: trying apt-get install ${packages.join(' ')} …`);
  aptInstall(packages, { start: false });
}
const missing = needs.filter(({ find }) => find() === null);
if (missing.length > 0) {
  console.error(`This test needs ${missing.map(({ name }) => name).join(', ')}: install them.`);
  process.exit(1);
}

const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    ...['run', '--config', 'vitest.deploy.config.ts'],
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { ...process.env, VELORA_CHROMIUM: findChromium() ?? '' } },
);
process.exit(status ?? 1);

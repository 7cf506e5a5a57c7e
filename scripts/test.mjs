/**
 * npm test: finds or installs what the tests need besides npm packages (a Chromium, a Python 3 for
 * the reference implementation), then runs all of them. Words after `npm test --` go to Vitest.
 */
import { spawnSync } from 'node:child_process';
import { aptInstall, findChromium, findProgram } from './find-browser.mjs';

/**
 * @param {string} what
 * @param {() => string | null} find
 * @param {string} debianPackage
 * @param {string} advice
 */
function need(what, find, debianPackage, advice) {
  let path = find();
  if (path === null) {
    console.error(`No ${what} found; trying apt-get install ${debianPackage} …`);
    aptInstall([debianPackage]);
    path = find();
  }
  if (path !== null) return path;
  console.error(`The tests need ${what}: ${advice}`);
  return process.exit(1);
}

const chromium = need(
  'a Chromium, Chrome or Edge',
  findChromium,
  'chromium',
  'install one, or name it: VELORA_CHROMIUM=/path/to/chrome npm test',
);
const python = need(
  'Python 3 (for the independent reference implementation)',
  () => process.env.VELORA_PYTHON ?? findProgram(['python3', 'python']),
  'python3',
  'install it, or name it: VELORA_PYTHON=/path/to/python3 npm test',
);

const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)],
  {
    stdio: 'inherit',
    env: { ...process.env, VELORA_CHROMIUM: chromium, VELORA_PYTHON: python },
  },
);
process.exit(status ?? 1);

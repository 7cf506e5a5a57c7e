import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'microsoft-edge-stable',
  'microsoft-edge',
];

const fixedPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/**
 * How a Chromium is started for tests and measurements: without a sandbox of its own, which needs
 * rights that containers do not give, and without calls home.
 */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/**
 * The path of a Chromium, Chrome or Edge on this machine: the one that VELORA_CHROMIUM or
 * CHROME_PATH names, else an installed one, else Playwright's own; null where there is none.
 * @returns {string | null}
 */
export function findChromium() {
  const named = process.env.VELORA_CHROMIUM ?? process.env.CHROME_PATH;
  if (named) return isExecutable(named) ? named : null;
  return findProgram(names) ?? fixedPlaces.find(isExecutable) ?? playwrightChromium();
}

/**
 * The path of a program on PATH, the first of these names that is there.
 * @param {readonly string[]} programs
 * @returns {string | null}
 */
export function findProgram(programs) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const name of programs) {
    for (const folder of folders) {
      for (const suffix of suffixes) {
        const path = join(folder, name + suffix);
        if (isExecutable(path)) return path;
      }
    }
  }
  return null;
}

function playwrightChromium() {
  const root = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), '.cache', 'ms-playwright');
  if (!existsSync(root)) return null;
  const builds = readdirSync(root).filter((name) => name.startsWith('chromium'));
  const paths = builds
    .sort()
    .reverse()
    .flatMap((build) =>
      ['chrome-linux/chrome', 'chrome-linux/headless_shell', 'chrome-win/chrome.exe'].map((path) =>
        join(root, build, path),
      ),
    );
  return paths.find(isExecutable) ?? null;
}

/**
 * Installs Debian packages where that is possible: as root, with apt-get there.
 * @param {readonly string[]} packages
 * @param {{ readonly start?: boolean }} [options] `start: false` keeps services in them from starting
 * @returns {boolean} whether they are installed now
 */
export function aptInstall(packages, { start = true } = {}) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  if (findProgram(['apt-get']) === null) return false;
  const run = (/** @type {string[]} */ words) =>
    execFileSync('apt-get', words, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  // Debian asks this script before it starts a service; 101 forbids it.
  const policy = '/usr/sbin/policy-rc.d';
  const forbid = !start && !existsSync(policy);
  try {
    if (forbid) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    run(['update', '-qq']);
    run(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
    return true;
  } catch {
    return false;
  } finally {
    if (forbid) rmSync(policy, { force: true });
  }
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

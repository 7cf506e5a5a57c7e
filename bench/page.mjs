/**
 * npm run bench:page: the built page in headless Chromium with a profile on disk, on the file of
 * `npm run bench`, next to Python in the same run. Time is what the page reports: from the start of
 * the run to the finished, checked file and map. Then peak memory of the renderer process, in which
 * page and workers live, for that file and for one ten times as large; and how long a preview of a
 * file of 5 GB takes, from the choice of the file to the number of its columns on the screen.
 *
 *   npm run bench:page
 *   npm run bench:page -- --rounds 1 --rows 100000 --no-large
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { chromiumArguments, findChromium } from '../scripts/find-browser.mjs';
import { servePage } from '../scripts/serve-page.mjs';
import { benchClaims } from './claims.mjs';
import { benchMachine, benchSecret, measure, peakOf, print, python } from './measure.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = join(here, '..', 'dist', 'page');
const minute = 60_000;
const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    rows: { type: 'string', default: '400000' },
    rounds: { type: 'string', default: '3' },
    large: { type: 'boolean', default: true },
  },
});

/**
 * Opens the page in a browser of its own and does something there.
 * @template Result
 * @param {{ cores?: number }} machine processors that the page is told of: one more than workers
 * @param {(page: import('playwright-core').Page, peakMb: () => number) => Promise<Result>} use
 * @returns {Promise<Result>}
 */
async function withPage({ cores }, use) {
  const profile = await mkdtemp(join(tmpdir(), 'velora-bench-profile-'));
  const site = await servePage({ folder, port: 0 });
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium() ?? 'chromium-not-found',
    args: chromiumArguments,
  });
  try {
    await context.addInitScript((count) => {
      if (count !== undefined) {
        Object.defineProperty(navigator, 'hardwareConcurrency', { value: count });
      }
      // Nobody is there to answer the system's dialog; a download asks nothing.
      Object.defineProperty(window, 'showSaveFilePicker', { value: undefined });
    }, cores);
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(site.url);
    await page.getByRole('button', { name: 'Walls hold' }).waitFor();
    return await use(page, () => Math.max(0, ...renderersOf(profile).map(peakOf)));
  } finally {
    await context.close();
    await site.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Process ids of a browser's renderers, found by the profile that the browser was started with.
 * @param {string} profile
 */
function renderersOf(profile) {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        const parent = /PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        return [{ pid: Number(pid), parent: Number(parent), words }];
      } catch {
        return [];
      }
    });
  const family = new Set(
    processes.filter(({ words }) => words.includes(profile)).map(({ pid }) => pid),
  );
  for (let grown = -1; grown !== family.size;) {
    grown = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  return processes
    .filter(({ pid, words }) => family.has(pid) && words.includes('--type=renderer'))
    .map(({ pid }) => pid);
}

/**
 * Tokenizes a file as a person does.
 * @param {string} path
 * @param {{ cores: number }} machine
 * @returns {Promise<{ seconds: number, peakMb: number }>}
 */
function tokenize(path, machine) {
  return withPage(machine, async (page, peakMb) => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    await (await chooser).setFiles(path);
    await page.getByRole('button', { name: 'Review the columns' }).click();
    await page.getByRole('button', { name: 'These decisions are right' }).click();
    await page.getByLabel('Or paste the key').fill(benchSecret);
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByRole('button', { name: 'Go on with this key' }).click();
    await page.getByRole('button', { name: 'Tokenize', exact: true }).click();
    const save = page.getByRole('button', { name: 'Save report (JSON)' });
    await save.waitFor({ timeout: 10 * minute });
    const peak = peakMb();
    const saving = page.waitForEvent('download');
    await save.click();
    const report = JSON.parse(readFileSync(await (await saving).path(), 'utf8'));
    return { seconds: report.durationMs / 1000, peakMb: peak };
  });
}

/**
 * Milliseconds from choosing a file of 5 GB to the number of its columns on the screen.
 * @param {string} path
 */
function preview(path) {
  return withPage({}, async (page) => {
    await page.evaluate(() => {
      addEventListener('change', () => performance.mark('chosen'), { capture: true, once: true });
      const seen = new MutationObserver(() => {
        if (!/\d columns/.test(document.querySelector('.card-facts')?.textContent ?? '')) return;
        performance.mark('shown');
        seen.disconnect();
      });
      seen.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    await (await chooser).setFiles(path);
    await page.waitForFunction(() => performance.getEntriesByName('shown').length > 0);
    return page.evaluate(() => performance.measure('preview', 'chosen', 'shown').duration);
  });
}

const scratch = await mkdtemp(join(tmpdir(), 'velora-bench-'));
try {
  const file = await benchClaims({ rows: Number(options.rows) });
  const large = options.large ? await benchClaims({ rows: 10 * Number(options.rows) }) : undefined;
  const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(0);
  console.log(
    `${megabytes(file.bytes)} MB, ${file.rows.toLocaleString('en')} rows, ${file.distinctPairs.toLocaleString('en')} distinct values, with map; ${benchMachine()}\n`,
  );
  const pool = cpus().length;
  /** @type {{ name: string, run: () => Promise<{ seconds: number, peakMb: number }> }[]} */
  const contenders = [
    { name: 'page, 1 worker', run: () => tokenize(file.path, { cores: 1 }) },
    { name: `page, pool of ${String(pool)}`, run: () => tokenize(file.path, { cores: pool + 1 }) },
    ...[[], ['--cache']].map((cache) => ({
      name: `Python, row by row${cache.length > 0 ? ', cached' : ''}`,
      run: () =>
        measure([
          ...[python, join(here, 'python_rows.py'), ...cache, '--product', 'claims_replay'],
          ...['--key-env', 'VELORA_VAULT_KEY', file.path, join(scratch, 'out.csv')],
        ]),
    })),
  ];
  /** @type {Map<string, { seconds: number, peakMb: number }>} */
  const best = new Map();
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const { name, run } of contenders) {
      const found = await run();
      if (found.seconds < (best.get(name)?.seconds ?? Infinity)) best.set(name, found);
    }
  }
  const cached = best.get('Python, row by row, cached')?.seconds ?? Number.NaN;
  print([
    ['best round', 's', 'MB/s', 'peak MB', '× Python cached'],
    ...[...best].map(([name, { seconds, peakMb }]) => [
      name,
      seconds.toFixed(2),
      (file.bytes / 1e6 / seconds).toFixed(1),
      peakMb.toFixed(0),
      (cached / seconds).toFixed(2),
    ]),
  ]);

  if (large !== undefined) {
    const small = best.get(`page, pool of ${String(pool)}`)?.peakMb ?? Number.NaN;
    const { seconds, peakMb } = await tokenize(large.path, { cores: pool + 1 });
    console.log(
      `\n${megabytes(large.bytes)} MB, ${large.distinctPairs.toLocaleString('en')} distinct values: ${seconds.toFixed(1)} s, peak ${peakMb.toFixed(0)} MB, ${(peakMb - small).toFixed(0)} MB more than for ${megabytes(file.bytes)} MB`,
    );
  }

  const sparse = join(scratch, 'five-gigabytes.csv');
  const handle = await open(sparse, 'w');
  await handle.write(readFileSync(file.path).subarray(0, 1 << 20));
  await handle.truncate(5e9);
  await handle.close();
  const previews = [];
  for (let round = 0; round < 5; round += 1) previews.push(await preview(sparse));
  previews.sort((a, b) => a - b);
  console.log(
    `\npreview of 5 GB, five fresh browsers: ${previews.map((ms) => ms.toFixed(0)).join(', ')} ms\n`,
  );
  execFileSync(process.execPath, [join(here, '..', 'scripts', 'budget.mjs')], { stdio: 'inherit' });
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/**
 * npm run bench:page: the built page in headless Chromium with a profile on disk, with WebCrypto and
 * with its own HMAC, on the file of `npm run bench`, next to Python in the same run. Time is what the
 * page reports: from the start of the run to the finished, checked file and map; memory is the peak of
 * the renderer process, in which page and workers live. All write the same bytes, or the run ends with
 * an error. Then the same for a file ten times as large; and how long a preview of a file of 5 GB
 * takes, from the choice of the file to the number of its columns on the screen.
 *
 *   npm run bench:page                                   400,000 rows (95 MB), three rounds
 *   npm run bench:page -- --rounds 1 --rows 100000 --no-large
 *   npm run bench:page -- --workers 4                    another pool than one worker a core
 *   npm run bench:page -- --json bench/results/page.json
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { chromiumArguments, findChromium } from '../scripts/find-browser.mjs';
import { servePage } from '../scripts/serve-page.mjs';
import { benchClaims } from './claims.mjs';
import {
  benchMachine,
  benchSecret,
  contender,
  figuresOf,
  fileInWords,
  floorsFor,
  inTurn,
  inWorkers,
  inWords,
  keepResults,
  megabytes,
  peakOf,
  printFigures,
  pythonCached,
  pythonWords,
  sameForAll,
} from './measure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist', 'page');
const minute = 60_000;
const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    rows: { type: 'string', default: '400000' },
    rounds: { type: 'string', default: '3' },
    large: { type: 'boolean', default: true },
    workers: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'string' },
  },
});

/**
 * Opens the page in a browser of its own and does something there.
 * @template Result
 * @param {{ cores?: number, kernel?: boolean }} machine processors that the page is told of, one
 *   more than workers; and whether its policy lets it compile the kernel
 * @param {(page: import('playwright-core').Page, peakMb: () => number) => Promise<Result>} use
 * @returns {Promise<Result>}
 */
async function withPage({ cores, kernel = true }, use) {
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
    if (!kernel) {
      // A policy without the word lets nobody compile: then the reference engine runs.
      await context.route(site.url, async (route) => {
        const response = await route.fetch();
        const body = (await response.text()).replace(" 'wasm-unsafe-eval'", '');
        await route.fulfill({ response, body });
      });
    }
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
 * @param {{ engine: 'kernel' | 'papa', hmac: 'wasm' | 'webcrypto', workers: number }} how
 * @returns {Promise<{ seconds: number, peakMb: number, digest: string }>} and the SHA-256 of the file
 */
function tokenize(path, { engine, hmac, workers }) {
  // The page leaves one processor to reading, checking and writing.
  return withPage({ cores: workers + 1, kernel: engine === 'kernel' }, async (page, peakMb) => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    await (await chooser).setFiles(path);
    await page.getByRole('button', { name: 'Review the columns' }).click();
    await page.getByRole('button', { name: 'These decisions are right' }).click();
    await setFastEngine(page, hmac === 'wasm');
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
    if (report.engine !== `${engine}+${hmac}`) throw new Error(`the page ran ${report.engine}`);
    return { seconds: report.durationMs / 1000, peakMb: peak, digest: report.output.sha256 };
  });
}

/**
 * Ticks the box of the key step with which the page computes HMACs itself, or takes the tick away.
 * @param {import('playwright-core').Page} page
 * @param {boolean} ticked
 */
async function setFastEngine(page, ticked) {
  const box = page.getByRole('checkbox', { name: /^Fast engine/ });
  if ((await box.isChecked()) === ticked) return;
  await page.locator('label').filter({ has: box }).click();
  await box
    .and(page.locator(ticked ? ':checked' : ':not(:checked)'))
    .waitFor({ state: 'attached' });
}

/**
 * The page with each engine, with one worker and with the pool; Python; and the floors.
 * @param {import('./claims.mjs').BenchFile} file
 * @param {{ pool: number, scratch: string }} where
 * @returns {Promise<import('./measure.mjs').Contender[]>}
 */
async function contendersFor(file, { pool, scratch }) {
  const { path } = file;
  const same = sameForAll();
  const output = join(scratch, 'out.csv');
  const inPython = (/** @type {string} */ name, /** @type {boolean} */ cached) =>
    contender({ group: 'python', name }, pythonWords(path, { cached, output }), [
      { path: output, same },
    ]);
  /** @type {(kind: string, group: 'kernel-wasm' | 'kernel-webcrypto' | 'papa-webcrypto') => import('./measure.mjs').Contender[]} */
  const inPage = (kind, group) =>
    [...new Set([1, pool])].map((workers) => {
      const name = `page, ${kind}, ${inWorkers(workers)}`;
      const run = async () => {
        const { digest, ...found } = await tokenize(path, {
          engine: group === 'papa-webcrypto' ? 'papa' : 'kernel',
          hmac: group === 'kernel-wasm' ? 'wasm' : 'webcrypto',
          workers,
        });
        same(name, digest);
        return found;
      };
      return { group, name, workers, map: true, run };
    });
  return [
    inPython('Python, row by row', false),
    inPython(pythonCached, true),
    ...inPage('Papa + WebCrypto', 'papa-webcrypto'),
    ...inPage('kernel + WebCrypto', 'kernel-webcrypto'),
    ...inPage('kernel + own HMAC', 'kernel-wasm'),
    ...(await floorsFor(file, output)),
  ];
}

/**
 * The pool with its own HMAC on a file ten times as large: how much more memory that takes.
 * @param {import('./claims.mjs').BenchFile} file
 * @param {number} peakMb of the pool for that file
 * @param {number} workers
 */
async function tokenizeLarge(file, peakMb, workers) {
  const { path, bytes, distinctPairs } = await benchClaims({ rows: 10 * file.rows });
  const { digest: _digest, ...found } = await tokenize(path, {
    engine: 'kernel',
    hmac: 'wasm',
    workers,
  });
  console.log(
    `\n${megabytes(bytes)} MB, ${distinctPairs.toLocaleString('en')} distinct values, own HMAC, ${inWorkers(workers)}: ${found.seconds.toFixed(1)} s, peak ${found.peakMb.toFixed(0)} MB, ${(found.peakMb - peakMb).toFixed(0)} MB more than for ${megabytes(file.bytes)} MB`,
  );
  return { bytes, distinctPairs, workers, ...found };
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
  const pool = Number(options.workers);
  const machine = benchMachine();
  const timed = await inTurn(await contendersFor(file, { pool, scratch }), Number(options.rounds));
  const figures = figuresOf(timed, file);
  console.log(`${fileInWords(file)}; the page with map\n${inWords(machine)}\n`);
  printFigures('best round', figures);
  console.log('\nAll tokenized files are the same, byte for byte.');

  const large = options.large
    ? await tokenizeLarge(file, figures.at(-1)?.peakMb ?? Number.NaN, pool)
    : undefined;

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
  const { path: _path, distinct: _distinct, ...facts } = file;
  await keepResults(options.json, {
    machine,
    file: facts,
    figures,
    ...(large === undefined ? {} : { large }),
    previewMs: previews[Math.floor(previews.length / 2)],
  });
  execFileSync(process.execPath, [join(root, 'scripts', 'budget.mjs')], { stdio: 'inherit' });
} finally {
  await rm(scratch, { recursive: true, force: true });
}

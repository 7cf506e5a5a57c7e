/**
 * What the benchmarks share: the words that start a contender, how its process is timed, how files
 * are compared, and how figures are printed and kept.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The secret of every contender: nobody's data is under it. */
export const benchSecret = createHash('sha256').update('velora-vault bench').digest('hex');

const python = process.env.VELORA_PYTHON ?? 'python3';
const product = ['--product', 'claims_replay'];
const command = pathOf('../dist/cli.js');

/** @param {string} relative to this folder */
function pathOf(relative) {
  return fileURLToPath(new URL(relative, import.meta.url));
}

/**
 * Contenders of one group share their colour in the chart.
 * @typedef {'python' | 'papa-webcrypto' | 'kernel-webcrypto' | 'kernel-wasm' | 'floor'} Group
 */
/** @typedef {{ seconds: number, peakMb: number }} Measured */
/** @typedef {{ group: Group, name: string, workers?: number, map?: boolean, run: () => Promise<Measured> }} Contender */
/** @typedef {Omit<Contender, 'run'> & Measured} Timed */
/** @typedef {Timed & { megabytesPerSecond: number, tokensPerSecond?: number, timesPython: number }} Figures */
/** @typedef {ReturnType<typeof benchMachine>} Machine */

/** Python row by row with a dict of its tokens: what every speed is given as a multiple of. */
export const pythonCached = 'Python, row by row, cached';

/** The machine: figures mean nothing without it. */
export function benchMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryMb: Math.round(totalmem() / 1e6),
    node: process.version,
    python: execFileSync(python, ['--version'], { encoding: 'utf8' }).trim(),
    date: new Date().toISOString().slice(0, 10),
  };
}

/** @param {Machine} machine */
export function inWords({ cpu, cores, memoryMb, node, python: version, date }) {
  return `${cpu}, ${String(cores)} cores, ${(memoryMb / 1000).toFixed(0)} GB, Node ${node}, ${version}, ${date}`;
}

/** @param {import('./claims.mjs').BenchFile} file */
export function fileInWords({ bytes, rows, columns, tokenizedCells, distinctPairs }) {
  const count = (/** @type {number} */ n) => n.toLocaleString('en');
  return `${megabytes(bytes)} MB, ${count(rows)} rows, ${String(columns)} columns, ${count(tokenizedCells)} cells to tokenize, ${count(distinctPairs)} distinct`;
}

/** @param {number} workers */
export function inWorkers(workers) {
  return workers === 1 ? '1 worker' : `${String(workers)} workers`;
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return (bytes / 1e6).toFixed(bytes < 20e6 ? 1 : 0);
}

/**
 * The command line, as it is started for a file.
 * @param {string} input
 * @param {{ engine?: 'kernel' | 'papa', hmac?: 'wasm' | 'webcrypto', workers: number, output: string, map?: string }} options
 */
export function tokenizeWords(input, { engine = 'kernel', hmac = 'wasm', workers, output, map }) {
  return [
    ...[process.execPath, command, 'tokenize', ...product, '--quiet'],
    ...['--engine', engine, '--hmac', hmac, '--workers', String(workers)],
    ...['--output', output, ...(map === undefined ? [] : ['--force', '--write-map', map])],
    input,
  ];
}

/**
 * Python, as it is started for a file.
 * @param {string} input
 * @param {{ tuned?: boolean, cached?: boolean, output: string, map?: string }} options
 *   a map only where it is tuned
 */
export function pythonWords(input, { tuned = false, cached = false, output, map }) {
  return [
    ...[python, pathOf(tuned ? 'python_peer.py' : 'python_rows.py'), ...product],
    ...['--key-env', 'VELORA_VAULT_KEY', ...(cached ? ['--cache'] : [])],
    ...(map === undefined ? [] : ['--write-map', map]),
    ...[input, output],
  ];
}

/**
 * Runs a program to its end.
 * @param {string[]} words
 * @returns {Promise<Measured>} wall clock of the whole process, and its peak resident memory
 */
async function measure(words) {
  const [program, ...rest] = words;
  if (program === undefined) throw new Error('no program');
  const started = performance.now();
  const child = spawn(program, rest, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, VELORA_VAULT_KEY: benchSecret },
  });
  let complaint = '';
  child.stderr.on('data', (text) => (complaint += String(text)));
  let peakMb = 0;
  const watch = setInterval(() => {
    peakMb = Math.max(peakMb, peakOf(child.pid));
  }, 20);
  const code = await new Promise((resolve) => child.on('exit', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${String(code)}: ${complaint}`);
  return { seconds: (performance.now() - started) / 1000, peakMb };
}

/**
 * A contender that is a program. What it writes is gone before each round, and compared after it.
 * @param {Omit<Contender, 'run'>} what
 * @param {string[]} words
 * @param {{ path: string, same: ReturnType<typeof sameForAll> }[]} written
 * @returns {Contender}
 */
export function contender(what, words, written) {
  return {
    ...what,
    run: async () => {
      for (const { path } of written) await rm(path, { force: true });
      const found = await measure(words);
      for (const { path, same } of written) same(what.name, await sha256(path));
      return found;
    },
  };
}

/**
 * Peak resident memory of a process in MB, all its threads together.
 * @param {number | undefined} pid
 */
export function peakOf(pid) {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    return (Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}

/**
 * Lets the contenders run in turn, round after round, so that what else the machine does meets all
 * of them. Of each, the time of its best round and the highest memory of any.
 * @param {Contender[]} contenders
 * @param {number} rounds
 * @returns {Promise<Timed[]>}
 */
export async function inTurn(contenders, rounds) {
  const timed = contenders.map(({ run: _run, ...what }) => ({
    ...what,
    seconds: Infinity,
    peakMb: 0,
  }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [i, { name, run }] of contenders.entries()) {
      const { seconds, peakMb } = await run();
      console.error(`round ${String(round)}: ${name}, ${seconds.toFixed(2)} s`);
      timed[i].seconds = Math.min(timed[i].seconds, seconds);
      timed[i].peakMb = Math.max(timed[i].peakMb, peakMb);
    }
  }
  return timed;
}

/**
 * Compares contenders by the SHA-256 of what they wrote: the first that comes is what all others
 * have to be, and one that is not ends the benchmark.
 */
export function sameForAll() {
  /** @type {{ name: string, digest: string } | undefined} */
  let first;
  return (/** @type {string} */ name, /** @type {string} */ digest) => {
    first ??= { name, digest };
    if (digest !== first.digest) throw new Error(`${name} wrote something else than ${first.name}`);
  };
}

/** @param {string} path */
export async function sha256(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * What the times of contenders on one file come to.
 * @param {Timed[]} timed cached Python among them
 * @param {{ bytes: number, tokenizedCells: number }} file
 * @returns {Figures[]}
 */
export function figuresOf(timed, { bytes, tokenizedCells }) {
  const cached = timed.find(({ name }) => name === pythonCached)?.seconds ?? Number.NaN;
  return timed.map((one) => ({
    ...one,
    megabytesPerSecond: bytes / 1e6 / one.seconds,
    ...(one.group === 'floor' ? {} : { tokensPerSecond: tokenizedCells / one.seconds }),
    timesPython: cached / one.seconds,
  }));
}

/**
 * @param {string} title
 * @param {Figures[]} figures
 */
export function printFigures(title, figures) {
  print([
    [title, 's', 'MB/s', 'tokens/s', 'peak MB', '× Python cached'],
    ...figures.map((one) => [
      one.name,
      one.seconds.toFixed(2),
      one.megabytesPerSecond.toFixed(1),
      one.tokensPerSecond === undefined ? '' : Math.round(one.tokensPerSecond).toLocaleString('en'),
      one.peakMb.toFixed(0),
      one.timesPython.toFixed(2),
    ]),
  ]);
}

/** @param {(string | number)[][]} lines */
export function print(lines) {
  const widths = (lines[0] ?? []).map((_, i) =>
    Math.max(...lines.map((cells) => String(cells[i]).length)),
  );
  for (const cells of lines) {
    console.log(
      cells
        .map((cell, i) =>
          i === 0 ? String(cell).padEnd(widths[i] ?? 0) : String(cell).padStart(widths[i] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    );
  }
}

/**
 * Keeps figures as JSON, to three digits behind the point.
 * @param {string | undefined} path nothing is kept without one
 * @param {{ machine: Machine } & Record<string, unknown>} results
 */
export async function keepResults(path, results) {
  if (path === undefined) return;
  const rounded = (/** @type {string} */ _key, /** @type {unknown} */ value) =>
    typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(results, rounded, 2)}\n`);
}

/**
 * What no tokenizer gets below: a copy of a file, and a loop over its bytes, as processes.
 * @param {import('./claims.mjs').BenchFile} file
 * @param {string} output where the copy goes
 * @returns {Promise<Contender[]>}
 */
export async function floorsFor({ path, rows }, output) {
  const program = [process.execPath, fileURLToPath(new URL('floors.mjs', import.meta.url))];
  const same = sameForAll();
  same('the file', await sha256(path));
  return [
    contender(
      { group: 'floor', name: 'floor: copy of the file' },
      [...program, 'copy', path, output],
      [{ path: output, same }],
    ),
    contender(
      { group: 'floor', name: 'floor: scan of all bytes' },
      [...program, 'scan', path, String(rows + 1)],
      [],
    ),
  ];
}

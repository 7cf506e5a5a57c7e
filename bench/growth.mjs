/**
 * npm run bench:growth: how the cost of the command line grows (kernel + own HMAC, whole processes):
 * with the size of the file, with the number of tokenized columns, with the share of values that are
 * new; and what a map adds to memory. Best of three rounds; files above 500 MB run once.
 *
 *   npm run bench:growth                        10, 95 and 950 MB, 5 GB; 12 GB of room are needed
 *   npm run bench:growth -- --no-huge           without the 5 GB
 *   npm run bench:growth -- --rows 20000        all files a twentieth as large
 *   npm run bench:growth -- --rounds 1 --workers 4 --json bench/results/growth.json
 */
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchClaims } from './claims.mjs';
import {
  benchMachine,
  contender,
  inTurn,
  inWorkers,
  inWords,
  keepResults,
  megabytes,
  print,
  pythonCached,
  pythonWords,
  sameForAll,
  tokenizeWords,
} from './measure.mjs';
import { repeatFile, rowsFor } from './shapes.mjs';

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    rows: { type: 'string', default: '400000' },
    rounds: { type: 'string', default: '3' },
    workers: { type: 'string', default: String(availableParallelism()) },
    huge: { type: 'boolean', default: true },
    json: { type: 'string' },
  },
});

const rows = Number(options.rows);
const hugeBytes = 12_500 * rows;
const widths = [...new Set([1, Number(options.workers)])];
const folder = await mkdtemp(join(tmpdir(), 'velora-bench-'));
const output = join(folder, 'out.csv');
const map = join(folder, 'map.json');

/** @typedef {{ path: string, bytes: number, rows: number }} InputFile */

/** Why the files of this benchmark do not fit on the disk; undefined where they do. */
async function lackOfRoom() {
  // The largest file and what is written for it, and some thirty times the usual file for the rest.
  const needed = (options.huge ? 2.4 * hugeBytes : 0) + 30 * 240 * rows;
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free > needed) return undefined;
  const words = (/** @type {number} */ bytes) => `${(bytes / 1e9).toFixed(1)} GB`;
  return `${tmpdir()} has ${words(free)} free, and these files take up to ${words(needed)}: make room, set TMPDIR to another folder, or give --no-huge or fewer --rows`;
}

/**
 * Runs the command line on a file, in each width and, if wanted, Python; all write the same bytes.
 * @param {InputFile} file
 * @param {{ withPython?: boolean, withMap?: boolean, workers?: number[] }} [more]
 */
async function run(file, { withPython = false, withMap = false, workers = widths } = {}) {
  const csv = { path: output, same: sameForAll() };
  const written = withMap ? [csv, { path: map, same: sameForAll() }] : [csv];
  const python = contender(
    { group: 'python', name: pythonCached },
    pythonWords(file.path, { cached: true, output }),
    [csv],
  );
  const ours = workers.map((count) =>
    contender(
      { group: 'kernel-wasm', name: inWorkers(count), workers: count, map: withMap },
      tokenizeWords(file.path, { workers: count, output, ...(withMap ? { map } : {}) }),
      written,
    ),
  );
  console.error(`${megabytes(file.bytes)} MB, ${file.rows.toLocaleString('en')} rows`);
  const rounds = file.bytes > 5e8 ? 1 : Number(options.rounds);
  const timed = await inTurn(withPython ? [python, ...ours] : ours, rounds);
  return timed.map((one) => ({
    bytes: file.bytes,
    rows: file.rows,
    ...one,
    megabytesPerSecond: file.bytes / 1e6 / one.seconds,
  }));
}

/** @typedef {Awaited<ReturnType<typeof run>>[number]} Ran */

/** @param {Ran} ran */
function columnsOf({ name, bytes, seconds, megabytesPerSecond, peakMb }) {
  return [
    megabytes(bytes),
    name,
    seconds.toFixed(2),
    megabytesPerSecond.toFixed(1),
    peakMb.toFixed(0),
  ];
}

const header = ['MB', '', 's', 'MB/s', 'peak MB'];

/** @param {InputFile[]} files */
async function sizes(files) {
  const found = [];
  for (const file of files) found.push(...(await run(file)));
  if (options.huge) {
    const path = join(folder, 'huge.csv');
    const large = files.at(-1)?.path ?? '';
    found.push(...(await run({ path, ...(await repeatFile(path, large, hugeBytes)) })));
    await rm(path);
  }
  print([['size of the file', ...header], ...found.map((one) => ['', ...columnsOf(one)])]);
  return found;
}

/**
 * A series of files of about one size, with cached Python on each.
 * @param {string} title
 * @param {number} bytes
 * @param {{ label: string, shape: { columns?: number, distinct?: number } }[]} shapes
 */
async function series(title, bytes, shapes) {
  const found = [];
  for (const { label, shape } of shapes) {
    const file = await benchClaims({ ...shape, rows: rowsFor(bytes, shape) });
    const ran = await run(file, { withPython: true });
    const cached = ran[0].seconds;
    const { tokenizedColumns, tokenizedCells, distinctPairs } = file;
    found.push(
      ...ran.map((one) => ({
        label,
        tokenizedColumns,
        tokenizedCells,
        distinctPairs,
        ...one,
        tokensPerSecond: tokenizedCells / one.seconds,
        timesPython: cached / one.seconds,
      })),
    );
  }
  console.log();
  print([
    [title, ...header, 'tokens/s', '× Python cached'],
    ...found.map((one) => [
      one.label,
      ...columnsOf(one),
      Math.round(one.tokensPerSecond).toLocaleString('en'),
      one.timesPython.toFixed(2),
    ]),
  ]);
  return found;
}

/**
 * Peak memory of one worker with and without a map, and what a distinct value adds to it.
 * @param {import('./claims.mjs').BenchFile[]} files
 * @param {Ran[]} without the same files without a map
 */
async function memoryOfMap(files, without) {
  const found = [];
  for (const file of files) {
    const plain = without.find(({ bytes, workers }) => bytes === file.bytes && workers === 1);
    const [mapped] = await run(file, { withMap: true, workers: [1] });
    const peakMb = plain?.peakMb ?? Number.NaN;
    found.push({
      bytes: file.bytes,
      distinctPairs: file.distinctPairs,
      peakMb,
      peakMbWithMap: mapped.peakMb,
      bytesPerDistinct: ((mapped.peakMb - peakMb) * 1e6) / file.distinctPairs,
    });
  }
  console.log();
  print([
    ['map, 1 worker', 'MB', 'distinct', 'peak MB without', 'with', 'bytes per distinct value'],
    ...found.map((one) => [
      '',
      megabytes(one.bytes),
      one.distinctPairs.toLocaleString('en'),
      one.peakMb.toFixed(0),
      one.peakMbWithMap.toFixed(0),
      one.bytesPerDistinct.toFixed(1),
    ]),
  ]);
  const [first, last] = [found[0], found[found.length - 1]];
  const added = last.peakMbWithMap - last.peakMb - (first.peakMbWithMap - first.peakMb);
  const bytesPerFurtherDistinct = (added * 1e6) / (last.distinctPairs - first.distinctPairs);
  console.log(
    `\nFrom ${megabytes(first.bytes)} to ${megabytes(last.bytes)} MB, a map adds ${bytesPerFurtherDistinct.toFixed(1)} bytes of memory for each further distinct value.`,
  );
  return { memory: found, bytesPerFurtherDistinct };
}

async function main() {
  const lack = await lackOfRoom();
  if (lack !== undefined) {
    console.error(lack);
    process.exitCode = 1;
    return;
  }
  const machine = benchMachine();
  console.log(`kernel + own HMAC, whole processes; ${inWords(machine)}\n`);
  const small = await benchClaims({ rows: Math.round(rows / 10) });
  const usual = await benchClaims({ rows });
  const large = await benchClaims({ rows: 10 * rows });
  const found = {
    sizes: await sizes([small, usual, large]),
    columns: await series(
      'tokenized columns',
      usual.bytes,
      [1, 10, 40].map((columns) => ({ label: String(columns), shape: { columns } })),
    ),
    distinct: await series(
      'distinct values',
      usual.bytes,
      [0.001, 0.1, 1].map((distinct) => ({
        label: `${String(distinct * 100)} %`,
        shape: { distinct },
      })),
    ),
  };
  const memory = await memoryOfMap([usual, large], found.sizes);
  console.log('All outputs of one file are the same, byte for byte.');
  await keepResults(options.json, { machine, ...found, ...memory });
}

try {
  await main();
} finally {
  await rm(folder, { recursive: true, force: true });
}

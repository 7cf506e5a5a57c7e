/**
 * npm run bench: one claims file through Python and through the command line with each engine and
 * each HMAC, in one run on one machine, since only ratios mean anything on a noisy one; and the
 * floors below which no tokenizer gets. Contenders run in turn, whole processes from start to exit;
 * of each the best of its rounds counts. All write the same bytes, or the run ends with an error.
 *
 *   npm run bench                                 400,000 rows (95 MB), three rounds
 *   npm run bench -- --rows 100000 --rounds 5     another file, more rounds
 *   npm run bench -- --workers 4                  another pool than one worker a core
 *   npm run bench -- --json bench/results/run.json
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchClaims } from './claims.mjs';
import {
  benchMachine,
  contender,
  figuresOf,
  floorsFor,
  fileInWords,
  inTurn,
  inWorkers,
  inWords,
  keepResults,
  printFigures,
  pythonCached,
  pythonWords,
  sameForAll,
  tokenizeWords,
} from './measure.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '400000' },
    rounds: { type: 'string', default: '3' },
    workers: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'string' },
  },
});

const folder = await mkdtemp(join(tmpdir(), 'velora-bench-'));
const output = join(folder, 'out.csv');
const map = join(folder, 'map.json');
const tokenized = sameForAll();
const mapped = sameForAll();

/**
 * A contender that writes the tokenized file, and maybe the map.
 * @param {Omit<import('./measure.mjs').Contender, 'run'>} what
 * @param {string[]} words
 */
function tokenizer(what, words) {
  return contender(what, words, [
    { path: output, same: tokenized },
    ...(what.map === true ? [{ path: map, same: mapped }] : []),
  ]);
}

/** @param {string} input */
function pythons(input) {
  const group = /** @type {const} */ ('python');
  const words = (/** @type {{ tuned?: boolean, cached?: boolean, map?: string }} */ more) =>
    pythonWords(input, { output, ...more });
  return [
    tokenizer({ group, name: 'Python, row by row' }, words({})),
    tokenizer({ group, name: pythonCached }, words({ cached: true })),
    tokenizer({ group, name: 'Python, tuned' }, words({ tuned: true })),
    tokenizer({ group, name: 'Python, tuned, cached' }, words({ tuned: true, cached: true })),
    tokenizer(
      { group, name: 'Python, tuned, cached, with map', map: true },
      words({ tuned: true, cached: true, map }),
    ),
  ];
}

/**
 * The command line with one worker and with the pool.
 * @param {string} input
 * @param {number} pool
 */
function engines(input, pool) {
  /** @type {{ group: import('./measure.mjs').Group, name: string, engine: 'papa' | 'kernel', hmac: 'wasm' | 'webcrypto' }[]} */
  const kinds = [
    { group: 'papa-webcrypto', name: 'Papa + WebCrypto', engine: 'papa', hmac: 'webcrypto' },
    { group: 'kernel-webcrypto', name: 'kernel + WebCrypto', engine: 'kernel', hmac: 'webcrypto' },
    { group: 'kernel-wasm', name: 'kernel + own HMAC', engine: 'kernel', hmac: 'wasm' },
  ];
  const contenders = kinds.flatMap(({ group, name, engine, hmac }) =>
    [...new Set([1, pool])].map((workers) =>
      tokenizer(
        { group, name: `${name}, ${inWorkers(workers)}`, workers },
        tokenizeWords(input, { engine, hmac, workers, output }),
      ),
    ),
  );
  const withMap = tokenizer(
    {
      group: 'kernel-wasm',
      name: `kernel + own HMAC, ${inWorkers(pool)}, with map`,
      workers: pool,
      map: true,
    },
    tokenizeWords(input, { workers: pool, output, map }),
  );
  return [...contenders, withMap];
}

try {
  const file = await benchClaims({ rows: Number(options.rows) });
  const machine = benchMachine();
  const contenders = [
    ...pythons(file.path),
    ...engines(file.path, Number(options.workers)),
    ...(await floorsFor(file, output)),
  ];
  const figures = figuresOf(await inTurn(contenders, Number(options.rounds)), file);
  console.log(`${fileInWords(file)}\n${inWords(machine)}\n`);
  printFigures('whole process, best round', figures);
  console.log('\nAll tokenized files are the same, byte for byte, and so are the maps.');
  const { path: _path, distinct: _distinct, ...facts } = file;
  await keepResults(options.json, { machine, file: facts, figures });
} finally {
  await rm(folder, { recursive: true, force: true });
}

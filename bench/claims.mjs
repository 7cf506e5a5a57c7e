/**
 * The files that the benchmarks run on: synthetic claims, made once and kept in a temporary folder
 * under a name that says what is in them.
 *
 *   node bench/claims.mjs                      400,000 rows, about 95 MB
 *   node bench/claims.mjs --large              4,000,000 rows, ten times as large, as well
 *   node bench/claims.mjs --rows 50000 --seed 2 [--columns N] [--distinct SHARE] [--hard]
 *
 * More than ten tokenized columns, up to all of the catalogue, come from shapes.mjs.
 * Prints one line of JSON for each file: its path, bytes, rows and counts. As a module:
 * `const { path } = await benchClaims({ rows: 400_000 })`.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, realpathSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { isWide, shapeChunks, shapeColumns } from './shapes.mjs';

/**
 * @typedef {object} BenchFile
 * @property {string} path
 * @property {number} bytes
 * @property {number} rows Without the header.
 * @property {number} columns
 * @property {number} tokenizedColumns
 * @property {number} tokenizedCells Non-empty cells of tokenized columns.
 * @property {number} distinctPairs Distinct (column, value) pairs: what the local map holds.
 * @property {Record<string, number>} distinct The same, by column.
 */

/** The sizes that published figures are about. */
export const BENCH_ROWS = 400_000;
export const LARGE_ROWS = 4_000_000;

/** Where the files are kept; remove the folder to get the space back. */
export const BENCH_FOLDER = join(tmpdir(), 'velora-vault-bench');

/** What else a file follows from that has more tokenized columns than a sample has. */
const wideSources = ['shapes.mjs', '../schemas/catalogue.json'];

/**
 * The file with these contents, made now unless it is there already.
 * @param {import('../samples/generate-claims.mjs').ClaimsOptions} [options]
 * @returns {Promise<BenchFile>}
 */
export async function benchClaims(options = {}) {
  const { rows = BENCH_ROWS, seed = 1, columns = 10, distinct, hard = false } = options;
  const kind = `${hard ? 'h' : ''}${distinct === undefined ? '' : `d${distinct}`}`;
  // A changed generator gives other contents, so its hash is part of the name.
  const generators = ['../samples/generate-claims.mjs', ...(isWide(columns) ? wideSources : [])];
  const hash = createHash('sha256');
  for (const source of generators) hash.update(await readFile(new URL(source, import.meta.url)));
  const version = hash.digest('hex').slice(0, 8);
  const name = `claims-${rows}x${columns}-s${seed}${kind && `-${kind}`}-${version}`;
  const path = join(BENCH_FOLDER, `${name}.csv`);
  const factsPath = join(BENCH_FOLDER, `${name}.json`);

  const known = await readFacts(factsPath);
  if (known && (await sizeOf(path)) === known.bytes) return { ...known, path };

  await mkdir(BENCH_FOLDER, { recursive: true });
  const facts = await make(path, { rows, seed, columns, distinct, hard });
  await writeFile(factsPath, `${JSON.stringify(facts)}\n`);
  return facts;
}

/**
 * @param {string} path
 * @param {import('../samples/generate-claims.mjs').ClaimsOptions} options
 * @returns {Promise<BenchFile>}
 */
async function make(path, options) {
  const layout = shapeColumns(options);
  /** @type {{ name: string, index: number, values: Set<string> }[]} */
  const counted = layout.flatMap(({ name, tokenized }, index) =>
    tokenized ? [{ name, index, values: new Set() }] : [],
  );
  let tokenizedCells = 0;

  // Under another name until it is whole, so that a run cut short leaves nothing that looks finished.
  const partial = `${path}.${process.pid}.partial`;
  const output = createWriteStream(partial);
  try {
    let rows = 0;
    let bytes = 0;
    const chunks = shapeChunks(options, (cells) => {
      rows++;
      for (const { index, values } of counted) {
        if (cells[index] === '') continue;
        tokenizedCells++;
        values.add(cells[index]);
      }
    });
    for (const chunk of chunks) {
      bytes += chunk.length;
      if (!output.write(chunk)) await once(output, 'drain');
    }
    output.end();
    await once(output, 'close');
    await rename(partial, path);

    const distinct = Object.fromEntries(counted.map(({ name, values }) => [name, values.size]));
    return {
      path,
      bytes,
      rows,
      columns: layout.length,
      tokenizedColumns: counted.length,
      tokenizedCells,
      distinctPairs: Object.values(distinct).reduce((sum, count) => sum + count, 0),
      distinct,
    };
  } catch (error) {
    output.destroy();
    await rm(partial, { force: true });
    throw error;
  }
}

/** @type {(path: string) => Promise<BenchFile | undefined>} */
async function readFacts(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @type {(path: string) => Promise<number | undefined>} */
async function sizeOf(path) {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined;
  }
}

/** @returns {Promise<void>} */
async function main() {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string' },
      seed: { type: 'string' },
      columns: { type: 'string' },
      distinct: { type: 'string' },
      hard: { type: 'boolean' },
      large: { type: 'boolean' },
    },
  });
  /** @type {(text: string | undefined) => number | undefined} */
  const number = (text) => (text === undefined ? undefined : text === '' ? NaN : Number(text));
  const options = {
    rows: number(values.rows),
    seed: number(values.seed),
    columns: number(values.columns),
    distinct: number(values.distinct),
    hard: values.hard,
  };
  console.log(JSON.stringify(await benchClaims(options)));
  if (values.large)
    console.log(JSON.stringify(await benchClaims({ ...options, rows: LARGE_ROWS })));
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main();
}

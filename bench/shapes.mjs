/**
 * Claims files of other shapes than samples/generate-claims.mjs makes: with more tokenized columns,
 * of a wanted size, or far larger than it is worth generating. The same bytes each time.
 *
 *   node bench/claims.mjs --rows 20000 --columns 40       makes a wide one
 */
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { claimsChunks, claimsColumns, claimsRows, LAYOUT } from '../samples/generate-claims.mjs';

/** @typedef {import('../samples/generate-claims.mjs').ClaimsOptions} ClaimsOptions */
/** @typedef {import('../samples/generate-claims.mjs').Column} Column */

/** Tokenized columns that a generated file has; more are added here, each of another kind. */
const generated = 10;

/** Tokenized columns of the catalogue that a generated file does not have. */
const further = catalogueColumns().filter(({ name }) => LAYOUT.every((one) => one.name !== name));

/** What the values of a further column follow, in turn, so that they repeat as those do. */
const followed = ['claim_id', 'member_id', 'rendering_npi'].map((name) =>
  claimsColumns().findIndex((column) => column.name === name),
);

/** @returns {{ name: string, prefix: string }[]} */
function catalogueColumns() {
  const text = readFileSync(new URL('../schemas/catalogue.json', import.meta.url), 'utf8');
  /** @type {{ columns: { name: string, action: string, prefix: string }[] }} */
  const { columns } = JSON.parse(text);
  return columns.filter(({ action }) => action === 'tokenize');
}

/** @param {number | undefined} columns tokenized ones */
export function isWide(columns) {
  return columns !== undefined && columns > generated;
}

/**
 * The columns of a file, in order: those that are generated, then further tokenized ones.
 * @param {ClaimsOptions} [options] `columns` up to all tokenized ones of the catalogue
 * @returns {Column[]}
 */
export function shapeColumns(options = {}) {
  const { columns = generated } = options;
  if (!isWide(columns)) return claimsColumns(options);
  const added = further.slice(0, columns - generated);
  if (options.hard) throw new RangeError('hard: only with up to ten tokenized columns');
  if (added.length < columns - generated) {
    throw new RangeError(`columns: ${String(generated + further.length)} are all there are`);
  }
  return [
    ...claimsColumns(),
    ...added.map(({ name }) => ({ name, spelling: name, tokenized: true })),
  ];
}

/**
 * The file in pieces of about a megabyte, as claimsChunks() gives them.
 * @param {ClaimsOptions} [options]
 * @param {(cells: string[]) => void} [onRow] sees each data row
 * @returns {Generator<Buffer, void, undefined>}
 */
export function* shapeChunks(options = {}, onRow = undefined) {
  if (!isWide(options.columns)) {
    yield* claimsChunks(options, onRow);
    return;
  }
  const names = shapeColumns(options).map(({ name }) => name);
  const added = further.slice(0, names.length - claimsColumns().length);
  const rows = claimsRows({ ...options, columns: generated });
  rows.next();
  let text = `${names.join(',')}\n`;
  for (const cells of rows) {
    const numbers = followed.map((index) => numberOf(cells[index]));
    for (const [i, { prefix }] of added.entries()) {
      cells.push(
        `${prefix}-${String(scrambled(numbers[i % numbers.length], i)).padStart(10, '0')}`,
      );
    }
    onRow?.(cells);
    text += `${cells.join(',')}\n`;
    if (text.length >= 1 << 20) {
      yield Buffer.from(text);
      text = '';
    }
  }
  yield Buffer.from(text);
}

/**
 * A number for a text: FNV-1a.
 * @param {string} text
 */
function numberOf(text) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * Another number for a number, its own in each column.
 * @param {number} number
 * @param {number} column
 */
function scrambled(number, column) {
  const mixed = Math.imul(number ^ Math.imul(column + 1, 0x9e3779b9), 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/**
 * How many rows of this shape make a file of about this size.
 * @param {number} bytes
 * @param {ClaimsOptions} options
 */
export function rowsFor(bytes, options) {
  const rows = 5000;
  let sample = 0;
  for (const chunk of shapeChunks({ ...options, rows })) sample += chunk.length;
  return Math.max(1000, Math.round((bytes * rows) / sample / 1000) * 1000);
}

/**
 * Writes a file of this size, up to the end of its last row: the header of another file, and its rows
 * over and over.
 * @param {string} path
 * @param {string} source ends with a line break and has none within its cells
 * @param {number} bytes
 * @returns {Promise<{ bytes: number, rows: number }>}
 */
export async function repeatFile(path, source, bytes) {
  const output = createWriteStream(path, { highWaterMark: 1 << 22 });
  let written = 0;
  let lines = 0;
  let start = 0;
  for (let full = false; !full;) {
    for await (const chunk of createReadStream(source, { start, highWaterMark: 1 << 22 })) {
      if (start === 0) start = chunk.indexOf(10) + 1;
      const room = Math.max(0, bytes - written);
      const end = room < chunk.length ? chunk.indexOf(10, room) + 1 : 0;
      full = end > 0;
      const part = full ? chunk.subarray(0, end) : chunk;
      written += part.length;
      for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) lines += 1;
      if (!output.write(part)) await once(output, 'drain');
      if (full) break;
    }
  }
  output.end();
  await once(output, 'close');
  return { bytes: written, rows: lines - 1 };
}

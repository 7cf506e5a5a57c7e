import { type ColumnDecision, positionIn, positionsOf } from './decisions.ts';
import { VaultError } from './errors.ts';

/** Decisions on the columns of files with these headers; no values. Page and command line share it. */
export interface Mapping {
  readonly product: string;
  /** The key fingerprint that the tokens are expected under, where one is known. */
  readonly keyFingerprint: string | null;
  readonly columns: readonly MappedColumn[];
}

/** A person's decision on one column: by header, and where headers repeat by which of them, from 1. */
export type MappedColumn = { readonly header: string; readonly occurrence?: number } & (
  | { readonly action: 'keep'; readonly checked?: true }
  | { readonly action: 'drop' }
  | { readonly action: 'map'; readonly column: string }
);

/** Characters of a mapping file at most: far more than any header row needs. */
export const longestMapping = 1 << 20;

/** The version of the file's form. */
const formVersion = 1;

/**
 * Reads a mapping file. It may come from anywhere: nothing that is not expected is let pass, and
 * no message repeats what the file holds.
 * @throws VaultError `mapping-invalid`, naming the place in the list of columns
 */
export function parseMapping(text: string): Mapping {
  if (text.length > longestMapping)
    throw invalid('larger than a megabyte: expected a mapping file');
  const file = fieldsOf(parseJson(text), fileKeys, '');
  if (file.mapping !== formVersion) {
    throw invalid('expected "mapping": 1; was it made by another version?');
  }
  const { product, keyFingerprint = null, columns } = file;
  if (typeof product !== 'string' || !/^[a-z][a-z0-9_]{0,63}$/.test(product)) {
    throw invalid('"product": expected the name of a product');
  }
  if (
    keyFingerprint !== null &&
    !(typeof keyFingerprint === 'string' && /^[0-9a-f]{8}$/.test(keyFingerprint))
  ) {
    throw invalid('"keyFingerprint": expected 8 hexadecimal characters in lower case, or null');
  }
  if (!Array.isArray(columns)) throw invalid('"columns": expected a list');
  const parsed = columns.map((entry: unknown, i) => columnOf(entry, i));
  assertDistinct(parsed);
  return { product, keyFingerprint, columns: parsed };
}

/** A mapping as a file: indented JSON with a line break at the end. */
export function formatMapping({ product, keyFingerprint, columns }: Mapping): string {
  const entries = columns.map((entry) => ({
    header: entry.header,
    ...(entry.occurrence === undefined ? {} : { occurrence: entry.occurrence }),
    action: entry.action,
    ...(entry.action === 'map' ? { column: entry.column } : {}),
    ...(entry.action === 'keep' && entry.checked === true ? { checked: true } : {}),
  }));
  const file = { mapping: formVersion, product, keyFingerprint, columns: entries };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * The decisions for a file with these headers, each by position.
 * @param headers in the file's order; null for one that may be a value, which no mapping names
 * @throws VaultError `mapping-invalid` for an entry that names no header of the file, or several
 */
export function decisionsOf(
  { columns }: Mapping,
  headers: readonly (string | null)[],
): ColumnDecision[] {
  const positions = positionsOf(headers);
  const decided = new Set<number>();
  return columns.map((entry, i) => {
    const found = positions.get(entry.header) ?? [];
    if (entry.occurrence === undefined && found.length > 1) {
      throw invalid(
        `entry ${String(i + 1)} names a header that stands ${String(found.length)} times in the file: expected an "occurrence", from 1`,
        'other-headers',
      );
    }
    const index = found[(entry.occurrence ?? 1) - 1];
    if (index === undefined) {
      throw invalid(
        `entry ${String(i + 1)} names a header that the file does not have: expected a file with the headers that the mapping was made for`,
        'other-headers',
      );
    }
    if (decided.has(index)) throw twice(i);
    decided.add(index);
    const select = `#${String(index + 1)}`;
    const { header: _header, occurrence: _occurrence, ...decision } = entry;
    return { select, ...decision };
  });
}

/**
 * The mapping that leads to these decisions again. Decisions on headers that may be values are left
 * out: a mapping holds no value, so those columns are asked about again.
 * @param headers in the file's order; null for one that may be a value
 * @param decisions by position, `#3`, or by header
 */
export function mappingOf(
  product: string,
  keyFingerprint: string | null,
  headers: readonly (string | null)[],
  decisions: readonly ColumnDecision[],
): Mapping {
  const positions = positionsOf(headers);
  const columns = decisions.flatMap(({ select, action, column, checked }): MappedColumn[] => {
    const position = positionIn(select);
    const header = position === undefined ? select : headers[position];
    const found = typeof header === 'string' ? positions.get(header) : undefined;
    if (typeof header !== 'string' || found === undefined) return [];
    const occurrence = position === undefined ? 1 : found.indexOf(position) + 1;
    const named = { header, ...(found.length > 1 ? { occurrence } : {}) };
    if (action === 'drop') return [{ ...named, action }];
    if (action === 'keep') return [{ ...named, action, ...(checked === true ? { checked } : {}) }];
    return column === undefined ? [] : [{ ...named, action, column }];
  });
  return { product, keyFingerprint, columns };
}

const fileKeys = ['mapping', 'product', 'keyFingerprint', 'columns'] as const;
const entryKeys = ['header', 'occurrence', 'action', 'column', 'checked'] as const;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw invalid('expected JSON, as the page writes it');
  }
}

/** The object's own fields, where it has no others than these. */
function fieldsOf<Key extends string>(
  value: unknown,
  keys: readonly Key[],
  where: string,
): Partial<Record<Key, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`${where}expected an object`);
  }
  if (Object.keys(value).some((key) => !keys.some((known) => known === key))) {
    throw invalid(`${where}an unknown name: expected ${keys.join(', ')} only`);
  }
  return Object.fromEntries(
    keys.flatMap((key) =>
      Object.hasOwn(value, key) ? [[key, (value as Record<string, unknown>)[key]]] : [],
    ),
  ) as Partial<Record<Key, unknown>>;
}

function columnOf(value: unknown, i: number): MappedColumn {
  const where = `entry ${String(i + 1)}: `;
  const { header, occurrence, action, column, checked } = fieldsOf(value, entryKeys, where);
  if (typeof header !== 'string') throw invalid(`${where}"header": expected text`);
  const counts = typeof occurrence === 'number' && Number.isSafeInteger(occurrence);
  if (occurrence !== undefined && !(counts && occurrence >= 1)) {
    throw invalid(`${where}"occurrence": expected a whole number from 1`);
  }
  const named = { header, ...(counts ? { occurrence } : {}) };
  if (checked !== undefined && !(action === 'keep' && checked === true)) {
    throw invalid(`${where}"checked": expected true, with the action keep only`);
  }
  if (action === 'map') {
    if (typeof column !== 'string' || !/^[a-z][a-z0-9_]{0,63}$/.test(column)) {
      throw invalid(`${where}"column": expected the name of a column of the catalogue`);
    }
    return { ...named, action, column };
  }
  if (action !== 'keep' && action !== 'drop') {
    throw invalid(`${where}"action": expected keep, drop or map`);
  }
  if (column !== undefined) throw invalid(`${where}"column": expected with the action map only`);
  if (action === 'drop') return { ...named, action };
  return { ...named, action, ...(checked === true ? { checked } : {}) };
}

function assertDistinct(columns: readonly MappedColumn[]): void {
  const seen = new Map<string, Set<number>>();
  columns.forEach(({ header, occurrence = 1 }, i) => {
    const occurrences = seen.get(header) ?? new Set();
    if (occurrences.has(occurrence)) throw twice(i);
    seen.set(header, occurrences.add(occurrence));
  });
}

function twice(i: number): VaultError {
  return invalid(
    `entry ${String(i + 1)} decides on a column a second time: expected one decision for each`,
  );
}

function invalid(message: string, rule?: string): VaultError {
  return new VaultError('mapping-invalid', message, rule === undefined ? {} : { rule });
}

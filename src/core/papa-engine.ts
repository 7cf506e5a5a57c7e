import { isPadded } from './blanks.ts';
import { type ColumnCounts, emptyCounts, note, packCounts } from './counts.ts';
import { tokensFound } from './csv/faults.ts';
import { countLineEnds } from './csv/lines.ts';
import type { RecordRun } from './csv/split.ts';
import { readStrictly } from './csv/strict.ts';
import { writeRecords } from './csv/write.ts';
import type { SegmentEngine, Transform } from './engine.ts';
import type { VaultError } from './errors.ts';
import type { PseudorandomFunction } from './prf.ts';
import { type Pseudonym, type PseudonymBatch, PseudonymPool } from './pseudonyms.ts';
import { isTokenOf } from './token.ts';
import { generalize, type GeneralizingTreatment, type Treatment } from './treatment.ts';
import { Validator } from './validate.ts';

type Tokenizing = Extract<Treatment, { kind: 'tokenize' }>;

/** What a cell becomes: text that is known, or a pseudonym whose token is computed with the batch. */
type Replacement = string | Pseudonym;

/**
 * The reference engine: Papa Parse reads and writes, cells are strings, and each distinct
 * (column, value) goes through the pseudo-random function once, in one batch a segment.
 */
export function createPapaEngine(transform: Transform, prf: PseudorandomFunction): SegmentEngine {
  const { treatments, allowTokens } = transform;
  const pool = new PseudonymPool(transform, prf);
  const uses = treatments.map(({ kind }) => {
    if (kind === 'drop') return 'skip';
    return kind === 'keep' ? 'copy' : 'replace';
  });
  const changing = treatments.flatMap((treatment, column) =>
    treatment.kind === 'keep' || treatment.kind === 'drop' ? [] : [{ treatment, column }],
  );

  /** The replacements of one record's changing cells; null at the first that is a token already. */
  function replace(
    record: readonly string[],
    row: number,
    counts: readonly ColumnCounts[],
    batch: PseudonymBatch,
    replacements: Replacement[],
  ): boolean {
    for (const { treatment, column } of changing) {
      const value = record[column] as string;
      const columnCounts = counts[column] as ColumnCounts;
      if (treatment.kind !== 'tokenize') {
        replacements.push(generalizeCell(treatment, value, row, columnCounts));
      } else if (value === '') {
        columnCounts.counts.empty += 1;
        replacements.push(value);
      } else if (isTokenOf(treatment.prefix, value)) {
        if (!allowTokens) return false;
        note(columnCounts, 'alreadyTokens', row);
        replacements.push(value);
      } else {
        if (isPadded(value)) note(columnCounts, 'padded', row);
        columnCounts.counts.tokenized += 1;
        replacements.push(batch.of(column, treatment, value));
      }
    }
    return true;
  }

  return async (segment) => {
    const read = readStrictly(segment, transform.delimiter, treatments.length);
    const counts = treatments.map(emptyCounts);
    const batch = pool.batch();
    const replacements: Replacement[] = [];
    for (const { run, records } of read.runs) {
      records.forEach((record, i) => {
        const done = replace(record, run.firstRow + i, counts, batch, replacements);
        if (!done) throw tokenIn(run, records, i, changing);
      });
    }
    if (read.fault !== null) throw read.fault;
    const entries = await batch.resolve();

    let next = 0;
    const replacement = (): string => {
      const found = replacements[next] as Replacement;
      next += 1;
      return typeof found === 'string' ? found : found.token;
    };
    const written = read.runs.flatMap(({ records }) =>
      records.map((record) =>
        uses.flatMap((use, column) => {
          if (use === 'skip') return [];
          return [use === 'copy' ? (record[column] as string) : replacement()];
        }),
      ),
    );
    const output = writeRecords(written, transform.output);
    const validator = new Validator(transform.rules, transform.output.delimiter, true);
    validator.push(output);
    const { records, lines } = read;
    return {
      ...{ output, entries, records, lines },
      counts: packCounts(counts),
      check: validator.finish(),
    };
  };
}

function generalizeCell(
  treatment: GeneralizingTreatment,
  cell: string,
  row: number,
  counts: ColumnCounts,
): string {
  const { value, outcome } = generalize(treatment, cell);
  if (outcome === 'suppressed' || outcome === 'repaired') note(counts, outcome, row);
  else counts.counts[outcome] += 1;
  return value;
}

function tokenIn(
  run: RecordRun,
  records: readonly string[][],
  at: number,
  changing: readonly { readonly treatment: Treatment; readonly column: number }[],
): VaultError {
  const linesBefore = records
    .slice(0, at)
    .reduce((lines, record) => lines + 1 + countLineEnds(record.join('x')), 0);
  const found = changing.find(
    ({ treatment, column }) =>
      treatment.kind === 'tokenize' && isToken(treatment, records[at]?.[column] ?? ''),
  );
  return tokensFound({
    line: run.firstLine + linesBefore,
    row: run.firstRow + at,
    column: (found?.column ?? 0) + 1,
  });
}

function isToken({ prefix }: Tokenizing, cell: string): boolean {
  return isTokenOf(prefix, cell);
}

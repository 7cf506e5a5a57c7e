import { expect } from 'vitest';
import { testSecretText } from '../support/tokenize.ts';
import type { Report } from '../../src/core/report.ts';
import { type Feeding, type Options, type Outcome, tokenize } from './ours.ts';
import { type Answer, base64, bytesOf, type Reference } from './reference.ts';

interface ReferenceReport {
  readonly rows: number;
  readonly delimiter: string;
  readonly encoding: string;
  readonly columns: readonly Readonly<Record<string, string | number | null>>[];
  readonly suppressedRows: Readonly<Record<string, readonly number[]>>;
}

const counted = [
  'tokenized',
  'empty',
  'alreadyTokens',
  'padded',
  'repaired',
  'suppressed',
] as const;
const rowNumbersKept = 100;

/** What both reports tell, in one form. An unknown column that stays is kept. */
function ourReport({ rows, input, columns }: Report): unknown {
  return {
    rows,
    delimiter: input.delimiter,
    encoding: input.encoding,
    columns: columns.map(({ column, action, counts, rows: noted }) => ({
      column,
      action: action === 'unknown' ? 'keep' : action,
      counts: counted.map((name) => counts?.[name] ?? 0),
      suppressedRows: noted?.suppressed ?? [],
    })),
  };
}

function theirReport({ rows, delimiter, encoding, columns, suppressedRows }: ReferenceReport) {
  return {
    rows,
    delimiter,
    encoding,
    columns: columns.map((column, i) => ({
      column: column['column'],
      action: column['action'],
      counts: counted.map((name) => column[name]),
      suppressedRows: (suppressedRows[String(i)] ?? []).slice(0, rowNumbersKept),
    })),
  };
}

/** What the reference makes of a file. */
export function referenceTokenizes(
  reference: Reference,
  input: Uint8Array,
  product: string,
  options: Options,
): Promise<Answer> {
  const fields = { product, secret: testSecretText, input: base64(input), options };
  return reference.ask('tokenize', fields);
}

/** Holds our outcome against the reference's answer: same bytes, map and counts, or both refuse. */
export function expectSame(ours: Outcome, theirs: Answer): void {
  const verdict = (code: string | undefined): string => `refused: ${code ?? ''}`;
  if (!ours.ok) {
    expect(theirs.ok, `only we refused, with ${ours.code}`).toBe(false);
    expect(theirs.code).not.toBe('request-invalid');
    return;
  }
  expect(theirs.ok ? 'accepted' : verdict(theirs.code), 'only the reference refused').toBe(
    'accepted',
  );
  expect(ours.output.toString()).toBe(bytesOf(theirs, 'output').toString());
  expect(ours.map.toString()).toBe(bytesOf(theirs, 'map').toString());
  expect(ours.output.equals(bytesOf(theirs, 'output'))).toBe(true);
  expect(ours.map.equals(bytesOf(theirs, 'map'))).toBe(true);
  expect(ourReport(ours.report)).toEqual(theirReport(theirs['report'] as ReferenceReport));
}

/** Both sides on one file, compared. Gives our outcome. */
export async function compareTokenizing(
  reference: Reference,
  input: Uint8Array,
  product: string,
  options: Options,
  feedings: readonly Feeding[],
): Promise<Outcome[]> {
  const theirs = await referenceTokenizes(reference, input, product, options);
  const outcomes: Outcome[] = [];
  for (const feeding of feedings) {
    const ours = await tokenize(input, product, options, feeding);
    expectSame(ours, theirs);
    outcomes.push(ours);
  }
  return outcomes;
}

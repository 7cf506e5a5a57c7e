import {
  asVaultError,
  isVaultError,
  type VaultError,
  type VaultErrorCode,
} from '../../core/errors.ts';
import { type ColumnPlan, type Plan, shownHeader } from '../../core/plan.ts';
import { ruleOf } from '../../core/output-check.ts';
import type { ColumnRule, ValidationResult } from '../../core/validate.ts';
import { isProblemName, type Problem, type ProblemName } from '../http/problems.ts';

/** What each error of the core is to the sender of a file. */
const problemOfCode: Readonly<Record<VaultErrorCode, ProblemName>> = {
  empty: 'file-empty',
  'not-text': 'csv-invalid',
  'encoding-invalid': 'csv-invalid',
  'header-too-long': 'csv-invalid',
  ragged: 'csv-invalid',
  'quote-unterminated': 'csv-invalid',
  'quote-text-after': 'csv-invalid',
  'record-too-long': 'csv-invalid',
  'header-not-accepted': 'header-not-accepted',
  'suspect-undecided': 'column-undecided',
  'unknown-columns': 'column-undecided',
  'no-columns-left': 'column-undecided',
  'tokens-found': 'tokens-found',
  'product-unknown': 'product-unknown',
  cancelled: 'form-invalid',
  // By its rule, or by what was found: see below.
  'request-refused': 'internal',
  'output-check': 'internal',
  'option-invalid': 'internal',
  'secret-missing': 'internal',
  'secret-invalid': 'internal',
  'input-unreadable': 'internal',
  'token-collision': 'internal',
  'map-invalid': 'internal',
  'output-exists': 'internal',
  'output-is-input': 'internal',
  'output-unwritable': 'internal',
  'output-closed': 'internal',
  'mapping-invalid': 'internal',
  'browser-unsupported': 'internal',
  'walls-open': 'internal',
  'storage-full': 'storage-full',
  'worker-ended': 'internal',
  'upload-refused': 'internal',
  'upload-unreachable': 'internal',
  'upload-unanswered': 'internal',
  'receiver-unusable': 'internal',
  internal: 'internal',
};

/** Problems whose own words say less than the message of the error. */
const tellMessage: readonly ProblemName[] = [
  'csv-invalid',
  'header-not-accepted',
  'product-unknown',
  'form-invalid',
];

/** Somebody has to make room first. */
const storageFullSeconds = 300;

/**
 * What an error is to the sender. Messages of the core hold no value of a cell.
 * @param signal whose reason says why the reading was given up
 */
export function problemOfError(thrown: unknown, signal: AbortSignal): Problem {
  const given = asVaultError(thrown);
  const error =
    given.code === 'cancelled' && isVaultError(signal.reason) ? asVaultError(signal.reason) : given;
  if (error.code === 'request-refused') {
    const { rule } = error;
    return isProblemName(rule) ? { name: rule, detail: error.message } : { name: 'internal' };
  }
  const name = problemOfCode[error.code];
  if (name === 'internal') return { name };
  if (name === 'storage-full') return { name, retryAfter: storageFullSeconds };
  const { code, rule, line, row, column, header } = error;
  return {
    name,
    ...(tellMessage.includes(name) ? { detail: detailOf(error) } : {}),
    fault: {
      code,
      ...(rule === undefined ? {} : { rule }),
      ...(line === undefined ? {} : { line }),
      ...(row === undefined ? {} : { row }),
      ...(column === undefined ? {} : { column }),
      ...(header === undefined ? {} : { header }),
    },
  };
}

/** The core's messages ask for the name of the encoding, which nobody can give here. */
function detailOf({ rule, message }: VaultError): string {
  return rule === 'nul' || rule === 'encoding'
    ? 'expected UTF-8, or UTF-16 with a byte order mark'
    : message;
}

/** The gravest kind of rule that is broken names the problem. */
const problemOfRules: readonly (readonly [ProblemName, readonly ColumnRule['kind'][]])[] = [
  ['plaintext-detected-in-tokenize-column', ['token']],
  ['plaintext-detected-in-generalize-column', ['year', 'zip3', 'age90']],
  ['column-to-be-dropped', ['absent']],
  ['identifier-in-kept-column', ['plain']],
];

/**
 * What the findings of a check are to the sender; null where there are none.
 * @param columns plans of the columns that were checked, in their order: the problem names columns
 *   by their place in the file that was sent
 */
export function problemOfFindings(
  { findings, counts }: ValidationResult,
  columns: readonly ColumnPlan[],
  plan: Plan,
): Problem | null {
  if (findings.length === 0) return null;
  const placeOf = (index: number): { column: number; header?: string } => {
    const column = columns[index];
    return column === undefined
      ? { column: index + 1 }
      : { column: column.index + 1, ...shownHeader(column, plan) };
  };
  // Not by the findings: only the first of them are kept.
  const broken = columns.filter((_, index) => (counts[index] ?? 0) > 0).map(ruleOf);
  const [name] = problemOfRules.find(([, kinds]) =>
    broken.some(({ kind }) => kinds.includes(kind)),
  ) ?? ['internal' as const];
  return {
    name,
    findings: findings.map(({ column, row, rule }) => ({ ...placeOf(column - 1), row, rule })),
    counts: counts.flatMap((count, index) =>
      count > 0 ? [{ ...placeOf(index), findings: count }] : [],
    ),
  };
}

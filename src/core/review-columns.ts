import { asVaultError, type PlainVaultError, VaultError } from './errors.ts';
import { expectations } from './output-check.ts';
import { assertDecided, type ColumnPlan, type Permitted, type Plan, shownHeader } from './plan.ts';
import type { ColumnView, Review } from './review-types.ts';
import { cutText, firstShapes, shapeOf } from './shapes.ts';
import { suggestColumns } from './suggest.ts';
import { isTokenOf } from './token.ts';
import { generalize, isGeneralizing } from './treatment.ts';
import { identifierForm } from './validate.ts';

/** Records whose cells are looked at for shapes and suggestions. */
const recordsLookedAt = 100;
const recordsShown = 3;
/** Characters of a cell that are shown. */
export const cellShown = 200;
const hiddenDigits = '•'.repeat(16);

/** A column as a person reviews it. */
export function viewOf(
  { treatment, ...column }: ColumnPlan,
  plan: Plan,
  { known, actions, targets }: Permitted,
  records: readonly (readonly string[])[],
): ColumnView {
  const { index } = column;
  const values = records.slice(0, recordsLookedAt).map((record) => record[index] ?? '');
  const header = shownHeader({ ...column, treatment }, plan).header ?? null;
  const renamed = column.outputHeader !== null && column.outputHeader !== column.header;
  const shapes = firstShapes(values);
  const kept = treatment.kind === 'keep';
  return {
    ...column,
    header,
    outputHeader: header !== null || renamed ? column.outputHeader : hidden(column),
    shapes,
    result: resultOf({ ...column, treatment }, values, shapes),
    suggestions: suggestColumns(known, column.suspect, values),
    allowed: actions,
    targets,
    tokensSeen:
      treatment.kind === 'tokenize' &&
      records.some((record) => isTokenOf(treatment.prefix, record[index] ?? '')),
    identifiersSeen: kept && records.some((record) => identifierForm(record[index] ?? '') !== null),
  };
}

function hidden({
  index,
  outputHeader,
}: Pick<ColumnPlan, 'index' | 'outputHeader'>): string | null {
  return outputHeader === null ? null : `#${String(index + 1)}`;
}

function resultOf(
  { treatment }: ColumnPlan,
  values: readonly string[],
  shapes: readonly string[],
): string {
  if (treatment.kind === 'drop') return '';
  if (treatment.kind === 'keep') return shapes[0] ?? '';
  if (treatment.kind === 'tokenize') return `${treatment.prefix}_${hiddenDigits}`;
  for (const value of values) {
    const general = generalize(treatment, value).value;
    if (general !== '') return general;
  }
  return values.some((value) => value !== '') ? '' : emptyResults[treatment.kind];
}

/** What generalized cells look like where the first records hold none. */
const emptyResults = { year: '9999', zip3: '999', age90: '99' } as const;

/** What still keeps the run from starting, as far as the first records tell. */
export function openOf(
  plan: Plan,
  columns: readonly ColumnView[],
  records: readonly (readonly string[])[],
): PlainVaultError | null {
  try {
    assertDecided(plan);
  } catch (error) {
    return asVaultError(error).toPlain();
  }
  const placeOf = ({ index }: ColumnView): { column: number; header?: string } => {
    const column = plan.columns[index];
    return { column: index + 1, ...(column === undefined ? {} : shownHeader(column, plan)) };
  };
  const tokens = columns.find(({ tokensSeen }) => tokensSeen);
  if (tokens !== undefined && !plan.options.allowTokens) {
    return new VaultError(
      'tokens-found',
      'cells that are tokens of their own column already: expected originals; was this file tokenized before?',
      { ...placeOf(tokens), rule: 'already-token' },
    ).toPlain();
  }
  const kept = columns.find(({ identifiersSeen, exempt }) => identifiersSeen && exempt !== true);
  if (kept === undefined) return null;
  const forms = records.map((record) => identifierForm(record[kept.index] ?? ''));
  const row = forms.findIndex((form) => form !== null);
  const rule = forms[row] ?? 'ssn';
  return new VaultError('output-check', expectations[rule] ?? '', {
    row: row + 1,
    ...placeOf(kept),
    rule,
  }).toPlain();
}

/** The first records as they will leave; what is not decided yet shows its shape only. */
export function sampleOf(
  plan: Plan,
  columns: readonly ColumnView[],
  records: readonly (readonly string[])[],
): Review['sample'] {
  const left = columns.filter(({ outputHeader }) => outputHeader !== null);
  return {
    header: left.map(({ outputHeader }) => outputHeader ?? ''),
    records: records.slice(0, recordsShown).map((record) =>
      left.map((column) => {
        const { treatment } = plan.columns[column.index] ?? {};
        const value = record[column.index] ?? '';
        if (treatment === undefined || value === '') return '';
        if (treatment.kind === 'tokenize') return `${treatment.prefix}_${hiddenDigits}`;
        if (isGeneralizing(treatment)) return generalize(treatment, value).value;
        const unconfirmed = column.identifiersSeen && column.exempt !== true;
        const undecided = column.action === 'unknown' || unconfirmed;
        return undecided ? shapeOf(value) : cutText(value, cellShown);
      }),
    ),
  };
}

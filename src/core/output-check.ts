import { VaultError } from './errors.ts';
import { type ColumnPlan, type Plan, shownHeader } from './plan.ts';
import { type ColumnRule, type Finding, findingsKept, type ValidationResult } from './validate.ts';

/** What the cells of a column must be when its treatment is done. */
export function ruleOf({ treatment, exempt }: ColumnPlan): ColumnRule {
  switch (treatment.kind) {
    case 'tokenize':
      return { kind: 'token', prefix: treatment.prefix };
    case 'drop':
      return { kind: 'absent' };
    case 'keep':
      return { kind: exempt === true ? 'exempt' : 'plain' };
    default:
      return { kind: treatment.kind };
  }
}

/** What the output must be: the run's own decisions, for each column that is still there. */
export function outputRules(plan: Plan): ColumnRule[] {
  return plan.columns.filter(({ outputHeader }) => outputHeader !== null).map(ruleOf);
}

/** What was expected where a rule is broken, by the rule. */
export const expectations: Readonly<Record<string, string>> = {
  token: 'expected a token of this column',
  year: 'expected a year or nothing',
  zip3: 'expected three digits or nothing',
  age90: 'expected an age up to 90 or nothing',
  ssn: 'a cell of a kept column is a social security number: expected the column to be tokenized, dropped, or kept by a decision of its own',
  email:
    'a cell of a kept column is an e-mail address: expected the column to be tokenized, dropped, or kept by a decision of its own',
};

/** The checks of an output's segments, one after another. */
export class OutputCheck {
  #rows = 0;
  readonly #findings: Finding[] = [];
  readonly #counts: number[];

  /** @param columns of the output */
  constructor(columns: number) {
    this.#counts = Array.from({ length: columns }, () => 0);
  }

  add({ rows, findings, counts }: ValidationResult): void {
    for (const finding of findings.slice(0, findingsKept - this.#findings.length)) {
      this.#findings.push({ ...finding, row: this.#rows + finding.row });
    }
    counts.forEach((count, column) => {
      this.#counts[column] = (this.#counts[column] ?? 0) + count;
    });
    this.#rows += rows;
  }

  result(): ValidationResult {
    return { rows: this.#rows, findings: this.#findings, counts: this.#counts };
  }
}

/**
 * Refuses an output that breaks a rule, or that has lost or gained records.
 * @throws VaultError `output-check`
 */
export function assertSound(
  { findings, counts, rows: rowsOut }: ValidationResult,
  plan: Plan,
  rows: number,
): void {
  const [first] = findings;
  if (first !== undefined) {
    const written = plan.columns.filter(({ outputHeader }) => outputHeader !== null);
    const column = written[first.column - 1];
    const total = counts.reduce((sum, count) => sum + count, 0);
    const more = total > 1 ? ` (${String(total)} such findings in all)` : '';
    throw new VaultError('output-check', `${expectations[first.rule] ?? ''}${more}`, {
      row: first.row,
      ...(column === undefined ? {} : { column: column.index + 1, ...shownHeader(column, plan) }),
      rule: first.rule,
    });
  }
  if (rowsOut !== rows) {
    throw new VaultError(
      'output-check',
      `${String(rowsOut)} records out: expected as many as came in, ${String(rows)}`,
      { rule: 'rows' },
    );
  }
}

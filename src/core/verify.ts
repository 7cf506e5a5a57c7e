import { delimiters, headLength } from './csv/dialect.ts';
import { decodeUtf8 } from './csv/encoding.ts';
import { VaultError } from './errors.ts';
import { classifyHeader } from './headers.ts';
import { type DialectOptions, inspectHead } from './inspect.ts';
import { ruleOf } from './output-check.ts';
import { type Plan, planColumns, type PlanOptions } from './plan.ts';
import { getProduct, type Product } from './schema.ts';
import { type ByteSource, peek, throwIfCancelled } from './source.ts';
import { splitIntoSegments, transcoded } from './stages.ts';
import { type ColumnRule, type ValidationResult, Validator } from './validate.ts';

export interface VerifyJob extends DialectOptions, Pick<PlanOptions, 'acceptHeader'> {
  readonly source: ByteSource;
  readonly product: string;
  /** Columns, by header or position, that a person has decided to keep whatever they hold. */
  readonly keep?: readonly string[];
  /**
   * The check of who receives a file: columns of the catalogue only. What was kept is the sender's
   * decision, which a receiver does not know.
   */
  readonly receiver?: boolean;
  readonly onProgress?: (progress: { readonly rows: number }) => void;
  readonly signal?: AbortSignal;
}

export interface Verification extends ValidationResult {
  readonly plan: Plan;
}

/**
 * Checks a tokenized file: every non-empty cell of a tokenized column is a token of that column,
 * generalized columns hold years or three digits, columns to be dropped are absent, and no cell of
 * another column as a whole is an SSN or an e-mail address.
 * @throws VaultError where the file is no well-formed CSV, and for a receiver `header-not-accepted`
 *   where a header hides columns; breaches are findings, not errors
 */
export async function verifyCsv(job: VerifyJob): Promise<Verification> {
  const { head, whole, chunks, cancel } = await peek(job.source, headLength);
  try {
    const inspection = inspectHead(head, whole, job);
    const keep = job.keep ?? [];
    const plan = planColumns(inspection.header, getProduct(job.product), {
      ...(job.acceptHeader === undefined ? {} : { acceptHeader: job.acceptHeader }),
      decisions: keep.map((select) => ({ select, action: 'keep' })),
    });
    if (job.receiver === true) assertNoHiddenColumn(plan);
    const rules = plan.columns.map(ruleOf);
    const validator = new Validator(
      job.receiver === true ? rules.map(ofCatalogueOnly) : rules,
      inspection.delimiter,
    );
    let rows = 0;
    for await (const segment of splitIntoSegments(
      transcoded(chunks, inspection),
      inspection.delimiter,
    )) {
      throwIfCancelled(job.signal);
      for (const run of segment.runs) {
        decodeUtf8(segment.bytes.subarray(run.start, run.end), run.firstLine);
      }
      validator.push(segment.bytes);
      if (segment.index > 0) rows += segment.records;
      job.onProgress?.({ rows });
    }
    return { ...validator.finish(), plan };
  } finally {
    await cancel();
  }
}

function ofCatalogueOnly(rule: ColumnRule): ColumnRule {
  return rule.kind === 'plain' ? { kind: 'exempt' } : rule;
}

/**
 * A reader that takes another delimiter would find columns inside this one, which nobody checked.
 * @throws VaultError `header-not-accepted`, rule `header-hidden`
 */
function assertNoHiddenColumn({ columns, product }: Plan): void {
  for (const { header, index } of columns) {
    for (const delimiter of delimiters) {
      const parts = header.split(delimiter);
      if (parts.length === 1 || !parts.some((part) => isIdentifier(part, product))) continue;
      throw new VaultError(
        'header-not-accepted',
        'a header holds a delimiter and the name of an identifier column: expected one column in each field',
        { line: 1, column: index + 1, rule: 'header-hidden' },
      );
    }
  }
}

function isIdentifier(header: string, product: Product): boolean {
  const found = classifyHeader(header, product);
  return found.kind === 'resolved' && found.column.source === 'catalogue';
}

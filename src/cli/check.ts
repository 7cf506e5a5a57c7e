import { describePlace, VaultError } from '../core/errors.ts';
import { shownHeader } from '../core/plan.ts';
import { type Verification, verifyCsv } from '../core/verify.ts';
import type { Input } from './input.ts';
import { dialectOf, type ReadingOptions } from './options.ts';
import type { ProgressBar } from './progress.ts';
import { countOf, say, uncheckedSuspects } from './say.ts';

export interface CheckOptions extends ReadingOptions {
  readonly product: string;
  /** Columns that were kept on purpose, by header or position. */
  readonly keep?: readonly string[];
}

/** Checks a tokenized file as the receiver does, to its end. Findings are data. */
export async function checkTokenized(
  input: Input,
  options: CheckOptions,
  bar: ProgressBar,
): Promise<Verification> {
  const verification = await verifyCsv({
    ...dialectOf(options),
    source: input.source,
    product: options.product,
    keep: options.keep ?? [],
    acceptHeader: options.acceptHeader ?? false,
    onProgress: (progress) => {
      bar.update(input.bytesRead(), progress.rows);
    },
  });
  bar.clear();
  return verification;
}

/** What a check found, as JSON: positions, rules and counts. */
export function checkAsJson(checked: Verification): string {
  const { plan, rows, counts } = checked;
  const { slug, version } = plan.product;
  const total = totalOf(checked);
  const findings = placed(checked);
  const result = {
    product: slug,
    schemaVersion: version,
    ok: total === 0,
    rows,
    total,
    counts,
    findings,
  };
  return `${JSON.stringify(result, null, 2)}\n`;
}

/** A line for each finding, where wanted, and for each column that cannot be checked. */
export function sayFindings(checked: Verification, name: string, each: boolean): void {
  if (each) {
    for (const { rule, ...place } of placed(checked)) {
      say(`${name}: ${describePlace(place)} [${rule}]`);
    }
  }
  for (const line of uncheckedSuspects(checked.plan)) say(`velora-vault: ${line}`);
}

/** @throws VaultError `output-check` where there is a finding */
export function assertNoFinding(checked: Verification, product: string): void {
  const total = totalOf(checked);
  if (total === 0) return;
  throw new VaultError(
    'output-check',
    `${countOf(total, 'finding')} in ${countOf(checked.rows, 'row')}: expected a file tokenized for ${product}`,
  );
}

function totalOf({ counts }: Verification): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function placed({
  findings,
  plan,
}: Verification): ((typeof findings)[number] & { readonly header?: string })[] {
  return findings.map((finding) => {
    const column = plan.columns[finding.column - 1];
    return { ...finding, ...(column === undefined ? {} : shownHeader(column, plan)) };
  });
}
